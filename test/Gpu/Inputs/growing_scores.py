"""Writes queries, keys and values whose scores grow along the keys, and what
causal attention makes of them: inputs.safetensors and expected.safetensors.

usage: growing_scores.py FOLDER F16|F32
"""

import json
import math
import pathlib
import random
import struct
import sys

TOKENS, HEADS, WIDTH = 100, 2, 16
SHAPE = [1, TOKENS, HEADS, WIDTH]
# How much scores grow within 32 keys, in each head: by less, and by more, than
# what sums are scaled down for.
GROWTH = (2, 14)


def write(path, tensors, element):
    code = {"F16": "e", "F32": "f"}[element]
    header, data = {}, b""
    for name, values in tensors.items():
        start = len(data)
        data += struct.pack(f"<{len(values)}{code}", *values)
        header[name] = {"dtype": element, "shape": SHAPE,
                        "data_offsets": [start, len(data)]}
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def draw(rng):
    """A tensor as rows [token][head], of numbers that f16 has."""
    def number():
        return struct.unpack("<e", struct.pack("<e", rng.gauss(0, 1)))[0]
    return [[[number() for _ in range(WIDTH)] for _ in range(HEADS)]
            for _ in range(TOKENS)]


def attend(q, k, v):
    rows = [[None] * HEADS for _ in range(TOKENS)]
    for t in range(TOKENS):
        for h in range(HEADS):
            scores = [sum(a * b for a, b in zip(q[t][h], k[s][h])) /
                      math.sqrt(WIDTH) for s in range(t + 1)]
            most = max(scores)
            weights = [math.exp(score - most) for score in scores]
            total = sum(weights)
            rows[t][h] = [sum(w * v[s][h][c] for s, w in enumerate(weights)) /
                          total for c in range(WIDTH)]
    return rows


def flatten(rows):
    return [x for heads in rows for row in heads for x in row]


def main():
    folder, element = pathlib.Path(sys.argv[1]), sys.argv[2]
    folder.mkdir(parents=True, exist_ok=True)
    rng = random.Random(7)
    q, k, v = (draw(rng) for _ in range(3))
    for t in range(TOKENS):
        for h, growth in enumerate(GROWTH):
            q[t][h][0] = 4.0
            # A multiple of 1/8 is a number of f16.
            k[t][h][0] = round(8 * t / 32 * growth) / 8
    write(folder / "inputs.safetensors",
          {"q": flatten(q), "k": flatten(k), "v": flatten(v)}, element)
    write(folder / "expected.safetensors", {"o": flatten(attend(q, k, v))},
          element)


main()
