"""Lists what PLUGIN defines although LIBRARY... do: code of theirs that was
linked into it. usage: embedded.py PLUGIN LIBRARY...

Inline functions and templates, which every user of a header has a copy of, are
weak and do not count."""

import subprocess
import sys


def defined(path):
    """The names of the strong symbols that `path` defines for others."""
    out = subprocess.run(["llvm-nm", "-D", "--defined-only", path], text=True,
                         check=True, capture_output=True).stdout
    rows = (line.split() for line in out.splitlines())
    return {name.split("@")[0] for _, kind, name in rows if kind in "TDBR"}


def main():
    own = defined(sys.argv[1])
    theirs = set().union(*map(defined, sys.argv[2:]))
    common = sorted(own & theirs)
    for name in common:
        print("embedded:", name)
    print(f"{len(own)} symbols, {len(common)} embedded")


main()
