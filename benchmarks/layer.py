#!/usr/bin/env python3
"""Times a layer on the CPU: moa-run beside torch, on the shapes of shapes.json.

usage: layer.py [--shapes NAME,...] [--quick] [--threads N] [--tools FOLDER]

Both compute the same layer from the same random tensors with the same number
of threads; their outputs are compared first. The table shows the median of
either, their ratio, and the share of the machine's multiply-add peak, which
peak.c measures in the same run.

Needs numpy, safetensors and torch. Where they are missing they are installed
from PyPI into benchmarks/.venv, some gigabytes, and the script runs there.
"""

import argparse
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
SEED = 0
QUICK = ["a_8k8e128d", "e1_jetmoe_decode", "g8_experts"]


def enter_environment():
    """Run this script in benchmarks/.venv unless its packages are there."""
    try:
        import numpy, safetensors, torch  # noqa: F401
        return
    except ImportError:
        pass
    folder = HERE / ".venv"
    python = folder / "bin" / "python"
    if pathlib.Path(sys.prefix) == folder:
        sys.exit(f"layer.py: {folder} lacks its packages: remove it and retry")
    if not python.exists():
        print(f"Installing torch into {folder}", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "numpy",
                        "safetensors", "torch"], check=True)
    os.execv(python, [python, __file__, *sys.argv[1:]])


class Layer:
    """One shape: its config, its tensors, and how much it computes."""

    def __init__(self, shape):
        import numpy as np
        self.shape = shape
        D, E, k, H, d, G, B, T, S = (
            shape[n] for n in ("D", "E", "k", "H", "d", "Hkv", "B", "T", "S"))
        self.cached = S - shape["Tkv"]
        rng = np.random.default_rng(SEED)

        def draw(*sizes, scale=1.0):
            values = rng.standard_normal(sizes, dtype=np.float32)
            return values * np.float32(scale)

        self.inputs = {"x": draw(B, T, D)}
        if self.cached:
            self.inputs |= {name: draw(B, self.cached, G, d)
                            for name in ("k_cache", "v_cache")}
        self.weights = {
            "router": draw(D, E, scale=D**-0.5),
            "wq": draw(E, D, H * d, scale=D**-0.5),
            "wk": draw(D, G * d, scale=D**-0.5),
            "wv": draw(D, G * d, scale=D**-0.5),
            "wo": draw(E, H * d, D, scale=(H * d)**-0.5),
        }

    def config(self):
        s = self.shape
        return {
            "model_type": "moa_layer", "dtype": "float32", "d_model": s["D"],
            "num_experts": s["E"], "top_k": s["k"], "heads_per_expert": s["H"],
            "head_dim": s["d"], "num_kv_heads": s["Hkv"], "head_map": "tile",
            "gate": {"activation": "softmax", "order": "activation_then_topk",
                     "normalize": True, "detach_divisor": True, "scale": 1.0},
            "selection_bias": False, "skip_tokens": False,
            "cross_attention": False, "cache": bool(self.cached),
            "mask": {"causal": s["causal"], "query_offset": self.cached,
                     "window": None, "lengths": False, "boolean": False,
                     "additive": None},
            "score": "softmax", "attention_scale": None, "rotary": None,
            "output_bias": False, "weight_layout": "in_out", "losses": [],
            "batch": s["B"], "query_length": s["T"], "key_length": s["S"],
        }

    def gflop(self):
        """Multiply-adds of the products, counted as two."""
        s = self.shape
        tokens, width = s["B"] * s["T"], s["H"] * s["d"]
        pairs = s["T"] * s["S"]
        if s["causal"]:
            pairs = s["T"] * (s["T"] + 1) // 2 + s["T"] * self.cached
        return 2e-9 * (tokens * s["D"] * s["E"]
                       + 2 * tokens * s["k"] * s["D"] * width
                       + 2 * s["B"] * s["Tkv"] * s["D"] * s["Hkv"] * s["d"]
                       + 2 * s["B"] * s["k"] * width * pairs)


