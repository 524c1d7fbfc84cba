#!/usr/bin/env python3
"""Prints what the GPU kernels cost in counts, beside the goals for them.

usage: gpu_counts.py [--tools FOLDER] [--ptxas FILE] [--keep FOLDER]

Nothing in the table is a time. Registers, spills and loops are those that ptxas
makes for sm_80; instructions, bytes and bank conflicts are counted by an emulator
of PTX, a libcuda.so.1 that LD_LIBRARY_PATH names and that writes a line for each
launch to the file that PTXSIM_STATS names. Without the one or the other its rows
say so. The layers' results are compared with the CPU path's in the same run.

Triton's attention is counted beside ours where its wheel can be installed
(triton_reference.py). Where there is a GPU, the layers are timed on it beside torch
(gpu_times.py).

Needs numpy and safetensors, and torch where there is a GPU, which are installed
from PyPI into benchmarks/.venv where they are missing.
"""

import argparse
import collections
import json
import math
import os
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import tempfile

import gpu_times
import triton_reference
from environment import enter_environment

HERE = pathlib.Path(__file__).resolve().parent
CHIP = "sm_80"
SEED = 0

# D, E, k, H, Hkv, d, B, T of two layers: one with whole tiles of rows for every
# expert, one with few rows and wide heads.
LAYERS = {
    "J": dict(D=512, E=8, k=2, H=4, Hkv=4, d=128, B=1, T=512, causal=True),
    "P": dict(D=512, E=32, k=8, H=1, Hkv=1, d=256, B=2, T=128, causal=False),
}


# ===-- Machine code -------------------------------------------------------===#

# The low 12 bits of an instruction's word are its opcode.
OPCODE_BRANCH = 0x947
OPCODE_TENSOR = 0x23C
OPCODE_NOP = 0x918


def read_sections(cubin):
    """{name: bytes} of the sections of an ELF file."""
    data = pathlib.Path(cubin).read_bytes()
    table, = struct.unpack_from("<Q", data, 0x28)
    size, count, names_index = struct.unpack_from("<HHH", data, 0x3A)
    headers = [struct.unpack_from("<IIQQQQ", data, table + i * size)
               for i in range(count)]
    names = headers[names_index]
    found = {}
    for name, _, _, _, offset, length in headers:
        start = names[4] + name
        text = data[start:data.index(b"\0", start)].decode()
        found[text] = data[offset:offset + length]
    return found


def find_loops(code):
    """[(instructions, tensor instructions)] of the innermost loops that have
    tensor instructions."""
    words = [struct.unpack_from("<QQ", code, i) for i in range(0, len(code), 16)]
    opcodes = [low & 0xFFF for low, _ in words]
    loops = []
    for i, (low, high) in enumerate(words):
        if opcodes[i] != OPCODE_BRANCH:
            continue
        # A signed displacement of 48 bits, in units of 4 bytes, from the next
        # instruction; an instruction has 16 bytes.
        distance = (low >> 34) | ((high & 0x3FFFF) << 30)
        if distance >> 47:
            distance -= 1 << 48
        target = i + 1 + distance // 4
        if 0 <= target < i:
            loops.append((target, i))
    found = []
    for begin, end in loops:
        inner = any((b, e) != (begin, end) and begin <= b and e <= end
                    for b, e in loops)
        body = opcodes[begin:end + 1]
        tensor = body.count(OPCODE_TENSOR)
        if tensor and not inner:
            found.append((sum(op != OPCODE_NOP for op in body), tensor))
    return found


class Assembled:
    """What ptxas says of each kernel of a module."""

    def __init__(self, ptxas, ptx, folder):
        cubin = folder / (ptx.stem + ".cubin")
        run = subprocess.run([ptxas, "-v", "-arch=" + CHIP, ptx, "-o", cubin],
                             capture_output=True, text=True, check=False)
        if run.returncode:
            sys.exit(f"gpu_counts.py: ptxas failed:\n{run.stderr}")
        self.kernels = {}
        pattern = (r"Compiling entry function '(\S+)'.*?(\d+) bytes stack frame, "
                   r"(\d+) bytes spill stores, (\d+) bytes spill loads.*?"
                   r"Used (\d+) registers")
        for match in re.finditer(pattern, run.stderr, re.S):
            name, stack, stores, loads, registers = match.groups()
            self.kernels[name] = {
                "registers": int(registers), "stack": int(stack),
                "spills": int(stores) + int(loads)}
        for name, code in read_sections(cubin).items():
            if name.startswith(".text."):
                self.kernels[name[len(".text."):]]["loops"] = find_loops(code)

    def find(self, part):
        return {name: kernel for name, kernel in self.kernels.items()
                if part in name}


