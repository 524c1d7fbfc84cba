#!/usr/bin/env bash
# Builds the tools, then takes a layer from its configuration to a compared
# result, one command at a time.
set -euo pipefail
cd "$(dirname "$0")/.."

# show EXPLANATION COMMAND...: print both, then run the command.
show() {
  printf '\n# %s\n$ %s\n' "$1" "${*:2}"
  "${@:2}"
}

show "Install what is missing: LLVM and MLIR 22, clang, lld, cmake, ninja." \
  ./utils/install.sh
show "Build the tools into build/bin: some minutes the first time." \
  ./utils/build.sh
export PATH=$PWD/build/bin:$PATH
layer=examples/layer
out=build/quickstart
mkdir -p "$out"

show "A layer is a folder: config.json says what it is, weights lie beside it." \
  cat "$layer/config.json"
show "Import it: the layer becomes one op, its inputs and weights arguments. With
# --results=all the routing and the log-sum-exp are results, beside y." \
  moa-import "$layer" --results=all -o "$out/layer.mlir"
show "The graph." \
  cat "$out/layer.mlir"
show "The primitives that the layer consists of." \
  moa-opt --moa-decompose --canonicalize --cse "$out/layer.mlir"
show "Lower it to the LLVM dialect; nothing of moa is left." \
  moa-opt --moa-cpu-pipeline "$out/layer.mlir" -o "$out/lowered.mlir"
show "How long the lowered form is." \
  wc -l "$out/lowered.mlir"
show "Compile the graph, run it in process and compare with expected values." \
  moa-run "$out/layer.mlir" \
  --input=@$layer/inputs.safetensors \
  --parameters=$layer/weights.safetensors \
  --expected_output=@$layer/expected.safetensors
show "The lowered form runs as it is: no pipeline is left to apply." \
  moa-run "$out/lowered.mlir" --pipeline= \
  --input=@$layer/inputs.safetensors \
  --parameters=$layer/weights.safetensors \
  --expected_output=@$layer/expected.safetensors
