"""call_shared_object.py GRAPH LIBRARY CASE TOLERANCE: calls a layer that stock
tools compiled, through its C interface, with nothing but Python's own library.

GRAPH names the arguments, in their order; CASE is a folder of tensors. `y` is
compared with the expected one.
"""

import ctypes
import json
import pathlib
import re
import struct
import sys

SIZES = {"F32": 4, "I32": 4, "F16": 2, "BF16": 2, "BOOL": 1}


def read_tensors(path):
    """name -> (dtype, shape, bytes)"""
    file = path.read_bytes()
    length, = struct.unpack_from("<Q", file)
    header = json.loads(file[8:8 + length])
    data = file[8 + length:]
    return {name: (entry["dtype"], entry["shape"],
                   data[slice(*entry["data_offsets"])])
            for name, entry in header.items() if name != "__metadata__"}


def to_numbers(dtype, data):
    count = len(data) // SIZES[dtype]
    if dtype == "BF16":  # The upper half of an f32.
        words = struct.unpack(f"<{count}H", data)
        data = b"".join(struct.pack("<HH", 0, word) for word in words)
    return struct.unpack(f"<{count}{'e' if dtype == 'F16' else 'f'}", data)


def make_descriptor(shape, data=b""):
    """A memref: two pointers, an offset, sizes and strides; and its buffer."""
    buffer = ctypes.create_string_buffer(data, max(len(data), 1))
    address = ctypes.addressof(buffer)
    strides, step = [], 1
    for size in reversed(shape):
        strides.insert(0, step)
        step *= size
    words = [address, address, 0, *shape, *strides]
    return (ctypes.c_int64 * len(words))(*words), buffer


def main():
    graph, library, case, tolerance = sys.argv[1:]
    header = pathlib.Path(graph).read_text().split("-> (")[0]
    names = re.findall(r'moa\.name = "(\w+)"', header)
    case = pathlib.Path(case)
    tensors = {**read_tensors(case / "inputs.safetensors"),
               **read_tensors(case / "weights.safetensors")}
    arguments = [make_descriptor(shape, data)
                 for _, shape, data in (tensors[name] for name in names)]
    result, _ = make_descriptor([0, 0, 0])
    layer = ctypes.CDLL(library)._mlir_ciface_layer
    layer(ctypes.byref(result),
          *(ctypes.byref(descriptor) for descriptor, _ in arguments))

    dtype = tensors["x"][0]
    _, shape, expected = read_tensors(case / "expected.safetensors")["y"]
    assert list(result[3:6]) == shape, (list(result[3:6]), shape)
    want = to_numbers("F32", expected)
    got = to_numbers(dtype, ctypes.string_at(result[1],
                                             len(want) * SIZES[dtype]))
    error = max(abs(g - w) / (1 + abs(w)) for g, w in zip(got, want))
    print(f"{dtype} {shape}: largest error {error:.1e}")
    sys.exit(not error <= float(tolerance))


main()
