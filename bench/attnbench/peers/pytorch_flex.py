"""PyTorch's FlexAttention, compiled: masks as functions, with empty blocks skipped."""

import time

import torch
from torch.nn.attention.flex_attention import create_block_mask, flex_attention

from . import Unsupported
from .pytorch import get_version, to_tensor

NAME = "FlexAttention"


def prepare(case, arrays, threads):
    if not case.causal:
        raise Unsupported("no mask: scaled_dot_product_attention is PyTorch's way")
    torch.set_num_threads(threads)
    query, key, value = (to_tensor(array) for array in arrays)
    offset = case.keys - case.queries

    def keep(b, h, q, k):
        kept = k <= q + offset
        if case.window:
            kept = kept & (k > q + offset - case.window)
        return kept

    mask = create_block_mask(keep, None, None, case.queries, case.keys, device="cpu")
    compiled = torch.compile(flex_attention)

    @torch.no_grad()
    def run():
        return compiled(query, key, value, block_mask=mask,
                        enable_gqa=case.query_heads != case.kv_heads)

    # The first call compiles.
    begin = time.perf_counter()
    run()
    prepare.compile_ms = (time.perf_counter() - begin) * 1e3
    return run, lambda output: output.float().numpy()
