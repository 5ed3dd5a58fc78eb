# REQUIRES: numpy
# RUN: env PYTHONPATH=%attn_source/bench %python %s
"""The work of a case is what its mask keeps; its reference is attention."""

import numpy as np
from attnbench import cases
from attnbench.cases import Case

SMALL = [
    Case("full", 4, 2, 5, 9, 8),
    Case("causal", 4, 2, 7, 7, 8, causal=True),
    Case("more_keys", 4, 2, 5, 9, 8, causal=True),
    Case("window", 2, 1, 9, 9, 8, causal=True, window=4),
    Case("decode", 8, 2, 1, 9, 8),
]

for case in SMALL:
    keep = case.keep(range(case.queries))
    assert case.kept == keep.sum(), (case.name, case.kept, keep.sum())
    assert case.flops == 4 * keep.sum() * case.head_dim * case.query_heads
    query, key, value = (array[0].astype(np.float64) for array in cases.make_arrays(case))
    group = case.query_heads // case.kv_heads
    key, value = key.repeat(group, 0), value.repeat(group, 0)
    weights = np.exp(query @ key.swapaxes(1, 2) / np.sqrt(case.head_dim)) * keep
    expected = weights @ value / weights.sum(-1, keepdims=True)
    rows = [0, case.queries - 1]
    found = cases.compute_reference(case, cases.make_arrays(case), rows)
    assert np.abs(found - expected[:, rows]).max() < 1e-14, case.name

# Each query of a causal row sees itself; bottom right with more keys.
assert SMALL[2].keep([0])[0].tolist() == [True] * 5 + [False] * 4
assert SMALL[3].keep([8])[0].tolist() == [False] * 5 + [True] * 4
assert len({case.name for case in cases.CASES}) == len(cases.CASES)
