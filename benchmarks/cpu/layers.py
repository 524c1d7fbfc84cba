"""The layers of shapes.json: their configs and tensors, and the same in torch."""

import copy

import numpy as np
import torch
import torch.nn.functional as F
from configs import make_config

SEED = 0


class Layer:
    """One shape: its config, its tensors, and how much it computes."""

    def __init__(self, shape):
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

    def config(self, dtype="float32"):
        return make_config(self.shape, dtype)

    def rounded(self, dtype):
        """The same layer with the values that a torch type has, in f32."""
        layer = copy.copy(self)
        layer.inputs, layer.weights = (
            {name: torch.from_numpy(array).to(dtype).float().numpy()
             for name, array in group.items()}
            for group in (self.inputs, self.weights))
        return layer

    def values(self):
        """Its tensors by name, in torch."""
        return {name: torch.from_numpy(array)
                for name, array in (self.inputs | self.weights).items()}

    def count_pairs(self):
        """The pairs of a query and a key that it sees, of one head."""
        s = self.shape
        if not s["causal"]:
            return s["T"] * s["S"]
        return s["T"] * (s["T"] + 1) // 2 + s["T"] * self.cached

    def gflop(self):
        """Multiply-adds of the products, counted as two."""
        s = self.shape
        tokens, width = s["B"] * s["T"], s["H"] * s["d"]
        return 2e-9 * (tokens * s["D"] * s["E"]
                       + 2 * tokens * s["k"] * s["D"] * width
                       + 2 * s["B"] * s["Tkv"] * s["D"] * s["Hkv"] * s["d"]
                       + 2 * s["B"] * s["k"] * width * self.count_pairs())

    def gbytes(self):
        """What has to be read and written once: inputs, the result, and the
        parameters of the experts that are used."""
        s = self.shape
        scores = self.inputs["x"].reshape(-1, s["D"]) @ self.weights["router"]
        chosen = np.argsort(-scores, axis=1, kind="stable")[:, :s["k"]]
        used = len(np.unique(chosen)) / s["E"]
        total = self.inputs["x"].nbytes
        total += sum(array.nbytes for array in self.inputs.values())
        for name, array in self.weights.items():
            total += array.nbytes * (used if name in ("wq", "wo") else 1)
        return total * 1e-9


def torch_layer(s, values):
    """The layer of shape `s` on tensors `values`, wherever they are, as one writes
    it in torch: a function without arguments."""
    E, k, H, d, G, B, T = (s[n] for n in ("E", "k", "H", "d", "Hkv", "B", "T"))
    router, wq, wk, wv, wo = (
        values[n] for n in ("router", "wq", "wk", "wv", "wo"))
    x = values["x"].reshape(B * T, -1)
    wq_all = wq.permute(1, 0, 2).reshape(x.shape[1], -1)
    wo_all = wo.reshape(-1, x.shape[1])

    def attend(q):
        """q [B*T, slots, H*d] against keys and values shared by all slots."""
        keys = (x @ wk).reshape(B, T, G, d)
        vals = (x @ wv).reshape(B, T, G, d)
        if s["S"] > s["Tkv"]:
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

    def score():
        """In f32, so that all types choose the same experts."""
        return torch.softmax(x.float() @ router.float(), dim=1)

    def dense():
        gates = score().to(x.dtype)
        o = attend((x @ wq_all).reshape(B * T, E, H * d))
        return (o * gates[:, :, None]).reshape(B * T, -1) @ wo_all

    def sparse():
        gates, indices = torch.topk(score(), k, dim=1)
        gates = (gates / gates.sum(dim=1, keepdim=True)).to(x.dtype)
        order = torch.argsort(indices.reshape(-1), stable=True)
        counts = torch.bincount(indices.reshape(-1), minlength=E).tolist()
        slots = torch.split(order, counts)
        q = x.new_empty(B * T * k, H * d)
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