# ===-- Layers -------------------------------------------------------------===#


class Layer:
    def __init__(self, shape, dtype="bfloat16"):
        self.shape, self.dtype = shape, dtype

    def config(self):
        s = self.shape
        return {
            "model_type": "moa_layer", "dtype": self.dtype, "d_model": s["D"],
            "num_experts": s["E"], "top_k": s["k"], "heads_per_expert": s["H"],
            "head_dim": s["d"], "num_kv_heads": s["Hkv"], "head_map": "tile",
            "gate": {"activation": "softmax", "order": "activation_then_topk",
                     "normalize": True, "detach_divisor": True, "scale": 1.0},
            "selection_bias": False, "skip_tokens": False,
            "cross_attention": False, "cache": False,
            "mask": {"causal": s["causal"], "query_offset": 0, "window": None,
                     "lengths": False, "boolean": False, "additive": None},
            "score": "softmax", "attention_scale": None, "rotary": None,
            "output_bias": False, "weight_layout": "in_out", "losses": [],
            "batch": s["B"], "query_length": s["T"], "key_length": s["T"],
        }

    def tensors(self):
        import ml_dtypes
        import numpy as np
        s = self.shape
        rng = np.random.default_rng(SEED)

        def draw(*sizes, scale=1.0):
            values = rng.standard_normal(sizes, dtype=np.float32)
            return (values * np.float32(scale)).astype(ml_dtypes.bfloat16)

        D, E, wide, shared = s["D"], s["E"], s["H"] * s["d"], s["Hkv"] * s["d"]
        inputs = {"x": draw(s["B"], s["T"], D)}
        weights = {"router": draw(D, E, scale=D**-0.5),
                   "wq": draw(E, D, wide, scale=D**-0.5),
                   "wk": draw(D, shared, scale=D**-0.5),
                   "wv": draw(D, shared, scale=D**-0.5),
                   "wo": draw(E, wide, D, scale=wide**-0.5)}
        return inputs, weights

    def product_flops(self):
        """Useful multiply-adds of one expert product, counted as two."""
        s = self.shape
        return 2 * s["B"] * s["T"] * s["k"] * s["D"] * s["H"] * s["d"]

    def compulsory_bytes(self, used_experts):
        """x, used weights, K, V and y once, q and o once."""
        s = self.shape
        tokens, wide = s["B"] * s["T"], s["H"] * s["d"]
        shared = s["Hkv"] * s["d"]
        weights = s["D"] * (s["E"] + 2 * used_experts * wide + 2 * shared)
        rows = tokens * (2 * s["D"] + 2 * shared + 2 * s["k"] * wide)
        return 2 * (weights + rows)


class Tools:
    def __init__(self, folder, scratch):
        self.folder, self.scratch = pathlib.Path(folder), scratch

    def run(self, tool, *arguments, environment=None):
        command = [str(self.folder / tool), *map(str, arguments)]
        run = subprocess.run(command, capture_output=True, text=True,
                             env={**os.environ, **(environment or {})})
        if run.returncode:
            sys.exit(f"gpu_counts.py: {' '.join(command)}\n{run.stderr}")
        return run.stdout

    def write_layer(self, name, layer):
        """A folder with the layer's graph and tensors."""
        from safetensors.numpy import save_file
        folder = self.scratch / name
        folder.mkdir()
        (folder / "config.json").write_text(json.dumps(layer.config()))
        inputs, weights = layer.tensors()
        save_file(inputs, folder / "inputs.safetensors")
        save_file(weights, folder / "weights.safetensors")
        self.run("moa-import", folder, "--static", "-o", folder / "graph.mlir")
        return folder

    def compile(self, graph):
        """The PTX of the graph's kernels."""
        ptx = graph.with_suffix(".ptx")
        self.run("moa-translate", "--moa-to-ptx", f"--chip={CHIP}", graph, "-o",
                 ptx)
        return ptx

    def print_launches(self, graph):
        """The module in which functions launch kernels on tensors."""
        command = [self.folder / "moa-opt", graph, "-o", os.devnull,
                   f"--moa-gpu-kernel-pipeline=chip={CHIP}",
                   "--mlir-print-ir-before=moa-tile-bufferize"]
        return subprocess.run(command, capture_output=True, text=True,
                              check=True).stderr

    def count(self, graph, *arguments):
        """The emulator's line for each launch."""
        stats = self.scratch / "stats.jsonl"
        stats.unlink(missing_ok=True)
        self.run("moa-run", graph, "--device=cuda", f"--chip={CHIP}", *arguments,
                 environment={"PTXSIM_STATS": str(stats), "PTXSIM_SM": "80"})
        if not stats.exists():
            return None
        return [json.loads(line) for line in stats.read_text().splitlines()]


