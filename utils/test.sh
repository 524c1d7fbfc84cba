#!/usr/bin/env bash
# Installs what is missing, builds, and runs every test. The last line is
# `N passed, N failed, N skipped`. usage: test.sh [FOLDER [CMAKE OPTION...]]
# MOA_TEST_MODE is a mode of the suite: see docs/Testing.md.
set -euo pipefail
cd "$(dirname "$0")/.."
./utils/install.sh
folder=${1:-build}
./utils/build.sh "$@"

# Where there is no GPU, the tests of the GPU path run on an emulator of the
# driver that may lie beside the checkout; without either they are skipped.
if ! "$folder/bin/moa-run" --list-devices | grep -q '^cuda [0-9]' &&
  [ -f ../shared/ptxsim/CMakeLists.txt ]; then
  emulator=$(realpath ../shared/ptxsim/build)
  if [ ! -f "$emulator/libcuda.so.1" ]; then
    emulator=$(realpath "$folder")/ptxsim
    { cmake -G Ninja -S ../shared/ptxsim -B "$emulator" \
      -DCMAKE_BUILD_TYPE=Release && cmake --build "$emulator"; } >/dev/null ||
      echo "test.sh: the emulator in ../shared/ptxsim cannot be built" >&2
  fi
  export LD_LIBRARY_PATH=$emulator${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
fi

lit=/usr/lib/llvm-22/bin/llvm-lit
[ -x "$lit" ] || lit=/usr/lib/llvm-22/bin/lit
report=$folder/test/report.json
rm -f "$report"
# The verdict is count.py's: lit itself fails when a test does.
"$lit" -sv --output "$report" "$folder/test" || true
python3 utils/count.py "$report"
