"""What the op can say, for what the cost model chooses: each kernel is to be without spills."""

from attngpu.kernels import Kernel

LONG = (4096, 4096)

# A bias by distance, as of T5.
TABLE = """
      score(%s, %b, %h, %i, %j) {
        %c0 = arith.constant 0 : index
        %c31 = arith.constant 31 : index
        %c62 = arith.constant 62 : index
        %distance = arith.subi %j, %i : index
        %shifted = arith.addi %distance, %c31 : index
        %least = arith.maxsi %shifted, %c0 : index
        %at = arith.minsi %least, %c62 : index
        %t = tensor.extract %table[%h, %at] : $table
        %r = arith.addf %s, %t : f32
        attn.yield %r : f32
      }"""
# A bias of each query and key.
VECTORS = """
      score(%s, %b, %h, %i, %j) {
        %t = tensor.extract %rows[%i] : $rows
        %u = tensor.extract %keys[%b, %j] : $keys
        %st = arith.addf %s, %t : f32
        %r = arith.addf %st, %u : f32
        attn.yield %r : f32
      }"""
# Attention within documents.
DOCUMENTS = """
      mask(%b, %h, %i, %j) {
        %di = tensor.extract %documents[%i] : $documents
        %dj = tensor.extract %documents[%j] : $documents
        %r = arith.cmpi eq, %di, %dj : i32
        attn.yield %r : i1
      }"""
# A mask that no tile is known by.
DILATION = """
      mask(%b, %h, %i, %j) {
        %c0 = arith.constant 0 : index
        %c3 = arith.constant 3 : index
        %d = arith.subi %i, %j : index
        %m = arith.remsi %d, %c3 : index
        %r = arith.cmpi eq, %m, %c0 : index
        attn.yield %r : i1
      }"""
PREFIX = """
      mask(%b, %h, %i, %j) {
        %n = tensor.extract %lengths[%b] : $lengths
        %length = arith.index_cast %n : i32 to index
        %causal = arith.cmpi sle, %j, %i : index
        %prefix = arith.cmpi slt, %j, %length : index
        %r = arith.ori %causal, %prefix : i1
        attn.yield %r : i1
      }"""
# Tensors of which nothing is known.
OPEN_TABLE = """
      score(%s, %b, %h, %i, %j) {
        %c17 = arith.constant 17 : index
        %product = arith.muli %i, %j : index
        %at = arith.remui %product, %c17 : index
        %t = tensor.extract %opentable[%h, %at] : $opentable
        %r = arith.addf %s, %t : f32
        attn.yield %r : f32
      }"""
OPEN_TIMES = """
      mask(%b, %h, %i, %j) {
        %t = tensor.extract %opentimes[%b, %i] : $opentimes
        %u = tensor.extract %openkeys[%b, %j] : $openkeys
        %te = arith.extsi %t : i32 to i64
        %r = arith.cmpi sge, %te, %u : i64
        attn.yield %r : i1
      }"""
CAPTURED = {"table": "tensor<{H}x63xf32>", "rows": "tensor<{Q}xf32>", "keys": "tensor<1x{K}xf32>",
            "documents": "tensor<{K}xi32>", "lengths": "tensor<1xi32>",
            "opentable": "tensor<?x?xf32>", "opentimes": "tensor<?x?xi32>",
            "openkeys": "tensor<?x?xi64>"}

BIAS = {"bias": "tensor<1x{H}x{Q}x{K}x{T}>"}
KEEP = {"keep": "tensor<1x1x{Q}x{K}xi1>"}
SLOPES = {"slopes": "tensor<{H}xf32>"}
SINKS = {"sinks": "tensor<{H}xf32>"}
GQA = {"kv_heads": 8}
MQA = {"kv_heads": 1}


