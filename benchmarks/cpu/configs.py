"""Layers of the shapes in shapes.json."""


def make_config(s, dtype="float32"):
    """The config.json of the shape `s`, as moa-import reads it."""
    return {
        "model_type": "moa_layer", "dtype": dtype, "d_model": s["D"],
        "num_experts": s["E"], "top_k": s["k"], "heads_per_expert": s["H"],
        "head_dim": s["d"], "num_kv_heads": s["Hkv"], "head_map": "tile",
        "gate": {"activation": "softmax", "order": "activation_then_topk",
                 "normalize": True, "detach_divisor": True, "scale": 1.0},
        "selection_bias": False, "skip_tokens": False, "cross_attention": False,
        "cache": s["S"] > s["Tkv"],
        "mask": {"causal": s["causal"], "query_offset": s["S"] - s["Tkv"],
                 "window": None, "lengths": False, "boolean": False,
                 "additive": None},
        "score": "softmax", "attention_scale": None, "rotary": None,
        "output_bias": False, "weight_layout": "in_out", "losses": [],
        "batch": s["B"], "query_length": s["T"], "key_length": s["S"],
    }
