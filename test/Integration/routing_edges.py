"""Runs every table of a routing_edges.json through moa.route and moa.dispatch.

usage: routing_edges.py FILE

Prints each table whose outputs are not the expected ones, with what moa-run
says of it, and then how many agree.
"""

import json
import subprocess
import sys


def literal(rows, element):
    """A vector or matrix as moa-run reads it: 2x3xf32=[1,2,3],[4,5,6]."""
    if isinstance(rows[0], list):
        text = ",".join("[" + ",".join(map(str, row)) + "]" for row in rows)
        return f"{len(rows)}x{len(rows[0])}x{element}={text}"
    return f"{len(rows)}x{element}=" + ",".join(map(str, rows))


def module(table):
    """A function from logits, and a bias if there is one, to the routing."""
    gate, k = table["gate"], table["top_k"]
    experts = len(table["logits"][0])
    flags = [f"{name} = true" for name in ("normalize", "detach_divisor")
             if gate[name]]
    fields = [f"activation = {gate['activation']}", f"order = {gate['order']}",
              *flags, f"scale = {gate['scale']} : f64"]
    arguments, bias, types = "%l: tensor<?x{E}xf32>", "", "tensor<?x{E}xf32>"
    if table["selection_bias"]:
        arguments += ", %b: tensor<{E}xf32>"
        bias, types = "selection_bias(%b)", types + ", tensor<{E}xf32>"
    results = "tensor<?x{k}xi32>, tensor<?x{k}xf32>"
    sorted_types = f"tensor<{experts + 1}xi32>, tensor<?xi32>"
    text = f"""
func.func @route({arguments}) -> ({results}, {sorted_types}) {{{{
  %i, %g = moa.route %l {bias} top_k({k}) gate(<{", ".join(fields)}>)
      : ({types}) -> ({results})
  %o, %p = moa.dispatch %i experts({experts})
      : (tensor<?x{k}xi32>) -> ({sorted_types})
  return %i, %g, %o, %p : {results}, {sorted_types}
}}}}
"""
    return text.format(E=experts, k=k)


def run(table):
    inputs = [literal(table["logits"], "f32")]
    if table["selection_bias"]:
        inputs.append(literal(table["selection_bias"], "f32"))
    expected = [literal(table["indices"], "i32"), literal(table["gates"], "f32"),
                literal(table["offsets"], "i32"),
                literal(table["permutation"], "i32")]
    return subprocess.run(
        ["moa-run", "-", *(f"--input={text}" for text in inputs),
         *(f"--expected_output={text}" for text in expected)],
        input=module(table), capture_output=True, text=True, check=False)


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        tables = json.load(file)
    agree = 0
    for table in tables:
        outcome = run(table)
        agree += outcome.returncode == 0
        if outcome.returncode:
            print(f"{table['name']}: status {outcome.returncode}\n"
                  f"{module(table)}{outcome.stdout}{outcome.stderr}")
    print(f"{agree} of {len(tables)} tables agree")
    sys.exit(agree != len(tables))


main()
