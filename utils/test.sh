#!/usr/bin/env bash
# Installs what is missing, builds, and runs every test. The last line is
# `N passed, N failed, N skipped`. usage: test.sh [FOLDER [CMAKE OPTION...]]
set -euo pipefail
cd "$(dirname "$0")/.."
./utils/install.sh
folder=${1:-build}
./utils/build.sh "$@"

lit=/usr/lib/llvm-22/bin/llvm-lit
[ -x "$lit" ] || lit=/usr/lib/llvm-22/bin/lit
report=$folder/test/report.json
rm -f "$report"
# The verdict is count.py's: lit itself fails when a test does.
"$lit" -sv --output "$report" "$folder/test" || true
python3 utils/count.py "$report"
