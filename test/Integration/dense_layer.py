"""A layer in its dense formulation, as MLIR of upstream dialects.

Every expert is applied to every token; those that were not chosen have gate 0.
It shares nothing with the way the compiler takes: no sort, no groups, no
slots, scalar code over small tensors. `dense_function` is the entry.
"""

import contextlib


class Value:
    """An SSA value; arithmetic on it emits operations."""

    def __init__(self, emitter, name, kind):
        self.emitter, self.name, self.kind = emitter, name, kind

    def _binary(self, operations, other):
        other = self.emitter.constant(other, self.kind)
        return self.emitter.op(
            f"arith.{operations[self.kind]} {self.name}, {other.name} : "
            f"{self.kind}", self.kind)

    def __add__(self, other):
        return self._binary({"f32": "addf", "index": "addi"}, other)

    def __sub__(self, other):
        return self._binary({"f32": "subf", "index": "subi"}, other)

    def __mul__(self, other):
        return self._binary({"f32": "mulf", "index": "muli"}, other)

    def __truediv__(self, other):
        return self._binary({"f32": "divf"}, other)

    def __floordiv__(self, other):
        return self._binary({"index": "divui"}, other)

    def __mod__(self, other):
        return self._binary({"index": "remui"}, other)

    def __and__(self, other):
        return self._binary({"i1": "andi"}, other)

    def __or__(self, other):
        return self._binary({"i1": "ori"}, other)

    def compare(self, predicate, other):
        other = self.emitter.constant(other, self.kind)
        op, prefix = ("cmpf", "o") if self.kind == "f32" else ("cmpi", "s")
        prefix = "" if predicate == "eq" and op == "cmpi" else prefix
        return self.emitter.op(
            f"arith.{op} {prefix}{predicate}, {self.name}, {other.name} : "
            f"{self.kind}", "i1")

    def select(self, yes, no):
        no = self.emitter.constant(no, "f32")
        yes = self.emitter.constant(yes, "f32")
        return self.emitter.op(
            f"arith.select {self.name}, {yes.name}, {no.name} : f32", "f32")


class Emitter:
    def __init__(self):
        self.lines, self.count = [], 0

    def fresh(self):
        self.count += 1
        return f"%v{self.count}"

    def op(self, text, kind):
        name = self.fresh()
        self.lines.append(f"{name} = {text}")
        return Value(self, name, kind)

    def constant(self, number, kind):
        if isinstance(number, Value):
            return number
        if kind == "i1":
            return self.op(f"arith.constant {str(number).lower()}", kind)
        text = repr(float(number)) if kind == "f32" else str(number)
        if number == float("-inf"):
            text = "0xFF800000"
        return self.op(f"arith.constant {text} : {kind}", kind)

    def math(self, function, value):
        return self.op(f"math.{function} {value.name} : f32", "f32")

    def to_float(self, index):
        integer = self.op(f"arith.index_cast {index.name} : index to i64",
                          "i64")
        return self.op(f"arith.sitofp {integer.name} : i64 to f32", "f32")

    @contextlib.contextmanager
    def block(self, header, footer):
        self.lines.append(header)
        yield
        self.lines.append(footer)

    def fold(self, size, start, body):
        """start, then body(i, so far) for every i below size."""
        first = self.constant(start, "f32")
        low, high, step = (self.constant(n, "index") for n in (0, size, 1))
        name, index, so_far = self.fresh(), self.fresh(), self.fresh()
        with self.block(
                f"{name} = scf.for {index} = {low.name} to {high.name} step "
                f"{step.name} iter_args({so_far} = {first.name}) -> (f32) {{",
                "}"):
            result = body(Value(self, index, "index"),
                          Value(self, so_far, "f32"))
            self.lines.append(f"scf.yield {result.name} : f32")
        return Value(self, name, "f32")

    def sum(self, size, term):
        return self.fold(size, 0.0, lambda i, so_far: so_far + term(i))

    def largest(self, size, term):
        def step(i, so_far):
            value = term(i)
            return self.op(f"arith.maximumf {so_far.name}, {value.name} : f32",
                           "f32")
        return self.fold(size, float("-inf"), step)

    def table(self, sizes, element):
        """The tensor of element(i, j, ...); reads as a function of indices."""
        shape = "x".join(map(str, sizes))
        empty = self.op(f"tensor.empty() : tensor<{shape}xf32>", "")
        dims = ", ".join(f"d{i}" for i in range(len(sizes)))
        loops = ", ".join(['"parallel"'] * len(sizes))
        name = self.fresh()
        with self.block(
                f"{name} = linalg.generic {{indexing_maps = [affine_map<({dims})"
                f" -> ({dims})>], iterator_types = [{loops}]}} outs({empty.name}"
                f" : tensor<{shape}xf32>) {{\n^bb0({self.fresh()}: f32):",
                f"}} -> tensor<{shape}xf32>"):
            indices = [self.op(f"linalg.index {i} : index", "index")
                       for i in range(len(sizes))]
            result = element(*indices)
            self.lines.append(f"linalg.yield {result.name} : f32")
        return self.reader(name, shape, "f32")

    def reader(self, name, shape, element):
        def read(*indices):
            indices = [self.constant(i, "index").name for i in indices]
            return self.op(f"tensor.extract {name}[{', '.join(indices)}] : "
                           f"tensor<{shape}x{element}>", element)
        read.name, read.type = name, f"tensor<{shape}x{element}>"
        return read