# ===-- Table --------------------------------------------------------------===#


class Table:
    def __init__(self):
        self.rows, self.missed = [], 0

    def add(self, what, value, goal, reference="", most=True):
        """`goal` is the most that `value` may be, or the least, or None."""
        limit = "" if goal is None else f"{'<=' if most else '>='} {goal}"
        shown = f"{value:.2f}" if isinstance(value, float) else f"{value}"
        verdict = ""
        if value is None:
            shown = "not counted here"
        elif goal is not None and not (value <= goal if most else value >= goal):
            self.missed += 1
            verdict = "missed"
        self.rows.append((what, shown, limit, reference, verdict))

    def print(self):
        head = ("what", "moa", "goal", "reference", "")
        widths = [max(len(row[i]) for row in [head, *self.rows])
                  for i in range(len(head))]
        for row in [head, *self.rows]:
            print("  ".join(cell.ljust(width)
                            for cell, width in zip(row, widths)).rstrip())


def sum_counts(launches, *keys):
    total = 0
    for launch in launches:
        value = launch
        for key in keys:
            value = value[key]
        total += value
    return total


def tensor_instructions(launches):
    """Products of 16 x 8 x 16 that were executed."""
    return sum_counts(launches, "tensor_flops") / (2 * 16 * 8 * 16)


ELEMENT_BYTES = {"f32": 4, "i32": 4, "bf16": 2, "f16": 2, "i1": 1}


def count_bytes(tensor):
    """Bytes of a type such as `tensor<4x8xbf16>`, 0 of an index."""
    if tensor == "index":
        return 0
    *sizes, element = tensor[len("tensor<"):-1].split("x")
    return math.prod(map(int, sizes)) * ELEMENT_BYTES[element]


def count_operand_bytes(module):
    """Bytes of the operands of all launches: each once for a launch, however
    many of its blocks read it and in whatever shape; and each once for all
    launches, whichever of them write and read it."""
    views = dict(re.findall(
        r"(%\w+) = tensor\.(?:collapse|expand)_shape (%\w+)", module))

    def root(name):
        while name in views:
            name = views[name]
        return name

    def split(part):
        names, types = part.split(" : ")
        return [(root(name), count_bytes(tensor)) for name, tensor in zip(
            names.split(", "), types.split(", "))]

    each = 0
    read, written = {}, 0
    for ins, outs in re.findall(r"moa_tile\.launch .*?ins\((.*?)\) outs\((.*?)\)",
                                module):
        inputs, outputs = dict(split(ins)), sum(size for _, size in split(outs))
        each += sum(inputs.values()) + outputs
        written += outputs
        read.update(inputs)
    arguments = sum(size for name, size in read.items() if name.startswith("%arg"))
    return each, arguments + written


