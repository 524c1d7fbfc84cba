"""Makes functions of a page's examples of ops. usage: examples.py PAGE

Prints a part for each ```mlir block, split as moa-opt --split-input-file expects
them. A block of functions is one as it stands; what is else is the body of a
function, and a value that it uses without saying where it comes from is an argument.
The argument's type is the one that moa-opt says is wanted when it is given another."""

import pathlib
import re
import subprocess
import sys

EXAMPLE = re.compile(r"^```mlir\n(.*?)^```$", re.DOTALL | re.MULTILINE)
RESULTS = re.compile(r"^ *(%\w+(?:, *%\w+)*) = ", re.MULTILINE)
WANTED = re.compile(r"expects different type than prior uses: '([^\n]*)' vs 'none'"
                    r".*?:(\d+):\d+: note: prior use here", re.DOTALL)


def make_part(example):
    if "func.func" in example:
        return example
    defined = re.findall(r"%\w+", " ".join(RESULTS.findall(example)))
    used = dict.fromkeys(re.findall(r"%\w+", example))
    # One in a line, which is how moa-opt names it.
    arguments = ",\n".join(f"    {name}: none" for name in used if name not in defined)
    return f"func.func @example(\n{arguments}) {{\n{example}  return\n}}\n"


def main():
    page = pathlib.Path(sys.argv[1]).read_text(encoding="utf-8")
    text = "// -----\n".join(map(make_part, EXAMPLE.findall(page)))
    # moa-opt stops at the first use of each part that wants another type.
    while True:
        run = subprocess.run(["moa-opt", "--split-input-file"], input=text,
                             capture_output=True, text=True, check=False)
        wanted = WANTED.findall(run.stderr)
        if not wanted:
            break
        lines = text.splitlines(keepends=True)
        for type, line in wanted:
            lines[int(line) - 1] = lines[int(line) - 1].replace("none", type)
        text = "".join(lines)
    print(text, end="")


main()
