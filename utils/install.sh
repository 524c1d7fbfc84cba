#!/usr/bin/env bash
# Installs what building and testing need, from Debian's packages, and the PACKAGEs.
# Does nothing where everything is there already. usage: install.sh [PACKAGE...]
set -euo pipefail

packages=(cmake ninja-build ccache python3 clang-22 lld-22 clang-format-22
  llvm-22-dev llvm-22-tools libmlir-22-dev mlir-22-tools libomp-22-dev
  libclang-rt-22-dev "$@")

missing=()
for package in "${packages[@]}"; do
  status=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || true)
  case "$status" in
  *" installed") ;;
  *) missing+=("$package") ;;
  esac
done
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" != 0 ]; then
  command -v sudo >/dev/null || {
    echo "install.sh: needs root for: apt-get install ${missing[*]}" >&2
    exit 1
  }
  as_root=(sudo)
fi
echo "Installing ${missing[*]}"
"${as_root[@]}" apt-get update -q
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y \
  --no-install-recommends "${missing[@]}" || {
  echo "install.sh: apt-get could not install ${missing[*]}." \
    "On Debian 12, LLVM 22 is in the suite bookworm-security:" \
    "add it to the apt sources, or install LLVM and MLIR 22 otherwise." >&2
  exit 1
}
