"""Times layers on the CPU, whole and by stage: moa-run beside torch.

For each shape of shapes.json and each number of threads, roof.c, moa and torch
take turns, so that all meet the same machine; the least time of all turns
counts. Their results are compared in the same run. The roof of a shape is
max(multiply-adds / rate, bytes that have to be moved / bandwidth), both rates
the best that roof.c measured in its turns. Stages are the primitives of the
layer, as graphs of their own. With --types the same layers in bf16 and f16 take
turns with those in f32.

Needs numpy, safetensors and torch. Where they are missing they are installed
from PyPI into benchmarks/.venv, some gigabytes.
"""

import argparse
import datetime
import json
import os
import pathlib
import platform
import re
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parent))

from environment import enter_environment

# The least number of runs of a turn.
RUNS = 3
# What moa-run prints is in microseconds.
RESOLUTION = 1e-6
# Types that are narrower than f32, and how far results may be from it.
NARROW = {"bf16": ("bfloat16", 5e-2), "f16": ("float16", 1e-2)}


def parse_arguments(shapes):
    def parse_shapes(text):
        for name in text.split(","):
            if name not in shapes:
                raise argparse.ArgumentTypeError(
                    f"no shape '{name}': there are " + ", ".join(shapes))
        return text.split(",")

    parser = argparse.ArgumentParser(
        prog="cpu", description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--shapes", metavar="NAME,...", type=parse_shapes,
                        default=list(shapes),
                        help="shapes of shapes.json (default: all)")
    parser.add_argument("--threads", metavar="N,...", default=[1, 2],
                        type=lambda text: list(map(int, text.split(","))),
                        help="numbers of threads (default: 1,2)")
    parser.add_argument("--turns", type=int, default=3,
                        help="how often moa and torch take turns (default: 3)")
    parser.add_argument("--seconds", type=float, default=0.5,
                        help="the least length of a turn (default: 0.5)")
    parser.add_argument("--pipeline", default="moa-cpu-pipeline",
                        help="of moa-run (default: moa-cpu-pipeline)")
    parser.add_argument("--no-stages", action="store_true",
                        help="whole layers only")
    parser.add_argument("--types", action="store_true",
                        help="also layers in bf16 and f16, beside f32")
    parser.add_argument("--tools", type=pathlib.Path,
                        default=HERE.parent.parent / "build" / "bin",
                        help="the folder of moa-run (default: build/bin)")
    parser.add_argument("--json", type=pathlib.Path, default=HERE / "cpu.json")
    parser.add_argument("--svg", type=pathlib.Path, default=HERE / "cpu.svg")
    return parser.parse_args()


def run_tool(command, threads=None):
    environment = dict(os.environ)
    if threads:
        environment["OMP_NUM_THREADS"] = str(threads)
    outcome = subprocess.run(list(map(str, command)), capture_output=True,
                             text=True, check=False, env=environment)
    if outcome.returncode:
        sys.exit(f"{' '.join(map(str, command))}\n{outcome.stdout}"
                 f"{outcome.stderr}")
    return outcome.stdout


class Roof:
    """What the machine does at most: the best of what was measured."""

    def __init__(self):
        self.gflops = self.gbs = 0.0

    def measure(self, folder, threads):
        binary = folder / "roof"
        if not binary.exists():
            # For some CPUs the compiler would rather use half a register.
            run_tool(["clang-22", "-O3", "-march=native",
                      "-mprefer-vector-width=512", "-ffp-contract=fast",
                      "-fopenmp=libomp", HERE / "roof.c", "-o", binary])
        gflops, gbs = map(float, run_tool([binary], threads).split())
        self.gflops = max(self.gflops, gflops)
        self.gbs = max(self.gbs, gbs)

    def least_ms(self, work):
        return 1e3 * max(work["gflop"] / self.gflops, work["gbytes"] / self.gbs)

    def share(self, work):
        """The share of the roof that `work` reaches in the time it took."""
        return self.least_ms(work) / work["moa_ms"]


