#!/usr/bin/env bash
# Makes a site of README.md and docs/. usage: site.sh [FOLDER | --install]
# FOLDER is build/site unless given. A link that leads nowhere, to a page, a part of
# one or a file, is an error. The generator is mkdocs: the one on PATH or, where
# there is none, one that is installed from PyPI into build/site-tools. --install
# does this and no more.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p build
site=$(realpath -m -- "${1:-build/site}")

if ! command -v mkdocs >/dev/null; then
  PATH=$PWD/build/site-tools/bin:$PATH
fi
if ! command -v mkdocs >/dev/null; then
  python3 -m venv build/site-tools
  build/site-tools/bin/pip install -q mkdocs==1.6.1
fi

[ "${1:-}" != --install ] || exit 0

scratch=$(mktemp -d)
trap 'rm -r "$scratch"' EXIT
python3 utils/site-sources.py "$scratch/pages"
cp utils/mkdocs.yml "$scratch"
mkdocs build --strict -f "$scratch/mkdocs.yml" -d "$site" >"$scratch/log" 2>&1 || {
  grep -v '^INFO' "$scratch/log" >&2
  exit 1
}
echo "$site/index.html"
