"""fuzz_files.py COUNT GRAPH FOLDER: broken .npy and .safetensors files.

Each is a sound file of the arguments of GRAPH (add.mlir) with its bytes cut,
changed, or its numbers replaced by extreme ones. moa-run must take it or say
one line and exit with 2; nothing else is right. What is wrong stays in FOLDER.
"""

import json
import pathlib
import random
import re
import struct
import subprocess
import sys

ONES = struct.pack("<6f", *[1.0] * 6)
EXTREME = [b"-1", b"0", b"1e3", b"2147483648", b"4294967296",
           b"9223372036854775807", b"9223372036854775808",
           b"18446744073709551616", b"1" + b"0" * 400, b"null", b"[]", b"{}",
           b'"', b"nan", b"\xff\xfe", b"\0"]


def sound_npy(version):
    header = b"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }"
    length = struct.pack("<H" if version == 1 else "<I", len(header))
    return b"\x93NUMPY" + bytes([version, 0]) + length, header, ONES


def sound_safetensors():
    entry = lambda begin: {"dtype": "F32", "shape": [2, 3],
                           "data_offsets": [begin, begin + 24]}
    header = json.dumps({"__metadata__": {"made": "here"}, "a": entry(0),
                         "b": entry(24)}).encode()
    return struct.pack("<Q", len(header)), header, ONES + ONES


def damage_header(rng, start, header, data):
    """A header with a piece replaced; its length is that of the new one."""
    kind = rng.choice(["number", "delete", "repeat", "insert"])
    pieces = [match.span() for match in
              re.finditer(rb"\d+|[A-Za-z_]+|[^A-Za-z_\d\s]", header)]
    if kind == "number":
        numbers = [match.span() for match in re.finditer(rb"\d+", header)]
        begin, end = rng.choice(numbers)
        new = rng.choice(EXTREME)
    else:
        begin, end = rng.choice(pieces)
        new = {"delete": b"", "repeat": header[begin:end] * rng.choice([2, 900]),
               "insert": header[begin:end] + rng.choice(EXTREME)}[kind]
    header = header[:begin] + new + header[end:]
    size = len(start) - 8 if start.startswith(b"\x93") else 8
    return start[:-size] + len(header).to_bytes(size, "little"), header, data


def damage(rng, start, header, data):
    kind = rng.choice(["header", "header", "cut", "byte", "length", "grow"])
    if kind == "header":
        return b"".join(damage_header(rng, start, header, data))
    file = bytearray(start + header + data)
    if kind == "cut":
        return bytes(file[:rng.randrange(len(file))])
    if kind == "grow":
        return bytes(file + b"\0" * rng.choice([1, 4, 24, 4096]))
    at = rng.randrange(len(start) if kind == "length"
                       else len(start) + len(header))
    file[at] = rng.choice([0, 1, 0x7f, 0x80, 0xff, rng.randrange(256)])
    return bytes(file)


def run(seed, graph, folder):
    """The text of what went wrong; empty if nothing did."""
    rng = random.Random(seed)
    npy = rng.random() < 0.5
    parts = sound_npy(rng.choice([1, 2, 3])) if npy else sound_safetensors()
    path = folder / f"{seed}{'.npy' if npy else '.safetensors'}"
    path.write_bytes(damage(rng, *parts))
    more = ["--input=b=2x3xf32=1"] if npy else []
    outcome = subprocess.run(
        ["moa-run", graph, f"--input=@{path}", *more], capture_output=True,
        timeout=120, check=False)
    lines = outcome.stderr.decode(errors="replace").splitlines()
    if outcome.returncode == 0 and not lines:
        return ""
    # A header may hold sound entries of other sizes, which a run-time check
    # refuses: exit status 1.
    if (outcome.returncode in (1, 2) and len(lines) == 1
            and lines[0].startswith("moa-run: error: ")):
        return ""
    return f"exit status {outcome.returncode}, {path}: {lines}"


def main():
    count, graph = int(sys.argv[1]), sys.argv[2]
    folder = pathlib.Path(sys.argv[3])
    right = 0
    for seed in range(count):
        problem = run(seed, graph, folder)
        right += not problem
        if problem:
            print(problem)
    print(f"{right} of {count} files are taken or refused in one line")
    sys.exit(right != count)


main()