def regions(*texts):
    """Regions of the op, and the tensors that they name."""
    text = "".join(texts)
    return {"regions": text, "captured": {name: type for name, type in CAPTURED.items()
                                          if f"%{name}[" in text}}


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
    "alibi": {"clauses": "alibi(%slopes)", "operands": SLOPES},
    "alibi_causal": {"clauses": "alibi(%slopes) causal", "operands": SLOPES},
    "bias": {"clauses": "bias(%bias)", "operands": {"bias": "tensor<1x1x{Q}x{K}x{T}>"}},
    "bias_heads": {"clauses": "bias(%bias)", "operands": {"bias": "tensor<1x{H}x{Q}x{K}xf32>"}},
    "keep": {"clauses": "keep(%keep)", "operands": KEEP},
    "bias_causal": {"clauses": "bias(%bias) causal", "operands": BIAS},
    "bias_keep": {"clauses": "bias(%bias) keep(%keep)", "operands": BIAS | KEEP},
    "bias_keep_lse": {"clauses": "bias(%bias) keep(%keep)", "operands": BIAS | KEEP, "lse": True},
    "sinks": {"clauses": "sinks(%sinks) causal", "operands": SINKS},
    "gqa": {"clauses": "causal"} | GQA,
    "gqa_lse": {"clauses": "causal", "lse": True} | GQA,
    "gqa_bias_keep": {"clauses": "bias(%bias) keep(%keep)", "operands": BIAS | KEEP} | GQA,
    "gqa_of_three": {"heads": 48, "kv_heads": 16},
    "gqa_bias_keep_lse": {"clauses": "bias(%bias) keep(%keep)", "operands": BIAS | KEEP,
                          "lse": True} | GQA,
    "gqa_softcap_sinks_lse": {"clauses": "sinks(%sinks) causal softcap(30.0)", "operands": SINKS,
                              "lse": True} | GQA,
    "mqa": {"clauses": "causal", "lse": True} | MQA,
    "mqa_keep": {"clauses": "keep(%keep)", "operands": KEEP} | MQA,
    "score": regions(TABLE),
    "mask": regions(DOCUMENTS),
    "mask_prefix": regions(PREFIX),
    "score_mask": regions(TABLE, DOCUMENTS),
    "score_mask_lse": {"lse": True} | regions(VECTORS, DILATION),
    "gqa_score": regions(VECTORS) | GQA,
    "gqa_mask": regions(DOCUMENTS) | GQA,
    "gqa_score_mask": regions(TABLE, DOCUMENTS) | GQA,
    "gqa_score_mask_lse": {"lse": True} | regions(VECTORS, DOCUMENTS) | GQA,
    "mqa_score_mask": regions(VECTORS, PREFIX) | MQA,
    "gqa_bias_score_mask_lse": {"clauses": "bias(%bias)", "operands": BIAS,
                                "lse": True} | regions(TABLE, DOCUMENTS) | GQA,
    "gqa_open_score_mask_lse": {"lse": True} | regions(OPEN_TABLE, OPEN_TIMES) | GQA,
    "splits": {"heads": 4, "kv_heads": 4, "lengths": (512, 2048)},
    "decode": {"kv_heads": 8, "lengths": (1, 8192)},
    "decode_four": {"clauses": "causal", "kv_heads": 8, "lengths": (4, 8192)},
    "decode_score_mask": {"lengths": (1, 8192)} | regions(TABLE, PREFIX) | GQA,
    "everything": {
        "clauses": "bias(%bias) keep(%keep) alibi(%slopes) sinks(%sinks) causal window(200, 0) "
                   "softcap(20.0)",
        "operands": {"bias": "tensor<1x{H}x1x{K}xf32>"} | KEEP | SLOPES | SINKS,
        "lse": True},
}

# Types of the elements, and whether tf32 is enough.
PRECISIONS = {"f16": {"element": "f16"}, "bf16": {"element": "bf16"}, "f32": {"element": "f32"},
              "tf32": {"element": "f32", "allow_tf32": True}}


def make(name, head_dim, precision, static):
    options = {"heads": 32, "kv_heads": 32, "lengths": LONG} | VARIANTS[name]
    lengths = "static" if static else "dynamic"
    return Kernel(f"{name}_{precision}_d{head_dim}_{lengths}", head_dim, static=static,
                  **PRECISIONS[precision], **options)


KERNELS = [make(name, head_dim, precision, static)
           for static in (False, True) for precision in PRECISIONS
           for head_dim in (64, 128) for name in VARIANTS]