class Dense:
    """The formulas of the layer over readers of its arguments."""

    def __init__(self, emitter, config, arguments, key_length):
        self.e, self.config, self.a = emitter, config, arguments
        self.B, self.T = config["batch"], config["query_length"]
        self.S, self.D = key_length, config["d_model"]
        self.E, self.k = config["num_experts"], config["top_k"]
        self.H, self.d = config["heads_per_expert"], config["head_dim"]
        self.G = config["num_kv_heads"]
        self.offset = config["mask"]["query_offset"]
        self.cached = self.offset if config["cache"] else 0

    def weight(self, name, *indices):
        if self.config["weight_layout"] == "out_in":
            indices = (*indices[:-2], indices[-1], indices[-2])
        return self.a[name](*indices)

    def sigmoid(self, x):
        one = self.e.constant(1.0, "f32")
        return one / (self.e.math("exp", x * -1.0) + 1.0)

    def skipped(self, b, t):
        return self.a["skip"](b, t) if self.config["skip_tokens"] else None

    def gates(self):
        """[B,T,E]: the gate of every expert, 0 if it is not chosen."""
        e, gate, E = self.e, self.config["gate"], self.E
        logits = e.table([self.B, self.T, E], lambda b, t, m: e.sum(
            self.D, lambda c: self.a["x"](b, t, c) * self.weight("router", c, m)))

        def activation(b, t, m):
            if gate["activation"] == "sigmoid":
                return self.sigmoid(logits(b, t, m))
            top = e.largest(E, lambda i: logits(b, t, i))
            power = lambda i: e.math("exp", logits(b, t, i) - top)
            return power(m) / e.sum(E, power)

        p = e.table([self.B, self.T, E], activation)
        topk_first = gate["order"] == "topk_then_activation"
        biased = self.config["selection_bias"]
        ranked = logits if topk_first or not biased else p

        def chosen(b, t, m):
            score = lambda i: (ranked(b, t, i) + self.a["selection_bias"](i)
                               if biased else ranked(b, t, i))
            mine = score(m)

            def before(i):
                other = score(i)
                tie = other.compare("eq", mine) & i.compare("lt", m)
                return (other.compare("gt", mine) | tie).select(1.0, 0.0)
            result = e.sum(E, before).compare("lt", float(self.k)).select(1.0, 0.0)
            skip = self.skipped(b, t)
            return result if skip is None else skip.select(0.0, result)

        picked = e.table([self.B, self.T, E], chosen)

        def gate_of(b, t, m):
            # Softmax over the chosen logits is p over the sum of the chosen p;
            # 'normalize' says nothing where top-k comes first.
            divide = (gate["activation"] == "softmax" if topk_first
                      else gate["normalize"])
            share = p(b, t, m)
            if divide:
                share = share / e.sum(
                    E, lambda i: p(b, t, i) * picked(b, t, i))
            return picked(b, t, m).compare("gt", 0.0).select(
                share * gate["scale"], 0.0)

        return e.table([self.B, self.T, E], gate_of)

    def rotate(self, read, position, i):
        """read(i) after rotary embedding at a position."""
        rotary = self.config["rotary"]
        if not rotary:
            return read(i)
        e, half = self.e, rotary["dim"] // 2
        channel = i % half
        exponent = e.to_float(channel) * (-2.0 / rotary["dim"])
        frequency = e.op(
            f"math.powf {e.constant(rotary['theta'], 'f32').name}, "
            f"{exponent.name} : f32", "f32")
        angle = e.to_float(position) * frequency
        first, second = read(channel), read(channel + half)
        cos, sin = e.math("cos", angle), e.math("sin", angle)
        low = first * cos - second * sin
        high = second * cos + first * sin
        turned = i.compare("lt", half).select(low, high)
        return i.compare("lt", rotary["dim"]).select(turned, read(i))

    def projected(self, name, cache, rotary):
        """[B,S,G,d]: keys or values, behind the cached ones."""
        e = self.e
        source = self.a["memory" if self.config["cross_attention"] else "x"]
        new = e.table(
            [self.B, self.S - self.cached, self.G, self.d],
            lambda b, s, g, i: e.sum(self.D, lambda c: source(b, s, c)
                                     * self.weight(name, c, g * self.d + i)))
        if rotary:
            new = e.table(
                [self.B, self.S - self.cached, self.G, self.d],
                lambda b, s, g, i, new=new: self.rotate(
                    lambda j: new(b, s, g, j), s + self.cached, i))
        if not self.cached:
            return new

        def either(b, s, g, i):
            old = s.compare("lt", self.cached)
            index = lambda n: e.op(
                f"arith.select {old.name}, "
                f"{(s if n == 0 else e.constant(0, 'index')).name}, "
                f"{(e.constant(0, 'index') if n == 0 else s - self.cached).name}"
                " : index", "index")
            return old.select(self.a[cache](b, index(0), g, i),
                              new(b, index(1), g, i))
        return e.table([self.B, self.S, self.G, self.d], either)

    def visible(self, b, t, s):
        mask, position = self.config["mask"], t + self.offset
        result = self.e.constant(True, "i1")
        if mask["causal"]:
            result = result & s.compare("le", position)
        if mask["window"]:
            result = result & (position - s).compare("lt", mask["window"])
        if mask["lengths"]:
            length = self.a["lengths"](b)
            length = self.e.op(
                f"arith.index_cast {length.name} : i32 to index", "index")
            result = result & s.compare("lt", length)
        if mask["boolean"]:
            result = result & self.a["boolean_mask"](b, t, s)
        return result

    def attention(self):
        """[B,T,E*H,d]: the heads of all experts."""
        e, config, heads = self.e, self.config, self.E * self.H
        sizes = [self.B, self.T, heads, self.d]
        q = e.table(sizes, lambda b, t, n, i: e.sum(
            self.D, lambda c: self.a["x"](b, t, c) * self.weight(
                "wq", n // self.H, c, n % self.H * self.d + i)))
        if config["rotary"]:
            q = e.table(sizes, lambda b, t, n, i, q=q: self.rotate(
                lambda j: q(b, t, n, j), t + self.offset, i))
        keys = self.projected("wk", "k_cache", rotary=bool(config["rotary"]))
        values = self.projected("wv", "v_cache", rotary=False)
        scale = config["attention_scale"] or self.d ** -0.5

        def kv_head(n):
            h = n % self.H
            if config["head_map"] == "tile":
                return h % self.G
            return h // (self.H // self.G)

        def score(b, t, n, s):
            value = e.sum(self.d, lambda i: q(b, t, n, i)
                          * keys(b, s, kv_head(n), i)) * scale
            if config["mask"]["additive"]:
                row = 0 if config["mask"]["additive"] == "shared" else b
                value = value + self.a["additive_mask"](row, t, s)
            return self.visible(b, t, s).select(value, float("-inf"))

        scores = e.table([self.B, self.T, heads, self.S], score)

        def softmax(b, t, n, s):
            top = e.largest(self.S, lambda j: scores(b, t, n, j))
            power = lambda j: e.math("exp", scores(b, t, n, j) - top)
            share = power(s) / e.sum(self.S, power)
            return top.compare("eq", float("-inf")).select(0.0, share)

        def stick(b, t, n, s):
            # sigmoid(-inf), of a key that is not visible, is 0.
            z = lambda j: self.sigmoid(scores(b, t, n, j))
            one = e.constant(1.0, "f32")
            left = e.fold(self.S, 1.0, lambda j, so_far: so_far * (
                j.compare("gt", s).select(one - z(j), 1.0)))
            return z(s) * left

        weights = e.table([self.B, self.T, heads, self.S],
                          softmax if config["score"] == "softmax" else stick)
        return e.table(sizes, lambda b, t, n, i: e.sum(
            self.S, lambda s: weights(b, t, n, s)
            * values(b, s, kv_head(n), i)))

    def output(self):
        e, gates, o = self.e, self.gates(), self.attention()

        def element(b, t, c):
            expert = lambda m: e.sum(self.H * self.d, lambda r: o(
                b, t, m * self.H + r // self.d, r % self.d)
                * self.weight("wo", m, r, c))
            y = e.sum(self.E, lambda m: gates(b, t, m) * expert(m))
            if self.config["output_bias"]:
                y = y + self.a["bias"](c)
            skip = self.skipped(b, t)
            return y if skip is None else skip.select(0.0, y)
        return e.table([self.B, self.T, self.D], element)


def dense_function(config, arguments, key_length):
    """The text of @dense; `arguments` are (name, shape, element) triples."""
    emitter = Emitter()
    readers = {name: emitter.reader(f"%{name}", "x".join(map(str, shape)), kind)
               for name, shape, kind in arguments}
    y = Dense(emitter, config, readers, key_length).output()
    parameters = ", ".join(f"{r.name}: {r.type}" for r in readers.values())
    body = "\n".join(emitter.lines)
    return (f"func.func private @dense({parameters}) -> {y.type} {{\n{body}\n"
            f"return {y.name} : {y.type}\n}}\n")
