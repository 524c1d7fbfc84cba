"""Counts Triton's attention in the emulator of gpu_counts.py, as a reference.

Triton's wheel of PyPI (2.1.0, MIT licence, for Python up to 3.11) has the attention
that is its example. It is installed into benchmarks/.venv-triton and compiled there
to PTX for sm_80, without torch, which its file imports and its kernel does not need.
Nothing of it is kept.
"""

import ctypes
import json
import math
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
FOLDER = HERE / ".venv-triton"
# Rows of queries, rows of keys, warps and stages that are tried.
CONFIGURATIONS = [(128, 64, 4, 3), (128, 64, 8, 3), (128, 32, 4, 3), (64, 64, 4, 3)]
WIDTH, LENGTH, HEADS = 128, 512, 8
TOLERANCE = 2e-2


# ===-- In the environment of Triton ---------------------------------------===#


def stand_in_for_torch():
    """A module that has whatever is asked of it."""
    import types

    class Module(types.ModuleType):
        def __getattr__(self, name):
            if name.startswith("__"):
                raise AttributeError(name)
            setattr(self, name, Module(f"{self.__name__}.{name}"))
            return getattr(self, name)

        def __call__(self, function):
            return function

    torch = Module("torch")
    torch.__version__ = "0"
    torch.version.hip, torch.version.cuda = None, "12"
    torch.autograd.Function = type("Function", (), {"apply": None})
    sys.modules["torch"] = torch
    for name in ("autograd", "cuda", "version"):
        sys.modules[f"torch.{name}"] = getattr(torch, name)


def compile_kernels(folder):
    """Write folder/N.ptx and folder/N.json for each configuration."""
    import collections
    import inspect
    import types
    stand_in_for_torch()
    import triton
    from triton.compiler import compiler
    # The operations that are not asked for need more of torch.
    package = types.ModuleType("triton.ops")
    package.__path__ = [str(pathlib.Path(triton.__file__).parent / "ops")]
    sys.modules["triton.ops"] = package
    from triton.ops.flash_attention import _fwd_kernel as kernel
    # No launcher is built: there is no driver to link it to.
    compiler.make_stub = lambda *_: ""
    compiler.CompiledKernel = lambda fn, path, metadata, asm: (metadata, asm)

    names = list(inspect.signature(kernel.fn).parameters)
    pointers = {"Q": "*bf16", "K": "*bf16", "V": "*bf16", "L": "*fp32",
                "Out": "*bf16", "sm_scale": "fp32"}
    units = {"stride_qk", "stride_kk", "stride_vn", "stride_on"}
    Alignment = collections.namedtuple("Alignment", [
        "divisible_by_16", "equal_to_1", "ids_of_folded_args", "divisible_by_8"])
    for number, (rows, keys, warps, stages) in enumerate(CONFIGURATIONS):
        constants = {"BLOCK_M": rows, "BLOCK_N": keys, "BLOCK_DMODEL": WIDTH,
                     "IS_CAUSAL": True, **dict.fromkeys(units, 1)}
        signature = {i: pointers.get(name, "i32")
                     for i, name in enumerate(names) if name not in constants}
        aligned = tuple(i for i in signature
                        if names[i] not in ("sm_scale", "Z", "H"))
        metadata, asm = compiler.compile(
            kernel, signature=signature,
            constants={names.index(name): value
                       for name, value in constants.items()},
            configs=[Alignment(aligned, tuple(map(names.index, units)), (),
                               aligned)],
            num_warps=warps, num_stages=stages, cc=80)
        (folder / f"{number}.ptx").write_text(asm["ptx"])
        (folder / f"{number}.json").write_text(json.dumps({
            "name": metadata["name"], "shared": metadata["shared"],
            "arguments": [names[i] for i in signature]}))


# ===-- Beside gpu_counts.py -----------------------------------------------===#


def install():
    """The environment's Python; None, with a line, where it cannot be had."""
    python = FOLDER / "bin" / "python"
    try:
        if not python.exists():
            subprocess.run([sys.executable, "-m", "venv", FOLDER], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "--no-deps",
                        "triton==2.1.0", "filelock"], check=True)
    except subprocess.CalledProcessError as error:
        print(f"gpu_counts.py: no Triton to compare with: {error}", file=sys.stderr)
        return None
    return python


