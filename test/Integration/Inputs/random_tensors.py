"""Random tensors as a safetensors file.

usage: random_tensors.py FILE NAME=SIZExSIZE..xTYPE...

f32 is normal, i32 from 0 to 9 times the first size, i1 true for two in three.
"""

import array
import json
import math
import random
import struct
import sys


def draw(rng, kind, count, first):
    if kind == "f32":
        return array.array("f", (rng.gauss(0, 1) for _ in range(count)))
    if kind == "i32":
        return array.array("i", (rng.randint(0, 9 * first)
                                 for _ in range(count)))
    return array.array("b", (rng.random() < 0.67 for _ in range(count)))


def main():
    rng = random.Random(0)
    header, data = {}, b""
    for argument in sys.argv[2:]:
        name, sizes = argument.split("=")
        *shape, kind = sizes.split("x")
        shape = [int(size) for size in shape]
        values = draw(rng, kind, math.prod(shape), shape[0]).tobytes()
        header[name] = {"dtype": {"f32": "F32", "i32": "I32", "i1": "BOOL"}[kind],
                        "shape": shape,
                        "data_offsets": [len(data), len(data) + len(values)]}
        data += values
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(sys.argv[1], "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


main()
