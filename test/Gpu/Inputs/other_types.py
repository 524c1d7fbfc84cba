"""A golden layer on the device in the float types that are not its own.

usage: other_types.py CASE FOLDER [PIPELINE OPTIONS...]

For each other type, the case's inputs and parameters are rounded to it. What
is expected comes from the CPU, which computes the layer in f32 on the rounded
values, as goldens are made; the device computes it in the type, once for each
set of options of moa-gpu-pipeline ("" is one). moa-run compares them with the
tolerances of the type. Where scores are so large that the CPU in the type is
not within them either, rounding of queries and keys moves whole rows: errors
are then measured against the largest value of y.
"""

import json
import pathlib
import struct
import subprocess
import sys

NAMES = {"float32": "F32", "float16": "F16", "bfloat16": "BF16"}
TOLERANCES = {"float32": 1e-4, "float16": 4e-3, "bfloat16": 2e-2}
# Of these the type does not depend on the layer's.
FIXED = {"lengths", "skip", "boolean_mask", "additive_mask", "selection_bias"}


def read_safetensors(path):
    data = path.read_bytes()
    size = struct.unpack_from("<Q", data)[0]
    header = json.loads(data[8:8 + size])
    header.pop("__metadata__", None)
    return {name: (entry["dtype"], entry["shape"],
                   data[8 + size:][slice(*entry["data_offsets"])])
            for name, entry in header.items()}


def write_safetensors(path, tensors):
    header, offset = {}, 0
    for name, (dtype, shape, data) in tensors.items():
        header[name] = {"dtype": dtype, "shape": shape,
                        "data_offsets": [offset, offset + len(data)]}
        offset += len(data)
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text +
                     b"".join(data for _, _, data in tensors.values()))


def decode(dtype, data):
    if dtype == "BF16":
        words = struct.unpack(f"<{len(data) // 2}H", data)
        data = struct.pack(f"<{len(words)}I", *(w << 16 for w in words))
    code, size = ("e", 2) if dtype == "F16" else ("f", 4)
    return struct.unpack(f"<{len(data) // size}{code}", data)


def encode(dtype, values):
    if dtype == "F16":
        return struct.pack(f"<{len(values)}e", *values)
    data = struct.pack(f"<{len(values)}f", *values)
    if dtype == "F32":
        return data
    # To the nearest, ties to even; goldens hold no NaN.
    words = struct.unpack(f"<{len(values)}I", data)
    return struct.pack(f"<{len(words)}H",
                       *((w + 0x7fff + (w >> 16 & 1)) >> 16 for w in words))


def write_case(case, folder, dtype):
    """The case in `dtype` in folder/narrow, the same values in folder/wide."""
    config = json.loads((case / "config.json").read_text())
    for name, kind in (("narrow", dtype), ("wide", "float32")):
        (folder / name).mkdir(parents=True, exist_ok=True)
        (folder / name / "config.json").write_text(
            json.dumps(config | {"dtype": kind}))
    for file in ("inputs.safetensors", "weights.safetensors"):
        narrow, wide = {}, {}
        for name, (kind, shape, data) in read_safetensors(case / file).items():
            if name in FIXED:
                narrow[name] = wide[name] = (kind, shape, data)
                continue
            data = encode(NAMES[dtype], decode(kind, data))
            narrow[name] = (NAMES[dtype], shape, data)
            data = encode("F32", decode(NAMES[dtype], data))
            wide[name] = ("F32", shape, data)
        write_safetensors(folder / "narrow" / file, narrow)
        write_safetensors(folder / "wide" / file, wide)


def run(folder, *arguments):
    graph = folder / "graph.mlir"
    subprocess.run(["moa-import", folder, "--results=all", "-o", graph],
                   check=True)
    return subprocess.run(
        ["moa-run", graph, f"--input=@{folder}/inputs.safetensors",
         f"--parameters={folder}/weights.safetensors", *arguments],
        text=True, check=False, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT)


def find_tolerance(folder, expected):
    """Options of moa-run: none where the CPU is right without any."""
    compare = f"--expected_output=@{expected}"
    if run(folder / "narrow", compare).returncode == 0:
        return []
    kind, _, data = read_safetensors(expected)["y"]
    dtype = json.loads((folder / "narrow" / "config.json").read_text())["dtype"]
    largest = max(map(abs, decode(kind, data)))
    return [f"--atol={TOLERANCES[dtype] * (1 + largest)}"]


def main():
    case, out = map(pathlib.Path, sys.argv[1:3])
    own = json.loads((case / "config.json").read_text())["dtype"]
    failed = False
    for dtype in NAMES:
        if dtype == own:
            continue
        write_case(case, out / dtype, dtype)
        expected = out / dtype / "expected.safetensors"
        oracle = run(out / dtype / "wide", f"--output=@{expected}")
        if oracle.returncode:
            sys.exit(oracle.stdout)
        tolerance = find_tolerance(out / dtype, expected)
        for options in sys.argv[3:] or [""]:
            result = run(
                out / dtype / "narrow", "--device=cuda",
                f"--pipeline=builtin.module(moa-gpu-pipeline{{{options}}})",
                f"--expected_output=@{expected}", *tolerance)
            right = result.returncode == 0 and "note:" not in result.stdout
            print(f"{dtype} {{{options}}}:", "OK" if right else result.stdout)
            failed |= not right
    sys.exit(failed)


if __name__ == "__main__":
    main()
