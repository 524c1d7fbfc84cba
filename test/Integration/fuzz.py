"""Random layers against their dense formulation, in one module each.

usage: fuzz.py FIRST COUNT FOLDER [PASSES]

Seeds FIRST to FIRST + COUNT - 1. Each makes a config, lets moa-import make
@layer of it, adds @dense, and a function that returns the largest difference of
their outputs; moa-run compares that with 0. moa-opt runs PASSES, quoted as
in a shell, before. What fails stays in FOLDER.
"""

import array
import json
import pathlib
import random
import shlex
import struct
import subprocess
import sys

from dense_layer import dense_function


def draw_config(rng):
    flag = lambda share=0.5: rng.random() < share
    heads = rng.choice([1, 1, 2, 4])
    experts = rng.randint(1, 6)
    cross = flag(0.25)
    cache = not cross and flag(0.3)
    offset = rng.randint(1, 9) if cache else 0
    length = rng.choice([1, 2, 5, 9])
    keys = rng.randint(1, 8) if cross else length + offset
    width = rng.choice([4, 6, 8])
    return {
        "model_type": "moa_layer", "dtype": "float32",
        "d_model": rng.choice([5, 8, 16]), "num_experts": experts,
        "top_k": rng.randint(1, experts), "heads_per_expert": heads,
        "head_dim": width,
        "num_kv_heads": rng.choice([n for n in (1, 2, 4) if heads % n == 0]),
        "head_map": rng.choice(["tile", "group"]),
        "gate": {
            "activation": rng.choice(["softmax", "sigmoid"]),
            "order": rng.choice(["activation_then_topk",
                                 "topk_then_activation"]),
            "normalize": flag(), "detach_divisor": flag(),
            "scale": rng.choice([1.0, 2.5])},
        "selection_bias": flag(0.3), "skip_tokens": flag(0.3),
        "cross_attention": cross, "cache": cache,
        "mask": {
            "causal": flag(), "query_offset": offset,
            "window": rng.randint(1, 6) if flag(0.3) else None,
            "lengths": flag(0.3), "boolean": flag(0.3),
            "additive": rng.choice([None, None, "shared", "batched"])},
        "score": rng.choice(["softmax", "softmax", "stick_breaking"]),
        "attention_scale": 0.7 if flag(0.2) else None,
        "rotary": ({"theta": 100.0, "dim": rng.choice([2, 4])}
                   if flag(0.4) else None),
        "output_bias": flag(), "weight_layout": rng.choice(["in_out", "out_in"]),
        "losses": [], "batch": rng.choice([1, 2]), "query_length": length,
        "key_length": keys,
    }


def list_arguments(config):
    """(name, shape, element) in the order of moa-import's arguments."""
    B, T, S, D = (config[n] for n in
                  ("batch", "query_length", "key_length", "d_model"))
    E, G, d = (config[n] for n in ("num_experts", "num_kv_heads", "head_dim"))
    mask, width = config["mask"], config["heads_per_expert"] * d

    def weight(*shape):
        swap = config["weight_layout"] == "out_in"
        return [*shape[:-2], shape[-1], shape[-2]] if swap else list(shape)

    cache = [B, mask["query_offset"], G, d]
    rows = 1 if mask["additive"] == "shared" else B
    candidates = [
        ("x", [B, T, D], "f32", True),
        ("memory", [B, S, D], "f32", config["cross_attention"]),
        ("skip", [B, T], "i1", config["skip_tokens"]),
        ("k_cache", cache, "f32", config["cache"]),
        ("v_cache", cache, "f32", config["cache"]),
        ("lengths", [B], "i32", mask["lengths"]),
        ("boolean_mask", [B, T, S], "i1", mask["boolean"]),
        ("additive_mask", [rows, T, S], "f32", mask["additive"]),
        ("router", weight(D, E), "f32", True),
        ("wq", weight(E, D, width), "f32", True),
        ("wk", weight(D, G * d), "f32", True),
        ("wv", weight(D, G * d), "f32", True),
        ("wo", weight(E, width, D), "f32", True),
        ("bias", [D], "f32", config["output_bias"]),
        ("selection_bias", [E], "f32", config["selection_bias"]),
    ]
    return [candidate[:3] for candidate in candidates if candidate[3]]


