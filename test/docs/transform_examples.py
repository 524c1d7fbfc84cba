"""Makes a script of each example of a page of transform ops. usage:
transform_examples.py PAGE

Prints the scripts, split as moa-opt --split-input-file expects them. A value that
an example uses is an argument, of the type that the example says."""

import pathlib
import re
import sys

EXAMPLE = re.compile(r"^```mlir\n(.*?)^```$", re.DOTALL | re.MULTILINE)
SCRIPT = """module attributes {{transform.with_named_sequence}} {{
  transform.named_sequence @example({arguments}) {{
{body}    transform.yield
  }}
}}
"""


def make_script(body):
    op = body.partition(" = transform.")[2] or body
    names = re.findall(r"%\w+", op)
    operand_types = op[op.rindex(" : "):].partition("->")[0]
    types = re.findall(r"![\w.]+(?:<[^>]*>)?", operand_types)
    if len(names) != len(types):
        sys.exit(f"{len(names)} operands and {len(types)} types:\n{body}")
    arguments = ", ".join(f"{name}: {type}" for name, type in zip(names, types))
    return SCRIPT.format(arguments=arguments, body=body)


def main():
    page = pathlib.Path(sys.argv[1]).read_text(encoding="utf-8")
    print("// -----\n".join(map(make_script, EXAMPLE.findall(page))), end="")


main()
