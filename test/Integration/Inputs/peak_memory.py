"""The most memory that a layer's buffers take at a time, on the CPU.

usage: peak_memory.py SHAPES.json FOLDER

For each shape, as benchmarks/cpu has them, follows what the layer allocates and
frees for itself: without arguments, results, and what threads compute with. That
is at most 1.5 times the results of the query and the output projection of all
slots, and the routing. Where attention has so few tasks that keys are split, each
range of keys has sums of its own besides.
"""

import json
import math
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[3] / "benchmarks" / "cpu"))
from configs import make_config  # pylint: disable=wrong-import-position

BYTES = {"f32": 4, "i32": 4, "i64": 8, "i8": 1}
# What attention does by: tasks before keys are split, the keys of a range, the
# rows of a key head that are few, and of a task where they are not.
TASKS, RANGE_KEYS, FEW_ROWS, TASK_ROWS = 16, 128, 8, 64
PAGE = 4096


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True)


def read_buffers(folder):
    """The layer's function on buffers, which are allocated and freed."""
    text = run("moa-import", folder, "--static").stdout
    (folder / "layer.mlir").write_text(text)
    return run("moa-opt", folder / "layer.mlir", "--moa-cpu-pipeline",
               "--mlir-print-ir-after=moa-legalize-buffers", "-o",
               "/dev/null").stderr


def count_bytes(sizes, kind):
    return math.prod(map(int, sizes.split("x"))) * BYTES[kind]


def follow(text):
    """The peak of what is allocated in the function's block and freed there."""
    freed = set(re.findall(r"^  memref\.dealloc (%\w+)", text, re.MULTILINE))
    live, peak = {}, 0
    for line in text.splitlines():
        made = re.match(
            r"  (%\w+) = memref\.alloc\(\).*: memref<([0-9x]+)x(\w+)>", line)
        gone = re.match(r"  memref\.dealloc (%\w+)", line)
        if made and made[1] in freed:
            live[made[1]] = count_bytes(made[2], made[3])
            peak = max(peak, sum(live.values()))
        elif gone:
            del live[gone[1]]
    if not freed or live:
        sys.exit(f"cannot follow the buffers: {live or 'there are none'}")
    return peak


def count_ranges(s):
    """The ranges of keys that an attention takes at a time."""
    rows = s["T"] * s["k"] * s["H"] // s["Hkv"]
    if rows > FEW_ROWS:
        tasks = s["B"] * s["Hkv"] * -(-rows // TASK_ROWS)
    else:
        heads = min(s["Hkv"], PAGE // (4 * s["d"]))
        tasks = s["B"] * -(-s["Hkv"] // heads)
    return max(1, min(-(-TASKS // tasks), s["S"] // RANGE_KEYS))


def get_limit(s):
    slots, ranges = s["B"] * s["T"] * s["k"], count_ranges(s)
    # Expert, gate and place of a slot; where experts begin, twice.
    routing = 12 * slots + 8 * (s["E"] + 1)
    sums = 4 * slots * s["H"] * (s["d"] + 2) * ranges if ranges > 1 else 0
    return 1.5 * count_results(s) + routing + sums


def count_results(s):
    """The bytes of the results of both projections."""
    return 4 * s["B"] * s["T"] * s["k"] * (s["H"] * s["d"] + s["D"])


def main():
    shapes = json.loads(pathlib.Path(sys.argv[1]).read_text())["shapes"]
    folder = pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    within = 0
    for name, s in shapes.items():
        (folder / "config.json").write_text(json.dumps(make_config(s)))
        peak = follow(read_buffers(folder))
        print(f"{name}: {peak / 1024:.1f} KiB, {peak / count_results(s):.2f} "
              f"times q and o, at most {get_limit(s) / 1024:.1f} KiB")
        within += peak <= get_limit(s)
    print(f"{within} of {len(shapes)} shapes are within the limit")


main()
