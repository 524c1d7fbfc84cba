#!/usr/bin/env bash
# Configures and builds. usage: build.sh [FOLDER [CMAKE OPTION...]]
# FOLDER is build/ unless given; the tools are in FOLDER/bin.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=${1:-build}
[ $# -eq 0 ] || shift
cmake -G Ninja -S . -B "$folder" -DCMAKE_BUILD_TYPE=Release \
  -DCMAKE_C_COMPILER=clang-22 -DCMAKE_CXX_COMPILER=clang++-22 "$@" >/dev/null
cmake --build "$folder"
