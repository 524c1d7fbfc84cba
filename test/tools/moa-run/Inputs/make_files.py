"""make_files.py FOLDER: .npy and .safetensors files, sound and broken, for a
2x3 f32 tensor of ones and the function in add.mlir."""

import json
import pathlib
import struct
import sys

folder = pathlib.Path(sys.argv[1])
ONES = struct.pack("<6f", *[1.0] * 6)


def npy(name, version=1, descr="<f4", fortran="False", data=ONES):
    header = f"{{'descr': '{descr}', 'fortran_order': {fortran}, 'shape': (2, 3), }}"
    length = struct.pack("<H" if version == 1 else "<I", len(header))
    (folder / name).write_bytes(b"\x93NUMPY" + bytes([version, 0]) + length +
                                header.encode() + data)


def safetensors(name, header, data=ONES):
    text = header if isinstance(header, str) else json.dumps(header)
    (folder / name).write_bytes(struct.pack("<Q", len(text)) + text.encode() +
                                data)


def entry(shape=(2, 3), begin=0, end=24, dtype="F32"):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": [begin, end]}


for version in (1, 2, 3):
    npy(f"v{version}.npy", version)
npy("fortran.npy", fortran="True")
npy("big_endian.npy", descr=">f4")
npy("short.npy", data=ONES[:-4])
npy("version.npy", version=9)
npy("twice.npy", descr="<f8', 'descr': '<f4")
npy("junk.npy", fortran="False, 'shape': (2, 3), } (")
(folder / "not.npy").write_bytes(b"a text")

safetensors("good.safetensors", {"a": entry(), "b": entry(begin=24, end=48),
                                 "__metadata__": {"x": "y"}}, ONES + ONES)
safetensors("short.safetensors", {"a": entry()}, ONES[:-4])
safetensors("size.safetensors", {"a": entry(shape=(2, 4))})
safetensors("overflow.safetensors",
            {"a": entry(shape=(2**31, 2**31, 2**31))})
safetensors("overlap.safetensors", {"a": entry(), "b": entry()})
safetensors("dtype.safetensors", {"a": entry(dtype="F8")})
safetensors("json.safetensors", "{")
safetensors("twice.safetensors",
            json.dumps({"a": entry()})[:-1] + ', ' +
            json.dumps({"a": entry()})[1:])
safetensors("list.safetensors", "[]")
(folder / "length.safetensors").write_bytes(struct.pack("<Q", 2**62) + b"{}")
(folder / "tiny.safetensors").write_bytes(b"abc")
