"""What the op can say, for what the cost model chooses: each kernel is to be without spills."""

from attngpu.kernels import Kernel

LONG = (4096, 4096)

# Clauses of attn.sdpa, tensors that they name, and what else differs.
VARIANTS = {
    "full": {},
    "lse": {"lse": True},
    "causal": {"clauses": "causal"},
    "causal_lse": {"clauses": "causal", "lse": True},
    "causal_offset": {"clauses": "query_offset(%offset) causal", "operands": {"offset": "index"}},
    "window": {"clauses": "causal window(255, 0)"},
    "softcap": {"clauses": "softcap(30.0)"},
    "softcap_causal": {"clauses": "causal softcap(30.0)"},
    "alibi": {"clauses": "alibi(%slopes)", "operands": {"slopes": "tensor<{H}xf32>"}},
    "alibi_causal": {"clauses": "alibi(%slopes) causal",
                     "operands": {"slopes": "tensor<{H}xf32>"}},
    "bias": {"clauses": "bias(%bias)", "operands": {"bias": "tensor<1x1x{Q}x{K}x{T}>"}},
    "bias_heads": {"clauses": "bias(%bias)", "operands": {"bias": "tensor<1x{H}x{Q}x{K}xf32>"}},
    "keep": {"clauses": "keep(%keep)", "operands": {"keep": "tensor<1x1x{Q}x{K}xi1>"}},
    "sinks": {"clauses": "sinks(%sinks) causal", "operands": {"sinks": "tensor<{H}xf32>"}},
    "gqa": {"clauses": "causal", "kv_heads": 8},
    "gqa_of_three": {"heads": 48, "kv_heads": 16},
    "splits": {"heads": 4, "kv_heads": 4, "lengths": (512, 2048)},
    "decode": {"kv_heads": 8, "lengths": (1, 8192)},
    "decode_four": {"clauses": "causal", "kv_heads": 8, "lengths": (4, 8192)},
    "everything": {
        "clauses": "bias(%bias) keep(%keep) alibi(%slopes) sinks(%sinks) causal window(200, 0) "
                   "softcap(20.0)",
        "operands": {"bias": "tensor<1x{H}x1x{K}xf32>", "keep": "tensor<1x1x{Q}x{K}xi1>",
                     "slopes": "tensor<{H}xf32>", "sinks": "tensor<{H}xf32>"},
        "lse": True},
}


def make(name, head_dim, element, static):
    options = {"heads": 32, "kv_heads": 32, "lengths": LONG} | VARIANTS[name]
    lengths = "static" if static else "dynamic"
    return Kernel(f"{name}_{element}_d{head_dim}_{lengths}", head_dim, element=element,
                  static=static, **options)


KERNELS = [make(name, head_dim, element, static)
           for static in (False, True) for element in ("f16", "bf16")
           for head_dim in (64, 128) for name in VARIANTS]
