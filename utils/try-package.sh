#!/usr/bin/env bash
# Makes the Debian packages, installs them on this machine, tries what they
# install, and removes them. usage: try-package.sh [BUILD FOLDER]
set -euo pipefail
cd "$(dirname "$0")/.."
build=$(realpath "${1:-build}")
as_root=()
[ "$(id -u)" = 0 ] || as_root=(sudo)

scratch=$(mktemp -d)
cleanup() {
  "${as_root[@]}" apt-get purge -q -y moa-tools moa-dev >/dev/null
  rm -r "$scratch"
}
trap cleanup EXIT

cpack --config "$build/CPackConfig.cmake" -B "$scratch" >/dev/null
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
  apt-get install -q -y --no-install-recommends "$scratch"/*.deb >/dev/null

# By absolute path: the build folder's tools are not what is tried.
layer=examples/layer
/usr/bin/moa-import "$layer" -o "$scratch/layer.mlir"
/usr/bin/moa-run "$scratch/layer.mlir" \
  --input=@$layer/inputs.safetensors \
  --parameters=$layer/weights.safetensors \
  --expected_output=@$layer/expected.safetensors
/usr/bin/moa-opt "$scratch/layer.mlir" --moa-cpu-pipeline -o "$scratch/own.mlir"
mlir-opt-22 --load-dialect-plugin=/usr/lib/moa-plugin.so \
  --load-pass-plugin=/usr/lib/moa-plugin.so "$scratch/layer.mlir" \
  --pass-pipeline='builtin.module(moa-cpu-pipeline)' -o "$scratch/stock.mlir"
cmp "$scratch/own.mlir" "$scratch/stock.mlir"
/usr/bin/moa-translate --moa-to-ptx "$scratch/layer.mlir" |
  grep '\.entry' >/dev/null
printf '#!/bin/sh\n! grep -q moa.layer "$1"\n' >"$scratch/interesting.sh"
chmod +x "$scratch/interesting.sh"
/usr/bin/moa-reduce "$scratch/layer.mlir" -o "$scratch/small.mlir" \
  --moa-reduction="test=$scratch/interesting.sh"
grep -q 'top_k(1)' "$scratch/small.mlir"
python3 test/tools/moa-lsp-server/Inputs/exchange.py /usr/bin/moa-lsp-server \
  "$scratch/small.mlir" | grep -x 'exit 0' >/dev/null
cmake -G Ninja -S examples/standalone -B "$scratch/standalone" \
  -DCMAKE_C_COMPILER=clang-22 -DCMAKE_CXX_COMPILER=clang++-22 >/dev/null
cmake --build "$scratch/standalone" >/dev/null
"$scratch/standalone/standalone-opt" "$scratch/layer.mlir" \
  --standalone-pipeline -o /dev/null
echo "packages: installed, tried, removed"