def add_layer(table, name, layer, launches, module, goals):
    """Rows from the emulator's counts of one layer, and from its launches."""
    def row(what, value, key, **more):
        goal, reference = goals[key]
        table.add(f"layer {name}: {what}", value, goal, reference, **more)

    products = [launch for launch in launches or []
                if "grouped_matmul" in launch["kernel"]]
    useful = layer.product_flops()
    executed = per_useful = loaded = None
    if launches:
        executed = sum_counts(products, "tensor_flops") / (2 * useful)
        per_useful = (sum_counts(products, "warp_instructions", "total") /
                      (2 * useful / (2 * 16 * 8 * 16)))
        # Asynchronous copies are loads too.
        loaded = max(sum_counts([product], "global_load", "bytes")
                     for product in products) / 1e6
    row("tensor FLOPs executed over useful, expert products", executed, "flops")
    row("warp instructions per useful m16n8k16, expert products", per_useful,
        "instructions")
    row("MB loaded by an expert product", loaded, "megabytes")
    if "launches" not in goals:
        return
    compulsory = layer.compulsory_bytes(layer.shape["E"])
    sectors = traffic = conflicts = None
    if launches:
        asked = sum_counts(launches, "global_load", "sectors") + sum_counts(
            launches, "global_store", "sectors")
        least = sum_counts(launches, "global_load", "min_sectors") + sum_counts(
            launches, "global_store", "min_sectors")
        sectors = asked / least
        moved = sum(sum_counts(launches, key, "bytes")
                    for key in ("global_load", "global_store"))
        traffic = moved / compulsory
        kinds = ("ldmatrix", "shared_load", "shared_store")
        conflicts = (sum(sum_counts(launches, kind, "wavefronts") for kind in kinds)
                     / sum(sum_counts(launches, kind, "ideal") for kind in kinds))
    row("launches", len(launches) if launches else None, "launches")
    row("global sectors requested over the fewest", sectors, "sectors")
    each, distinct = count_operand_bytes(module)
    row("bytes of all that is read or written over compulsory ones",
        distinct / compulsory, "traffic")
    row("the same, anew for each launch", each / compulsory, "context")
    row("the same, anew for each block", traffic, "context")
    row("conflict factor of shared memory", conflicts, "conflicts")


GOALS = {
    "J": {"flops": (1.15, "ScatterMoE 1.75"),
          "instructions": (2.7, "ScatterMoE 4.6"),
          "megabytes": (11, "ScatterMoE 17.5"),
          "launches": (6, "over 15"), "sectors": (1.05, ""),
          "traffic": (1.2, ""), "context": (None, ""),
          "conflicts": (1.05, "recipe 1.0")},
    "P": {"flops": (1.3, "ScatterMoE 2.94"),
          "instructions": (3.2, "ScatterMoE 7.3 to 8.1"),
          "megabytes": (16, "ScatterMoE 29 to 34")},
}

# One head's rows against 512 keys, for the loop of attention.
ATTENTION = """
func.func @attention(%q: tensor<1x512x8x{d}xbf16> {{moa.name = "q"}},
    %k: tensor<1x512x8x{d}xbf16> {{moa.name = "k"}},
    %v: tensor<1x512x8x{d}xbf16> {{moa.name = "v"}})
    -> (tensor<1x512x8x{d}xbf16> {{moa.name = "o"}}) {{
  %init = tensor.empty() : tensor<1x512x8x{d}xbf16>
  %o = moa.attention %q, %k, %v heads(8) causal into(%init)
    : (tensor<1x512x8x{d}xbf16>, tensor<1x512x8x{d}xbf16>,
       tensor<1x512x8x{d}xbf16>, tensor<1x512x8x{d}xbf16>)
    -> tensor<1x512x8x{d}xbf16>
  return %o : tensor<1x512x8x{d}xbf16>
}}
"""


# The slots of layer J by the experts' weights, with a row tile.
PRODUCT = """
func.func @product(%x: tensor<512x512xbf16>, %w: tensor<8x512x512xbf16>,
    %offsets: tensor<9xi32>, %permutation: tensor<1024xi32>)
    -> tensor<1024x512xbf16> {{
  %init = tensor.empty() : tensor<1024x512xbf16>
  %q = moa.grouped_matmul token(%x), %w groups(%offsets, %permutation) top_k(2)
      into slot(%init) {{moa.row_tile = {rows}}}
    : (tensor<512x512xbf16>, tensor<8x512x512xbf16>, tensor<9xi32>,
       tensor<1024xi32>, tensor<1024x512xbf16>) -> tensor<1024x512xbf16>
  return %q : tensor<1024x512xbf16>
}}
"""


