"""The error of the exponential that attention in tiles uses.

usage: exponential.py FOLDER

Queries x see a key of score 0 and one of score x, whose values are 0 and 1: the
result is exp(x) / (1 + exp(x)), which below -17.4 is exp(x) itself, without
another rounding. The sweep takes every remainder of the reduction there.
"""

import array
import math
import pathlib
import struct
import subprocess
import sys

COUNT = 100000
LOWEST, HIGHEST = -87.33, -17.4
MODULE = f"""
func.func @f(%x: tensor<1x{COUNT}x1x1xf32>, %k: tensor<1x2x1x1xf32>,
             %v: tensor<1x2x1x1xf32>) -> tensor<1x{COUNT}x1x1xf32> {{
  %init = tensor.empty() : tensor<1x{COUNT}x1x1xf32>
  %o = moa.attention %x, %k, %v scale(1.0) into(%init)
      : (tensor<1x{COUNT}x1x1xf32>, tensor<1x2x1x1xf32>, tensor<1x2x1x1xf32>,
         tensor<1x{COUNT}x1x1xf32>) -> tensor<1x{COUNT}x1x1xf32>
  return %o : tensor<1x{COUNT}x1x1xf32>
}}
"""
PIPELINE = "moa-cpu-pipeline"


def write_npy(path, values):
    header = (f"{{'descr': '<f4', 'fortran_order': False, "
              f"'shape': (1, {len(values)}, 1, 1), }}")
    header += " " * (-(len(header) + 11) % 64) + "\n"
    path.write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header))
                     + header.encode() + values.tobytes())


def read_npy(path):
    data = path.read_bytes()
    start = 10 + struct.unpack("<H", data[8:10])[0]
    return array.array("f", data[start:])


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    step = (HIGHEST - LOWEST) / COUNT
    points = array.array("f", (LOWEST + i * step for i in range(COUNT)))
    write_npy(folder / "x.npy", points)
    (folder / "f.mlir").write_text(MODULE)
    subprocess.run(
        ["moa-run", str(folder / "f.mlir"), f"--pipeline={PIPELINE}",
         f"--input=@{folder}/x.npy", "--input=1x2x1x1xf32=0 1",
         "--input=1x2x1x1xf32=0 1", f"--output=@{folder}/o.npy"], check=True)
    worst, where = 0.0, 0.0
    for x, got in zip(points, read_npy(folder / "o.npy")):
        want = math.exp(x)
        ulp = 2.0 ** (math.frexp(want)[1] - 24)
        if x >= LOWEST and not abs(got - want) <= worst * ulp:
            worst, where = abs(got - want) / ulp, x
    print(f"at most {worst:.2f} units in the last place, at {where}")
    sys.exit(not worst <= 2)


main()
