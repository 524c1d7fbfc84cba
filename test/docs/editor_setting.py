"""Checks the server that settings of Visual Studio Code name. usage:
editor_setting.py SETTINGS PREFIX

The extension opens the file of that name and never searches PATH: the name has to
be an absolute path, of a program that exists once PREFIX, where tools are, stands
in place of /usr/local, where the page has them installed."""

import json
import os
import pathlib
import sys

INSTALLED = pathlib.PurePosixPath("/usr/local")


def main():
    settings, prefix = map(pathlib.Path, sys.argv[1:])
    named = json.loads(settings.read_text(encoding="utf-8"))["mlir.server_path"]
    path = pathlib.PurePosixPath(named)
    if not path.is_relative_to(INSTALLED):
        sys.exit(f"'{named}' is not below {INSTALLED}")
    server = prefix / path.relative_to(INSTALLED)
    if not (server.is_file() and os.access(server, os.X_OK)):
        sys.exit(f"'{named}': {server} is no program")
    print(f"{named} is a program")


main()