def add_product(table, tools, ptxas, rows, registers, loop, reference):
    """The kernel for tiles of `rows` rows, and its loop that has all of them."""
    graph = tools.scratch / f"product{rows}.mlir"
    graph.write_text(PRODUCT.format(rows=rows))
    ptx = tools.compile(graph)
    kernel = length = None
    tensor = rows // 2  # of a step of depth 32
    if ptxas:
        found = Assembled(ptxas, ptx, tools.scratch).find("grouped_matmul")
        kernel = next(iter(found.values()))
        # A step may be deeper.
        instructions, products = max(kernel["loops"], key=lambda pair: pair[1])
        length = instructions * tensor / products
    what = f"product {rows}x128x32, gathered"
    table.add(f"{what}: registers", kernel and kernel["registers"], registers,
              reference)
    table.add(f"{what}: bytes of spill", kernel and kernel["spills"], 0)
    table.add(f"{what}: instructions of the loop for {tensor} tensor", length,
              loop, reference)


def add_attention(table, tools, ptxas, width):
    graph = tools.scratch / f"attention{width}.mlir"
    graph.write_text(ATTENTION.format(d=width))
    ptx = tools.compile(graph)
    what = f"attention forward, width {width}, causal"
    kernel = None
    if ptxas:
        found = Assembled(ptxas, ptx, tools.scratch).find("attention")
        kernel = next(iter(found.values()))
    table.add(f"{what}: bytes of spill", kernel and kernel["spills"], 0,
              "FlashAttention 104" if width == 128 else "recipe 0")
    loop = kernel and max(kernel["loops"], key=lambda pair: pair[1])
    if width == 128:
        share = loop and 100.0 * loop[1] / loop[0]
        table.add(f"{what}: % tensor instructions in the loop", share, 29,
                  "FlashAttention 29, recipe 26", most=False)
    else:
        table.add(f"{what}: registers", kernel and kernel["registers"], 131,
                  "recipe 131")
        table.add(f"{what}: instructions of the loop for 64 tensor",
                  loop and loop[0] * 64 / loop[1], 363, "recipe 363")
    if width != 128:
        return
    ones = f"1x512x8x{width}xbf16=0.01"
    launches = tools.count(graph, f"--input={ones}", f"--input={ones}",
                           f"--input={ones}")
    ratio = executed = None
    if launches:
        ratio = (sum_counts(launches, "warp_instructions", "total") /
                 tensor_instructions(launches))
        pairs = 512 * 513 // 2
        executed = sum_counts(launches, "tensor_flops") / (
            2 * 2 * 8 * width * pairs)
    triton = triton_reference.count_attention(tools.scratch) if launches else None
    beside = [f", 2.1.0 here {count:.2f}" for count in triton or []] or ["", ""]
    table.add(f"{what}: warp instructions per m16n8k16", ratio, 4.2,
              f"Triton 5.2{beside[0]}")
    table.add(f"{what}: executed over useful FLOPs", executed, 1.15,
              f"Triton 1.25{beside[1]}")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tools", default=HERE.parent / "build" / "bin")
    parser.add_argument("--ptxas", default=shutil.which("ptxas") or "")
    parser.add_argument("--keep", help="leave graphs and PTX in this folder")
    options = parser.parse_args()
    device = gpu_times.find_device(Tools(options.tools, None))
    enter_environment("numpy", "safetensors", "ml_dtypes",
                      *(["torch"] if device else []))
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(options.keep or scratch)
        folder.mkdir(exist_ok=True, parents=True)
        tools, table = Tools(options.tools, folder), Table()
        add_product(table, tools, options.ptxas, 128, 232, 157,
                    "CUTLASS dense 228, 157")
        add_product(table, tools, options.ptxas, 64, 157, 102, "recipe 157, 102")
        for name, shape in LAYERS.items():
            layer = Layer(shape)
            case = tools.write_layer(name, layer)
            expected = case / "expected.safetensors"
            files = [f"--input=@{case / 'inputs.safetensors'}",
                     f"--parameters={case / 'weights.safetensors'}"]
            tools.run("moa-run", case / "graph.mlir", *files,
                      f"--output=@{expected}")
            launches = tools.count(case / "graph.mlir", *files,
                                   f"--expected_output=@{expected}")
            module = tools.print_launches(case / "graph.mlir")
            add_layer(table, name, layer, launches, module, GOALS[name])
        for width in (128, 64):
            add_attention(table, tools, options.ptxas, width)
        table.print()
        print(f"{table.missed} goals missed")
        if device:
            gpu_times.print_times(
                tools, device,
                {name: (shape, folder / name) for name, shape in LAYERS.items()})


if __name__ == "__main__":
    main()
