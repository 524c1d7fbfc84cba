"""The stages of a layer as graphs of their own, and what they cost at least."""

from dataclasses import dataclass

import numpy as np

from layers import SEED


@dataclass
class Stage:
    name: str
    text: str
    tensors: dict
    gflop: float = 0.0
    gbytes: float = 0.0


def mlir_type(array):
    element = {np.dtype("float32"): "f32", np.dtype("int32"): "i32"}
    return f"tensor<{'x'.join(map(str, array.shape))}x{element[array.dtype]}>"


def write_graph(tensors, body, results):
    """A function of named tensors; `results` are (value, type) pairs."""
    arguments = ", ".join(f'%{name}: {mlir_type(array)} {{moa.name = "{name}"}}'
                          for name, array in tensors.items())
    values = ", ".join(value for value, _ in results)
    types = ", ".join(kind for _, kind in results)
    return (f"func.func @stage({arguments}) -> ({types}) {{\n{body}"
            f"  return {values} : {types}\n}}\n")


def matmul(left, right, out, name):
    """A product into a new tensor of type `out`."""
    return (f"  %{name}_init = tensor.empty() : {out}\n"
            f"  %{name} = moa.matmul %{left[0]}, %{right[0]} into(%{name}_init)"
            f" : ({left[1]}, {right[1]}, {out}) -> {out}\n")