class Driver:
    """The CUDA driver that is on LD_LIBRARY_PATH."""

    def __init__(self):
        self.library = ctypes.CDLL("libcuda.so.1")
        context = ctypes.c_void_p()
        self.call("cuInit", 0)
        self.call("cuDevicePrimaryCtxRetain", ctypes.byref(context), 0)
        self.call("cuCtxSetCurrent", context)

    def call(self, name, *arguments):
        result = getattr(self.library, name)(*arguments)
        if result:
            sys.exit(f"triton_reference: {name} gave {result}")

    def upload(self, array):
        pointer = ctypes.c_uint64()
        self.call("cuMemAlloc_v2", ctypes.byref(pointer),
                  ctypes.c_size_t(array.nbytes))
        self.call("cuMemcpyHtoD_v2", pointer, array.ctypes.data_as(ctypes.c_void_p),
                  ctypes.c_size_t(array.nbytes))
        return pointer

    def download(self, pointer, array):
        self.call("cuMemcpyDtoH_v2", array.ctypes.data_as(ctypes.c_void_p), pointer,
                  ctypes.c_size_t(array.nbytes))
        return array

    def launch(self, ptx, name, shared, grid, threads, values):
        module, function = ctypes.c_void_p(), ctypes.c_void_p()
        self.call("cuModuleLoadData", ctypes.byref(module), ptx)
        self.call("cuModuleGetFunction", ctypes.byref(function), module,
                  name.encode())
        dynamic_shared = 8  # CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES
        self.call("cuFuncSetAttribute", function, dynamic_shared, shared)
        addresses = (ctypes.c_void_p * len(values))(
            *(ctypes.addressof(value) for value in values))
        self.call("cuLaunchKernel", function, *grid, threads, 1, 1, shared, None,
                  addresses, None)
        self.call("cuCtxSynchronize")


def expect(q, k, v):
    """Causal attention of [HEADS,LENGTH,WIDTH] in f32."""
    import numpy as np
    scores = q @ k.transpose(0, 2, 1) / math.sqrt(WIDTH)
    scores[:, ~np.tri(LENGTH, dtype=bool)] = -np.inf
    weights = np.exp(scores - scores.max(axis=2, keepdims=True))
    return weights @ v / weights.sum(axis=2, keepdims=True)


def count_attention(scratch):
    """{warp instructions per m16n8k16, executed over useful FLOPs} of the
    configuration with the fewest; None where Triton cannot be had."""
    import ml_dtypes
    import numpy as np
    python = install()
    if not python:
        return None
    folder = pathlib.Path(scratch) / "triton"
    folder.mkdir(exist_ok=True)
    subprocess.run([python, __file__, folder], check=True)
    rng = np.random.default_rng(0)
    inputs = [rng.standard_normal((HEADS, LENGTH, WIDTH), dtype=np.float32)
              .astype(ml_dtypes.bfloat16) for _ in range(3)]
    want = expect(*(array.astype(np.float32) for array in inputs))
    stats = folder / "stats.jsonl"
    os.environ |= {"PTXSIM_STATS": str(stats), "PTXSIM_SM": "80"}
    driver = Driver()
    pointers = dict(zip("QKV", map(driver.upload, inputs)))
    out = np.zeros_like(inputs[0])
    pointers |= {"Out": driver.upload(out),
                 "L": driver.upload(np.zeros((HEADS, LENGTH), np.float32))}
    sizes = {"z": HEADS * LENGTH * WIDTH, "h": LENGTH * WIDTH, "m": WIDTH,
             "n": WIDTH, "k": WIDTH}
    counts = []
    for number, (rows, _, warps, _) in enumerate(CONFIGURATIONS):
        kernel = json.loads((folder / f"{number}.json").read_text())

        def value(name):
            if name in pointers:
                return pointers[name]
            if name == "sm_scale":
                return ctypes.c_float(1 / math.sqrt(WIDTH))
            if name.startswith("stride_"):
                return ctypes.c_int32(sizes[name[-1]])
            return ctypes.c_int32({"Z": 1, "H": HEADS, "N_CTX": LENGTH}[name])

        stats.unlink(missing_ok=True)
        driver.launch((folder / f"{number}.ptx").read_bytes() + b"\0",
                      kernel["name"], kernel["shared"],
                      (-(-LENGTH // rows), HEADS, 1), 32 * warps,
                      [value(name) for name in kernel["arguments"]])
        got = driver.download(pointers["Out"], out).astype(np.float32)
        error = np.abs(got - want).max()
        if not error <= TOLERANCE:
            sys.exit(f"triton_reference: results differ by {error:.3g}")
        line = json.loads(stats.read_text().splitlines()[-1])
        products = line["tensor_flops"] / (2 * 16 * 8 * 16)
        useful = 2 * 2 * HEADS * WIDTH * LENGTH * (LENGTH + 1) // 2
        counts.append((line["warp_instructions"]["total"] / products,
                       line["tensor_flops"] / useful))
    return min(counts)


if __name__ == "__main__":
    compile_kernels(pathlib.Path(sys.argv[1]))
