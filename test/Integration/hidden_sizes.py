"""Golden layers whose arguments' types have some of their sizes, and not others.

usage: hidden_sizes.py FOLDER CASE...

The sizes of each case's graph are hidden at random, the same in each run: first
all that may be dynamic, then shares of them, operand by operand. Each graph has
to compute the case's y, as kernels and as the reference.
"""

import pathlib
import random
import re
import subprocess
import sys

# The dimension of each argument that is the number of experts.
EXPERTS = {"router": {"in_out": 1, "out_in": 0}, "wq": 0, "wo": 0,
           "selection_bias": 0}


def run(*command, **options):
    return subprocess.run(command, check=True, capture_output=True, text=True,
                          **options).stdout


def hide(rng, kind, experts, share):
    *sizes, element = re.match(r"tensor<(.*)>", kind)[1].split("x")
    return "tensor<%s>" % "x".join(
        [size if dim == experts or rng.random() >= share else "?"
         for dim, size in enumerate(sizes)] + [element])


def hide_sizes(rng, case, share):
    """The graph of the case, with y as its only result."""
    graph = run("moa-opt", "--mlir-print-op-generic", "--mlir-print-local-scope",
                input=run("moa-import", case, "--static", "--results=y"))
    layout = re.search(r'"weight_layout": "(\w+)"',
                       (case / "config.json").read_text())[1]
    names = re.findall(r'moa\.name = "(\w+)"', graph)
    arguments = re.findall(r"(%\w+): (tensor<[^>]*>)",
                           re.search(r"\^bb0\((.*)\):", graph)[1])
    kinds = {}
    for (value, kind), name in zip(arguments, names):
        experts = EXPERTS.get(name)
        if isinstance(experts, dict):
            experts = experts[layout]
        kinds[value] = hide(rng, kind, experts, share)
    parameters = ", ".join(f'{value}: {kind} {{moa.name = "{name}"}}'
                           for (value, kind), name in zip(kinds.items(), names))
    constants = [line for line in graph.splitlines() if "arith.constant" in line]
    for line in constants:
        kinds[line.split("=")[0].strip()] = "index"
    operands, properties = re.search(
        r'"moa\.layer"\((.*?)\) <\{(.*)\}> : ', graph).groups()
    kind = ", ".join(kinds[operand] for operand in operands.split(", "))
    y = kinds[arguments[names.index("x")][0]]
    return "\n".join([
        f'func.func @layer({parameters}) -> ({y} {{moa.name = "y"}}) {{',
        *constants,
        f'%y = "moa.layer"({operands}) <{{{properties}}}> : ({kind}) -> {y}',
        f"return %y : {y}", "}"])


def main():
    folder, *cases = map(pathlib.Path, sys.argv[1:])
    rng, count = random.Random(1), 0
    for case in cases:
        for share, vectorize in ((1.0, "true"), (0.3, "true"), (0.6, "false")):
            graph = folder / f"{case.name}_{count}.mlir"
            graph.write_text(hide_sizes(rng, case, share))
            run("moa-run", graph, f"--input=@{case}/inputs.safetensors",
                f"--parameters={case}/weights.safetensors",
                f"--expected_output=@{case}/expected.safetensors",
                "--pipeline=builtin.module(moa-cpu-pipeline{vectorize="
                f"{vectorize}}})")
            count += 1
    print(f"{count} graphs compute what they should")


main()