def torch_layer(layer):
    """The layer as one writes it in torch: a function without arguments."""
    import torch
    import torch.nn.functional as F

    s = layer.shape
    E, k, H, d, G, B, T = (s[n] for n in ("E", "k", "H", "d", "Hkv", "B", "T"))
    values = {name: torch.from_numpy(array)
              for name, array in (layer.inputs | layer.weights).items()}
    router, wq, wk, wv, wo = (
        values[n] for n in ("router", "wq", "wk", "wv", "wo"))
    x = values["x"].reshape(B * T, -1)
    wq_all = wq.permute(1, 0, 2).reshape(x.shape[1], -1)
    wo_all = wo.reshape(-1, x.shape[1])

    def attend(q):
        """q [B*T, slots, H*d] against keys and values shared by all slots."""
        keys = (x @ wk).reshape(B, T, G, d)
        vals = (x @ wv).reshape(B, T, G, d)
        if layer.cached:
            keys = torch.cat([values["k_cache"], keys], dim=1)
            vals = torch.cat([values["v_cache"], vals], dim=1)
        keys, vals = (a.transpose(1, 2) for a in (keys, vals))
        # Query head n reads key/value head n mod G: as [heads/G, G].
        repeats = q.shape[1] * H // G
        q = q.reshape(B, T, repeats, G, d)
        if s["causal"]:
            q = q.permute(0, 2, 3, 1, 4).reshape(B, repeats * G, T, d)
            keys, vals = (
                a[:, None].expand(-1, repeats, -1, -1, -1).flatten(1, 2)
                for a in (keys, vals))
        else:
            # Without a mask the heads that share keys are rows of one product.
            q = q.permute(0, 3, 2, 1, 4).reshape(B, G, repeats * T, d)
        o = F.scaled_dot_product_attention(q, keys, vals,
                                           is_causal=s["causal"])
        if s["causal"]:
            o = o.reshape(B, repeats, G, T, d).permute(0, 3, 1, 2, 4)
        else:
            o = o.reshape(B, G, repeats, T, d).permute(0, 3, 2, 1, 4)
        return o.reshape(B * T, -1, H * d)

    def dense():
        gates = torch.softmax(x @ router, dim=1)
        o = attend((x @ wq_all).reshape(B * T, E, H * d))
        return (o * gates[:, :, None]).reshape(B * T, -1) @ wo_all

    def sparse():
        scores = torch.softmax(x @ router, dim=1)
        gates, indices = torch.topk(scores, k, dim=1)
        gates = gates / gates.sum(dim=1, keepdim=True)
        order = torch.argsort(indices.reshape(-1), stable=True)
        counts = torch.bincount(indices.reshape(-1), minlength=E).tolist()
        slots = torch.split(order, counts)
        q = torch.empty(B * T * k, H * d)
        for expert, chosen in enumerate(slots):
            q[chosen] = x.index_select(0, chosen // k) @ wq[expert]
        o = attend(q.reshape(B * T, k, H * d)).reshape(B * T * k, H * d)
        flat = gates.reshape(-1, 1)
        y = torch.zeros_like(x)
        for expert, chosen in enumerate(slots):
            y.index_add_(0, chosen // k, flat[chosen] * (o[chosen] @ wo[expert]))
        return y

    run = dense if k == E else sparse
    return lambda: run().reshape(values["x"].shape)


def time_torch(function, seconds):
    import torch
    with torch.inference_mode():
        output = function()
        times, start = [], time.perf_counter()
        while len(times) < 5 or time.perf_counter() - start < seconds:
            begin = time.perf_counter()
            function()
            times.append(time.perf_counter() - begin)
    return statistics.median(times), output.numpy()


def run_tool(command, **options):
    outcome = subprocess.run(list(map(str, command)), capture_output=True,
                             text=True, check=False, **options)
    if outcome.returncode:
        sys.exit(f"{' '.join(map(str, command))}\n{outcome.stdout}"
                 f"{outcome.stderr}")
    return outcome.stdout


def time_ours(layer, tools, folder):
    """The median in seconds, and the output."""
    from safetensors.numpy import load_file, save_file
    (folder / "config.json").write_text(json.dumps(layer.config()))
    save_file(layer.inputs, folder / "inputs.safetensors")
    save_file(layer.weights, folder / "weights.safetensors")
    graph = folder / "graph.mlir"
    run_tool([tools / "moa-import", folder, "--static", "-o", graph])
    command = [tools / "moa-run", graph,
               f"--input=@{folder}/inputs.safetensors",
               f"--parameters={folder}/weights.safetensors"]
    run_tool(command + [f"--output=@{folder}/y.safetensors"])
    return (read_median(run_tool(command + ["--benchmark"])),
            load_file(folder / "y.safetensors")["y"])


def read_median(text):
    """The median of moa-run --benchmark, in seconds."""
    units = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0}
    match = re.search(r"median[: ]+([0-9.]+) ?(ns|us|ms|s)\b", text)
    if not match:
        sys.exit(f"layer.py: no median in the output of moa-run:\n{text}")
    return float(match[1]) * units[match[2]]


def measure_peak(folder):
    binary = folder / "peak"
    run_tool(["clang-22", "-O3", "-march=native", "-ffp-contract=fast",
              "-fopenmp=libomp", HERE / "peak.c", "-o", binary])
    return float(run_tool([binary]))


def parse_arguments():
    parser = argparse.ArgumentParser(
        description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--shapes", metavar="NAME,...",
                        help="shapes of shapes.json (default: all)")
    parser.add_argument("--quick", action="store_true",
                        help="three shapes, half a second each")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--tools", type=pathlib.Path,
                        default=HERE.parent / "build" / "bin",
                        help="the folder of moa-run (default: build/bin)")
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    shapes = json.loads((HERE / "shapes.json").read_text())["shapes"]
    names = list(shapes)
    if arguments.shapes:
        names = arguments.shapes.split(",")
    elif arguments.quick:
        names = QUICK
    for name in names:
        if name not in shapes:
            sys.exit(f"layer.py: no shape '{name}' in shapes.json: it has "
                     + ", ".join(shapes))
    enter_environment()
    import numpy as np
    import torch
    torch.set_num_threads(arguments.threads)
    os.environ["OMP_NUM_THREADS"] = str(arguments.threads)

    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        peak = measure_peak(folder)
        print(f"{arguments.threads} threads, multiply-add peak {peak:.0f} "
              f"GFLOP/s, torch {torch.__version__}")
        print(f"{'shape':18} {'GFLOP':>7} {'moa ms':>9} {'torch ms':>9} "
              f"{'moa/torch':>9} {'moa peak':>8} {'torch peak':>10}")
        for name in names:
            layer = Layer(shapes[name])
            ours, y = time_ours(layer, arguments.tools, folder)
            theirs, want = time_torch(torch_layer(layer),
                                      0.5 if arguments.quick else 2.0)
            error = np.max(np.abs(y - want) / (1 + np.abs(want)))
            if not error <= 1e-3:
                sys.exit(f"layer.py: {name}: outputs differ by {error:.1e}")
            work = layer.gflop()
            print(f"{name:18} {work:7.2f} {ours * 1e3:9.2f} "
                  f"{theirs * 1e3:9.2f} {ours / theirs:9.2f} "
                  f"{work / ours / peak:8.1%} {work / theirs / peak:10.1%}",
                  flush=True)


if __name__ == "__main__":
    main()