class Graph:
    """A graph with its tensors in files, ready for moa-run."""

    def __init__(self, text, tensors, folder, options):
        from safetensors.torch import save_file
        from torch import as_tensor
        self.folder, self.options = folder, options
        folder.mkdir(exist_ok=True)
        (folder / "graph.mlir").write_text(text)
        save_file({name: as_tensor(tensor) for name, tensor in tensors.items()},
                  folder / "tensors.safetensors")

    def run(self, threads, *arguments):
        return run_tool(
            [self.options.tools / "moa-run", self.folder / "graph.mlir",
             f"--pipeline={self.options.pipeline}",
             f"--parameters={self.folder}/tensors.safetensors", *arguments],
            threads)

    def time(self, threads, seconds):
        """The least time of a turn, in seconds, and the memory it takes."""
        text = self.run(threads, "--benchmark",
                        f"--benchmark_repetitions={RUNS}",
                        f"--benchmark_min_time={seconds}")
        least = re.search(r"minimum ([0-9.]+) ms.* by ([0-9]+) KiB", text)
        if not least:
            sys.exit(f"cpu: no minimum in the output of moa-run:\n{text}")
        return max(float(least[1]) * 1e-3, RESOLUTION), int(least[2])

    def output(self, threads):
        from safetensors.torch import load_file
        self.run(threads, f"--output=@{self.folder}/output.safetensors")
        return load_file(self.folder / "output.safetensors")


def time_torch(function, seconds):
    """The least time of a turn: as long and as many runs as moa-run makes."""
    function()
    times, start = [], time.perf_counter()
    while len(times) < RUNS or time.perf_counter() - start < seconds:
        begin = time.perf_counter()
        function()
        times.append(time.perf_counter() - begin)
    return min(times)


def compare(name, got, want, tolerance=1e-3):
    error = ((got - want).abs() / (1 + want.abs())).max().item()
    if not error <= tolerance:
        sys.exit(f"cpu: {name}: outputs differ by {error:.1e}")


def write_layer(layer, options, folder, dtype="float32"):
    """The graph of a layer, with what it reads, in a torch type."""
    import torch
    folder.mkdir(exist_ok=True)
    (folder / "config.json").write_text(json.dumps(layer.config(dtype)))
    text = run_tool([options.tools / "moa-import", folder, "--static"])
    tensors = layer.inputs | layer.weights
    return Graph(text, {name: torch.from_numpy(array).to(getattr(torch, dtype))
                        for name, array in tensors.items()}, folder, options)


def measure_layer(name, shape, threads, options, folder):
    import torch
    from layers import Layer, torch_layer
    roof = Roof()
    layer = Layer(shape)
    graph = write_layer(layer, options, folder / "f32")
    function = torch_layer(layer.shape, layer.values())
    torch.set_num_threads(threads)
    ours = theirs = float("inf")
    with torch.inference_mode():
        compare(name, graph.output(threads)["y"], function())
        for _ in range(options.turns):
            roof.measure(folder, threads)
            seconds, memory = graph.time(threads, options.seconds)
            ours = min(ours, seconds)
            theirs = min(theirs, time_torch(function, options.seconds))
    row = {"shape": name, "threads": threads, "moa_ms": ours * 1e3,
           "torch_ms": theirs * 1e3, "ratio": ours / theirs,
           "gflop": layer.gflop(), "gbytes": layer.gbytes(),
           "peak_kib": memory, "stages": {}}
    if options.types:
        row["types"] = measure_types(layer, threads, options, folder)
    if not options.no_stages:
        row["stages"] = measure_stages(layer, threads, options, folder)
        roof.measure(folder, threads)
    add_shares(row, roof)
    return row


def measure_types(layer, threads, options, folder):
    """The times of a layer in each type, of the same number of turns."""
    import torch
    from layers import torch_layer
    graphs = {"f32": write_layer(layer, options, folder / "f32")}
    for name, (dtype, tolerance) in NARROW.items():
        graphs[name] = write_layer(layer, options, folder / name, dtype)
        rounded = layer.rounded(getattr(torch, dtype))
        want = torch_layer(rounded.shape, rounded.values())()
        got = graphs[name].output(threads)["y"].float()
        compare(f"a layer in {name}", got, want, tolerance)
    times = {name: float("inf") for name in graphs}
    for _ in range(options.turns):
        for name, graph in graphs.items():
            seconds, _ = graph.time(threads, options.seconds)
            times[name] = min(times[name], seconds)
    return {name: seconds * 1e3 for name, seconds in times.items()}


def measure_stages(layer, threads, options, folder):
    from stages import list_stages
    rows = {}
    for stage in list_stages(layer):
        graph = Graph(stage.text, stage.tensors, folder / "stage", options)
        seconds = min(graph.time(threads, options.seconds / 2)[0]
                      for _ in range(options.turns))
        rows[stage.name] = {"moa_ms": seconds * 1e3, "gflop": stage.gflop,
                            "gbytes": stage.gbytes}
    return rows


