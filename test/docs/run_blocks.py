"""Runs a page's commands. usage: run_blocks.py PAGE FOLDER

A fenced block whose first line is "```LANGUAGE NAME" is written to FOLDER/NAME.
A "```sh" block runs there with bash; it must succeed, and a "```text" block
right behind it is what it prints on standard output."""

import pathlib
import re
import subprocess
import sys

BLOCK = re.compile(r"^```(\S+)(?: (\S+))?\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def main():
    page, folder = map(pathlib.Path, sys.argv[1:])
    folder.mkdir(parents=True, exist_ok=True)
    commands = compared = 0
    printed = None
    for language, name, body in BLOCK.findall(page.read_text(encoding="utf-8")):
        if name:
            (folder / name).write_text(body, encoding="utf-8")
        elif language == "sh":
            done = subprocess.run(["bash", "-euo", "pipefail", "-c", body],
                                  cwd=folder, text=True, capture_output=True,
                                  check=False)
            if done.returncode:
                sys.exit(f"{page.name}: failed with {done.returncode}:\n{body}"
                         f"{done.stdout}{done.stderr}")
            printed = done.stdout
            commands += 1
            continue
        elif language == "text":
            if body != printed:
                sys.exit(f"{page.name}: the page says\n{body}"
                         f"the command before it prints\n{printed}")
            compared += 1
        printed = None
    print(f"{commands} command blocks ran, {compared} outputs compared")


main()