class Stages:
    def __init__(self, layer):
        self.s = s = layer.shape
        self.layer = layer
        self.rng = np.random.default_rng(SEED)
        self.N = s["B"] * s["T"]
        self.F = s["H"] * s["d"]
        self.dense = s["k"] == s["E"]
        self.indices = np.stack([
            self.rng.permutation(s["E"])[:s["k"]] for _ in range(self.N)
        ]).astype(np.int32)
        flat = self.indices.reshape(-1)
        self.permutation = np.argsort(flat, kind="stable").astype(np.int32)
        counts = np.bincount(flat, minlength=s["E"])
        self.offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
        self.used = np.count_nonzero(counts)

    def draw(self, *sizes):
        return self.rng.standard_normal(sizes, dtype=np.float32)

    def router(self):
        s, N = self.s, self.N
        tensors = {"x": self.draw(N, s["D"]), "w": self.layer.weights["router"]}
        logits = f"tensor<{N}x{s['E']}xf32>"
        kinds = f"tensor<{N}x{s['k']}xi32>", f"tensor<{N}x{s['k']}xf32>"
        body = matmul(("x", mlir_type(tensors["x"])),
                      ("w", mlir_type(tensors["w"])), logits, "l")
        body += (f"  %i, %g = moa.route %l top_k({s['k']}) "
                 + ("all " if self.dense else "")
                 + "gate(<activation = softmax, order = activation_then_topk, "
                 f"normalize = true>) : ({logits}) -> ({kinds[0]}, {kinds[1]})\n")
        return Stage("router", write_graph(
            tensors, body, [("%i", kinds[0]), ("%g", kinds[1])]), tensors,
            2e-9 * N * s["D"] * s["E"],
            4e-9 * (N * s["D"] + s["D"] * s["E"]))

    def dispatch(self):
        s, N = self.s, self.N
        tensors = {"i": self.indices}
        kinds = f"tensor<{s['E'] + 1}xi32>", f"tensor<{N * s['k']}xi32>"
        body = (f"  %o, %p = moa.dispatch %i experts({s['E']}) : "
                f"({mlir_type(self.indices)}) -> ({kinds[0]}, {kinds[1]})\n")
        return Stage("dispatch", write_graph(
            tensors, body, [("%o", kinds[0]), ("%p", kinds[1])]), tensors,
            gbytes=8e-9 * N * s["k"])

    def project(self, name, rows, weights, by_token):
        """The projection of each slot by the weights of its expert."""
        s, slots = self.s, self.N * self.s["k"]
        tensors = {"x": self.draw(*rows), "w": weights}
        if self.dense:
            out = (f"tensor<{slots}x{weights.shape[2]}xf32>" if by_token
                   else f"tensor<{self.N}x{weights.shape[2]}xf32>")
            gates = ""
            if not by_token:
                tensors["g"] = self.draw(self.N, s["k"])
                gates = "gates(%g) "
            kinds = [mlir_type(array) for array in tensors.values()]
            body = (f"  %init = tensor.empty() : {out}\n  %r = moa.dense_matmul "
                    f"{'token' if by_token else 'slot'}(%x), %w {gates}"
                    f"into(%init) : ({', '.join(kinds)}, {out}) -> {out}\n")
        else:
            tensors |= {"o": self.offsets, "p": self.permutation}
            out = f"tensor<{slots}x{weights.shape[2]}xf32>"
            kinds = [mlir_type(array) for array in tensors.values()]
            rows_of = f"token(%x), %w groups(%o, %p) top_k({s['k']})"
            if not by_token:
                rows_of = "slot(%x), %w groups(%o, %p)"
            # As in a layer that skips no token: every slot is set.
            body = (f"  %init = tensor.empty() : {out}\n"
                    f"  %r = moa.grouped_matmul {rows_of} into "
                    f"slot(%init) : ({', '.join(kinds)}, {out}) -> {out}\n")
        weight_bytes = weights.nbytes * self.used / s["E"]
        return Stage(name, write_graph(tensors, body, [("%r", out)]), tensors,
                     2e-9 * slots * weights.shape[1] * weights.shape[2],
                     1e-9 * (weight_bytes + tensors["x"].nbytes))

    def keys(self):
        s = self.s
        rows, width = s["B"] * s["Tkv"], s["Hkv"] * s["d"]
        tensors = {"x": self.draw(rows, s["D"])}
        tensors |= {n: self.layer.weights[n] for n in ("wk", "wv")}
        out = f"tensor<{rows}x{width}xf32>"
        kinds = {name: mlir_type(array) for name, array in tensors.items()}
        body = "".join(matmul(("x", kinds["x"]), (w, kinds[w]), out, w[1])
                       for w in ("wk", "wv"))
        return Stage("kv", write_graph(tensors, body,
                                       [("%k", out), ("%v", out)]), tensors,
                     4e-9 * rows * s["D"] * width,
                     1e-9 * sum(array.nbytes for array in tensors.values()))

    def attention(self):
        s = self.s
        tensors = {"q": self.draw(s["B"], s["T"], s["k"] * s["H"], s["d"])}
        tensors |= {name: self.draw(s["B"], s["S"], s["Hkv"], s["d"])
                    for name in ("k", "v")}
        q, k = mlir_type(tensors["q"]), mlir_type(tensors["k"])
        causal = "causal " if s["causal"] else ""
        body = (f"  %init = tensor.empty() : {q}\n  %r = moa.attention %q, %k, "
                f"%v heads({s['H']}) {causal}into(%init) : ({q}, {k}, {k}, {q})"
                f" -> {q}\n")
        return Stage("attention", write_graph(tensors, body, [("%r", q)]),
                     tensors, 4e-9 * s["B"] * s["k"] * self.F * self.layer.count_pairs(),
                     1e-9 * sum(array.nbytes for array in tensors.values()))

    def combine(self):
        s, N = self.s, self.N
        tensors = {"s": self.draw(N * s["k"], s["D"]),
                   "g": self.draw(N, s["k"])}
        out = f"tensor<{N}x{s['D']}xf32>"
        kinds = ", ".join(mlir_type(array) for array in tensors.values())
        body = (f"  %init = tensor.empty() : {out}\n  %r = moa.combine %s, %g "
                f"into(%init) : ({kinds}, {out}) -> {out}\n")
        return Stage("combine", write_graph(tensors, body, [("%r", out)]),
                     tensors, 2e-9 * N * s["k"] * s["D"],
                     1e-9 * tensors["s"].nbytes)


def list_stages(layer):
    """The stages of a layer in their order."""
    s, stages = layer.shape, Stages(layer)
    slots = stages.N * s["k"]
    listed = [stages.router()]
    if not stages.dense:
        listed.append(stages.dispatch())
    listed += [
        stages.project("q", (stages.N, s["D"]), layer.weights["wq"], True),
        stages.keys(), stages.attention(),
        stages.project("o", (slots, stages.F), layer.weights["wo"], False)]
    if not stages.dense:
        listed.append(stages.combine())
    return listed