def add_shares(row, roof):
    """What a layer and its stages reach of the roof. Each stage has a roof of its
    own; with the sum of these the layer reaches `moa_stages`."""
    row |= vars(roof)
    row["moa_roof"] = roof.share(row)
    row["torch_roof"] = row["moa_roof"] * row["ratio"]
    for stage in row["stages"].values():
        stage["moa_roof"] = roof.share(stage)
    row["moa_stages"] = sum(map(roof.least_ms, row["stages"].values()))
    row["moa_stages"] /= row["moa_ms"]


def print_layers(rows):
    print(f"{'shape':18} {'threads':>7} {'GFLOP/s':>7} {'GB/s':>5} {'moa ms':>8} "
          f"{'torch ms':>8} {'moa/torch':>9} {'moa roof':>8} {'by stage':>8} "
          f"{'torch roof':>10}")
    for row in rows:
        stages = f"{row['moa_stages']:8.0%}" if row["stages"] else f"{'':8}"
        print(f"{row['shape']:18} {row['threads']:7} {row['gflops']:7.0f} "
              f"{row['gbs']:5.1f} {row['moa_ms']:8.2f} {row['torch_ms']:8.2f} "
              f"{row['ratio']:9.2f} {row['moa_roof']:8.0%} {stages} "
              f"{row['torch_roof']:10.0%}")


def print_stages(rows):
    """Each stage's time, and its share of its own roof."""
    names = ["router", "dispatch", "q", "kv", "attention", "o", "combine"]
    print(f"{'shape':18} {'threads':>7}"
          + "".join(f" {name + ' ms':>14}" for name in names))
    for row in rows:
        text = f"{row['shape']:18} {row['threads']:7}"
        for name in names:
            stage = row["stages"].get(name)
            text += f" {'':14}" if stage is None else (
                f" {stage['moa_ms']:8.3f} {stage['moa_roof']:5.0%}")
        print(text.rstrip())


def print_types(rows):
    """Each layer's time in each type, and how it compares with f32."""
    print(f"{'shape':18} {'threads':>7} {'f32 ms':>8}"
          + "".join(f" {name + ' ms':>8} {'/f32':>5}" for name in NARROW))
    for row in rows:
        base = row["types"]["f32"]
        print(f"{row['shape']:18} {row['threads']:7} {base:8.2f}" + "".join(
            f" {row['types'][name]:8.2f} {row['types'][name] / base:5.2f}"
            for name in NARROW))


def draw_chart(rows):
    """Shares of the roof as bars: moa above torch."""
    height, label, width = 14, 190, 400
    parts = []
    for number, row in enumerate(rows):
        top = 30 + number * (2 * height + 10)
        parts.append(f'<text x="0" y="{top + 18}">{row["shape"]}, '
                     f'{row["threads"]}</text>')
        for offset, key, colour in ((0, "moa_roof", "#2a6fb0"),
                                    (height, "torch_roof", "#c8c8c8")):
            length = min(row[key], 1.0) * width
            parts.append(f'<rect x="{label}" y="{top + offset}" '
                         f'width="{length:.0f}" height="{height - 2}" '
                         f'fill="{colour}"/>')
            parts.append(f'<text x="{label + length + 4:.0f}" '
                         f'y="{top + offset + 10}">{row[key]:.0%}</text>')
    total = 40 + len(rows) * (2 * height + 10)
    return (f'<svg xmlns="http://www.w3.org/2000/svg" '
            f'width="{label + width + 60}" height="{total}" '
            'font-family="sans-serif" font-size="11">\n'
            '<text x="0" y="14">Share of the roof by shape and threads: moa '
            '(blue), torch (grey)</text>\n' + "\n".join(parts) + "\n</svg>\n")


def describe_machine():
    """The processor, as the system names it."""
    try:
        text = pathlib.Path("/proc/cpuinfo").read_text()
        return re.search(r"^model name\s*: (.*)$", text, re.MULTILINE)[1]
    except (OSError, TypeError):
        return platform.machine()


def main():
    shapes = json.loads((HERE / "shapes.json").read_text())["shapes"]
    options = parse_arguments(shapes)
    enter_environment("numpy", "safetensors", "torch")
    import torch
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        for threads in options.threads:
            for name in options.shapes:
                print(f"{name}, {threads} threads", file=sys.stderr)
                rows.append(measure_layer(name, shapes[name], threads, options,
                                          folder))
    report = {"date": datetime.date.today().isoformat(),
              "machine": describe_machine(), "torch": torch.__version__,
              "rows": rows}
    print(f"{report['date']}, {report['machine']}, torch {report['torch']}")
    print_layers(rows)
    if not options.no_stages:
        print_stages(rows)
    if options.types:
        print_types(rows)
    options.json.write_text(json.dumps(report, indent=1) + "\n")
    options.svg.write_text(draw_chart(rows))


if __name__ == "__main__":
    main()
