"""Times of layers on a GPU, moa beside torch, for gpu_counts.py.

Both are timed by events of the device, on tensors that are there already, and
take turns; the least time of all turns counts. Their results are compared first.
"""

import pathlib
import re
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE / "cpu"))

TURNS = 3
# Runs of a turn, after some that are not timed.
RUNS, WARM = 50, 5
# How far results in bf16 may be from each other, relative to the largest.
TOLERANCE = 2e-2


def find_device(tools):
    """The name of the machine's GPU, None if there is none but an emulator."""
    found = re.search(r"^cuda 0: (.*)$", tools.run("moa-run", "--list-devices"),
                      re.MULTILINE)
    return found[1] if found and not found[1].startswith("ptxsim") else None


def time_moa(tools, folder):
    text = tools.run("moa-run", folder / "graph.mlir", "--device=cuda",
                     f"--input=@{folder / 'inputs.safetensors'}",
                     f"--parameters={folder / 'weights.safetensors'}",
                     "--benchmark", f"--benchmark_repetitions={RUNS}")
    return float(re.search(r"minimum ([0-9.]+) ms", text)[1])


def time_torch(run, device):
    import torch
    for _ in range(WARM):
        run()
    least = float("inf")
    for _ in range(RUNS):
        if device == "cpu":
            start = time.perf_counter()
            run()
            least = min(least, 1e3 * (time.perf_counter() - start))
            continue
        start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        start.record()
        run()
        end.record()
        end.synchronize()
        least = min(least, start.elapsed_time(end))
    return least


def compare(folder, run):
    """Stop if torch's result is not the one that moa wrote to `folder`."""
    from safetensors.torch import load_file
    expected = load_file(folder / "expected.safetensors")["y"].float()
    error = (run().float().cpu() - expected).abs().max() / expected.abs().max()
    if not error <= TOLERANCE:
        sys.exit(f"gpu_times: results of {folder.name} differ by {error:.3g} of "
                 "the largest")


def print_times(tools, name, cases, device="cuda"):
    """A line for each of `cases`: {name: (shape, folder)}."""
    import torch
    from layers import torch_layer
    from safetensors.torch import load_file
    print(f"\nmilliseconds on {name}, torch {torch.__version__}")
    for case, (shape, folder) in cases.items():
        values = {}
        for file in ("inputs", "weights"):
            values |= load_file(folder / f"{file}.safetensors", device=device)
        run = torch_layer(dict(S=shape["T"], Tkv=shape["T"], **shape), values)
        with torch.no_grad():
            compare(folder, run)
            moa = beside = float("inf")
            for _ in range(TURNS):
                moa = min(moa, time_moa(tools, folder))
                beside = min(beside, time_torch(run, device))
        print(f"layer {case}: moa {moa:.4f}  torch {beside:.4f}  "
              f"moa/torch {moa / beside:.2f}")
