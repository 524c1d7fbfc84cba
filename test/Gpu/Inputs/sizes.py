"""Layers of many numbers of rows on the device, against the CPU.

usage: sizes.py FOLDER EXPERTS CHOICE ROWS:TYPE...

Each ROWS is a number of tokens, that is, of the rows of every kernel of a layer.
Where CHOICE is "one", a selection bias sends all of them to the same expert, so
that its group has as many rows and all others are empty; "spread" leaves them to
the router. Each layer runs with dynamic sizes, and with the static ones, from
which other row tiles follow; each run takes another seed of the emulator.
"""

import json
import os
import pathlib
import random
import struct
import subprocess
import sys

NAMES = {"float32": "F32", "float16": "F16", "bfloat16": "BF16"}
WIDTH, HEADS, HEAD_WIDTH = 40, 2, 24


def encode(dtype, values):
    if dtype == "float16":
        return struct.pack(f"<{len(values)}e", *values)
    data = struct.pack(f"<{len(values)}f", *values)
    if dtype == "float32":
        return data
    return b"".join(data[i + 2:i + 4] for i in range(0, len(data), 4))


def write_tensors(path, tensors):
    header, data = {}, b""
    for name, (dtype, shape, values) in tensors.items():
        coded = encode(dtype, values)
        header[name] = {"dtype": NAMES[dtype], "shape": shape,
                        "data_offsets": [len(data), len(data) + len(coded)]}
        data += coded
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def write_layer(folder, experts, one, rows, dtype):
    rng = random.Random(rows)
    folder.mkdir(parents=True, exist_ok=True)
    top_k = 1 if one else 2
    (folder / "config.json").write_text(json.dumps({
        "model_type": "moa_layer", "dtype": dtype, "d_model": WIDTH,
        "num_experts": experts, "top_k": top_k, "heads_per_expert": HEADS,
        "head_dim": HEAD_WIDTH, "num_kv_heads": 1, "head_map": "tile",
        "gate": {"activation": "softmax", "order": "activation_then_topk",
                 "normalize": not one, "detach_divisor": True, "scale": 1.0},
        "selection_bias": one, "skip_tokens": False, "cross_attention": False,
        "cache": False,
        "mask": {"causal": True, "query_offset": 0, "window": None,
                 "lengths": False, "boolean": False, "additive": None},
        "score": "softmax", "attention_scale": None,
        "rotary": {"theta": 100.0, "dim": 16}, "output_bias": True,
        "weight_layout": "in_out", "losses": ["balance", "z", "mutual"], "batch": 1,
        "query_length": rows, "key_length": rows}))

    def draw(*shape, scale=1.0, dtype=dtype):
        count = 1
        for size in shape:
            count *= size
        return dtype, shape, [rng.gauss(0, scale) for _ in range(count)]

    inner = HEADS * HEAD_WIDTH
    weights = {"router": draw(WIDTH, experts, scale=2 * WIDTH**-0.5),
               "wq": draw(experts, WIDTH, inner, scale=WIDTH**-0.5),
               "wk": draw(WIDTH, HEAD_WIDTH, scale=WIDTH**-0.5),
               "wv": draw(WIDTH, HEAD_WIDTH, scale=WIDTH**-0.5),
               "wo": draw(experts, inner, WIDTH, scale=inner**-0.5),
               "bias": draw(WIDTH)}
    if one:
        chosen = rows % experts
        weights["selection_bias"] = ("float32", [experts], [
            10.0 if expert == chosen else 0.0 for expert in range(experts)])
    write_tensors(folder / "inputs.safetensors", {"x": draw(1, rows, WIDTH)})
    write_tensors(folder / "weights.safetensors", weights)


def run(*command, seed=0):
    result = subprocess.run(
        [str(part) for part in command], text=True, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        env={**os.environ, "PTXSIM_SEED": str(seed)})
    if result.returncode:
        sys.exit(f"{' '.join(map(str, command))}\n{result.stdout}")


def main():
    out, experts, choice, *cases = sys.argv[1:]
    for case in cases:
        rows, dtype = case.split(":")
        folder = pathlib.Path(out) / case.replace(":", "_")
        write_layer(folder, int(experts), choice == "one", int(rows), dtype)
        files = [f"--input=@{folder}/inputs.safetensors",
                 f"--parameters={folder}/weights.safetensors"]
        expected = folder / "expected.safetensors"
        for number, static in enumerate(([], ["--static"])):
            graph = folder / f"graph{number}.mlir"
            run("moa-import", folder, "--results=all", *static, "-o", graph)
            if not expected.exists():
                run("moa-run", graph, *files, f"--output=@{expected}")
            run("moa-run", graph, "--device=cuda", *files,
                f"--expected_output=@{expected}", seed=int(rows) + number)
        print(case, "OK")


main()
