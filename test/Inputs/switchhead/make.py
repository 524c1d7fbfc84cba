"""Makes inputs.safetensors and expected.safetensors for examples/switchhead.mlir.

The dense formulation, in float64: every expert of every head is applied to
every token, and the gates of those that were not chosen are zero. Needs numpy
and safetensors; the files it makes are checked in.
"""

import pathlib

import numpy as np
from safetensors.numpy import save_file

B, T, D, H, d, E, k = 2, 7, 16, 2, 8, 4, 2
rng = np.random.default_rng(7)


def draw(*shape, scale=1.0):
    return (scale * rng.standard_normal(shape)).astype(np.float32)


def gates(x, router):
    """[B,T,H,E]: sigmoid scores, zero where not among the k best."""
    score = 1 / (1 + np.exp(-(x @ router).reshape(B, T, H, E)))
    least = np.sort(score, axis=-1)[..., E - k, None]
    return np.where(score >= least, score, 0.0)


tensors = {
    "x": draw(B, T, D),
    "value_router": draw(D, H * E, scale=D**-0.5),
    "output_router": draw(D, H * E, scale=D**-0.5),
    "wq": draw(D, H * d, scale=D**-0.5),
    "wk": draw(D, H * d, scale=D**-0.5),
    "wv": draw(H * E, D, d, scale=D**-0.5),
    "wo": draw(H * E, d, D, scale=d**-0.5),
}
x, value_router, output_router, wq, wk, wv, wo = (
    tensor.astype(np.float64) for tensor in tensors.values())
wv, wo = wv.reshape(H, E, D, d), wo.reshape(H, E, d, D)

q, key = (x @ wq).reshape(B, T, H, d), (x @ wk).reshape(B, T, H, d)
v = np.einsum("bshe,bsc,hecd->bshd", gates(x, value_router), x, wv)
score = np.einsum("bthd,bshd->bhts", q, key) / np.sqrt(d)
score = np.where(np.tri(T, dtype=bool), score, -np.inf)
weight = np.exp(score - score.max(axis=-1, keepdims=True))
weight /= weight.sum(axis=-1, keepdims=True)
o = np.einsum("bhts,bshd->bthd", weight, v)
y = np.einsum("bthe,bthd,hedc->btc", gates(x, output_router), o, wo)

folder = pathlib.Path(__file__).parent
save_file(tensors, folder / "inputs.safetensors")
save_file({"y": y.astype(np.float32)}, folder / "expected.safetensors")
