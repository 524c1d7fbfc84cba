"""Run a module's function through kernels over tiles, on the CPU or on a GPU, and
compare with what the CPU path computes on the same random arguments.

usage: against_cpu.py MODULE FOLDER [--device=cuda] ARGUMENT...

ARGUMENT is NAME=SHAPExTYPE[:LOW:HIGH], as in w=6x48x16xf32 or i=66x2xi32:-1:5;
integers are uniform in LOW..HIGH, i1 without them true for 3 of 10, floats normal. Prints "agree" if all results
do.
"""

import array
import json
import pathlib
import random
import struct
import subprocess
import sys

DTYPES = {"f32": "F32", "f16": "F16", "bf16": "BF16", "i32": "I32", "i1": "BOOL"}


def make_values(rng, element, count, bounds):
    if element == "i32":
        return array.array("i", (rng.randint(*bounds) for _ in range(count)))
    if element == "i1":
        if bounds:
            return array.array("b", (rng.randint(*bounds) for _ in range(count)))
        return array.array("b", (rng.random() < 0.3 for _ in range(count)))
    numbers = [rng.gauss(0, 0.5) for _ in range(count)]
    if element == "f32":
        return array.array("f", numbers)
    if element == "f16":
        return struct.pack(f"<{count}e", *numbers)
    # bf16: the upper half of f32.
    return b"".join(struct.pack("<f", number)[2:] for number in numbers)


def main():
    module, folder, *arguments = sys.argv[1:]
    kernels = "--pipeline=moa-tile-cpu-pipeline"
    if arguments[0].startswith("--device"):
        kernels = arguments.pop(0)
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    rng = random.Random(module)
    header, data = {}, b""
    for argument in arguments:
        name, rest = argument.split("=")
        text, *bounds = rest.split(":")
        *shape, element = text.split("x")
        shape = [int(size) for size in shape]
        count = 1
        for size in shape:
            count *= size
        values = make_values(rng, element, count, [int(b) for b in bounds])
        values = bytes(values) if isinstance(values, bytes) else values.tobytes()
        header[name] = {"dtype": DTYPES[element], "shape": shape,
                        "data_offsets": [len(data), len(data) + len(values)]}
        data += values
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    inputs = folder / "inputs.safetensors"
    inputs.write_bytes(struct.pack("<Q", len(text)) + text + data)

    run = ["moa-run", module, f"--input=@{inputs}"]
    expected = folder / "expected.safetensors"
    subprocess.run([*run, f"--output=@{expected}"], check=True)
    result = subprocess.run(
        [*run, kernels, f"--expected_output=@{expected}"],
        capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(result.stdout + result.stderr)
    print("agree")


main()