def draw_tensors(rng, config, arguments, path):
    """Random tensors, as a safetensors file."""
    header, data = {}, b""
    for name, shape, element in arguments:
        count = 1
        for size in shape:
            count *= size
        if element == "f32":
            values = array.array("f", (rng.gauss(0, 0.7) for _ in range(count)))
        elif element == "i32":
            values = array.array("i", (rng.randint(0, config["key_length"])
                                       for _ in range(count)))
        else:
            values = array.array("b", (rng.random() < 0.4
                                       for _ in range(count)))
        header[name] = {
            "dtype": {"f32": "F32", "i32": "I32", "i1": "BOOL"}[element],
            "shape": shape,
            "data_offsets": [len(data), len(data) + len(values.tobytes())]}
        data += values.tobytes()
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def compare_function(config, arguments, layer_types):
    """@compare: the largest |layer - dense| / (1 + |dense|)."""
    y = "x".join(str(config[n]) for n in ("batch", "query_length", "d_model"))
    types = [f"tensor<{'x'.join(map(str, shape))}x{element}>"
             for _, shape, element in arguments]
    names = [name for name, _, _ in arguments]
    parameters = ", ".join(
        f'%{name}: {kind} {{moa.name = "{name}"}}'
        for name, kind in zip(names, types))
    casts = "\n".join(
        f"%c_{name} = tensor.cast %{name} : {kind} to {other}"
        for name, kind, other in zip(names, types, layer_types))
    dynamic_y = layer_types[0]
    values = ", ".join(f"%{name}" for name in names)
    cast_values = ", ".join(f"%c_{name}" for name in names)
    return f"""
func.func @compare({parameters}) -> tensor<f32> {{
{casts}
%open = func.call @layer({cast_values})
    : ({', '.join(layer_types)}) -> {dynamic_y}
%got = tensor.cast %open : {dynamic_y} to tensor<{y}xf32>
%want = func.call @dense({values}) : ({', '.join(types)}) -> tensor<{y}xf32>
%zero = arith.constant 0.0 : f32
%empty = tensor.empty() : tensor<f32>
%init = linalg.fill ins(%zero : f32) outs(%empty : tensor<f32>) -> tensor<f32>
%largest = linalg.generic {{
    indexing_maps = [affine_map<(b, t, c) -> (b, t, c)>,
                     affine_map<(b, t, c) -> (b, t, c)>,
                     affine_map<(b, t, c) -> ()>],
    iterator_types = ["reduction", "reduction", "reduction"]}}
    ins(%got, %want : tensor<{y}xf32>, tensor<{y}xf32>)
    outs(%init : tensor<f32>) {{
^bb0(%g: f32, %w: f32, %most: f32):
  %one = arith.constant 1.0 : f32
  %difference = arith.subf %g, %w : f32
  %size = math.absf %difference : f32
  %magnitude = math.absf %w : f32
  %bound = arith.addf %magnitude, %one : f32
  %error = arith.divf %size, %bound : f32
  %more = arith.maximumf %most, %error : f32
  linalg.yield %more : f32
}} -> tensor<f32>
return %largest : tensor<f32>
}}
"""


def run(seed, folder, passes):
    """The text of what went wrong; empty if nothing did."""
    rng = random.Random(seed)
    config = draw_config(rng)
    arguments = list_arguments(config)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config, indent=1))
    draw_tensors(rng, config, arguments, folder / "inputs.safetensors")
    sizes = ["--static"] if rng.random() < 0.5 else []
    imported = subprocess.run(
        ["moa-import", str(folder), "--results=y", *sizes],
        capture_output=True, text=True, check=False)
    if imported.returncode:
        return imported.stderr
    # "func.func @layer(%x: TYPE {...}, ...) -> (": one argument each.
    header = imported.stdout.split("func.func @layer(")[1].split(") -> (")[0]
    types = [piece.split(" {moa.name")[0]
             for piece in header.split(": tensor")[1:]]
    layer = imported.stdout.rstrip().removesuffix("}")
    module = (layer + dense_function(config, arguments, config["key_length"])
              + compare_function(config, arguments,
                                 ["tensor" + piece for piece in types]) + "}\n")
    (folder / "graph.mlir").write_text(module)
    graph = folder / "graph.mlir"
    if passes:
        rewritten = folder / "rewritten.mlir"
        outcome = subprocess.run(
            ["moa-opt", str(graph), *passes, "-o", str(rewritten)],
            capture_output=True, text=True, check=False)
        if outcome.returncode:
            return outcome.stderr
        graph = rewritten
    outcome = subprocess.run(
        ["moa-run", str(graph), "--function=compare",
         f"--input=@{folder}/inputs.safetensors", "--expected_output=f32=0",
         "--atol=1e-4", "--rtol=0"],
        capture_output=True, text=True, check=False)
    return outcome.stdout + outcome.stderr if outcome.returncode else ""


def main():
    first, count, folder = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    passes = shlex.split(sys.argv[4]) if len(sys.argv) > 4 else []
    agree = 0
    for seed in range(first, first + count):
        problem = run(seed, pathlib.Path(folder) / str(seed), passes)
        agree += not problem
        if problem:
            print(f"seed {seed}:\n{problem}")
    print(f"{agree} of {count} layers agree")
    sys.exit(agree != count)


main()
