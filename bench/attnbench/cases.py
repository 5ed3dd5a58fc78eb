"""What is measured: shapes that users run, and the work they hold."""

import dataclasses

import numpy as np

ELEMENT_SIZES = {"f32": 4, "f16": 2, "bf16": 2}


@dataclasses.dataclass(frozen=True)
class Case:
    """One attention over [1, heads, seqlen, head_dim]; `window` counts the query itself."""

    name: str
    query_heads: int
    kv_heads: int
    queries: int
    keys: int
    head_dim: int
    causal: bool = False
    window: int = 0
    element: str = "f32"
    single_thread: bool = False
    # What the case is about: a rate of arithmetic, of reading, or memory.
    measure: str = "flops"
    # What a reader of the results has to know.
    note: str = ""

    @property
    def shapes(self):
        return ((1, self.query_heads, self.queries, self.head_dim),
                (1, self.kv_heads, self.keys, self.head_dim),
                (1, self.kv_heads, self.keys, self.head_dim))

    def keep(self, queries):
        """Which keys each of the queries sees, [queries, keys] of bool."""
        position = np.asarray(queries)[:, None] + self.keys - self.queries
        key = np.arange(self.keys)[None]
        keep = np.ones((len(queries), self.keys), bool)
        if self.causal:
            keep &= key <= position
        if self.window:
            keep &= key > position - self.window
        return keep

    @property
    def kept(self):
        """The positions of a head's score matrix that the mask keeps."""
        total = 0
        for query in range(self.queries):
            position = query + self.keys - self.queries
            end = min(self.keys, position + 1) if self.causal else self.keys
            begin = max(0, position - self.window + 1) if self.window else 0
            total += end - begin
        return total

    @property
    def flops(self):
        return 4.0 * self.kept * self.head_dim * self.query_heads

    @property
    def bytes(self):
        """What has to be read and written once."""
        elements = sum(int(np.prod(shape)) for shape in self.shapes)
        elements += int(np.prod(self.shapes[0]))
        return float(elements * ELEMENT_SIZES[self.element])


def _mha(name, head_dim, length=2048, **options):
    return Case(name, 8, 8, length, length, head_dim, single_thread=True, **options)


CASES = [
    _mha("full_d128", 128),
    _mha("full_d64", 64),
    _mha("causal_d128", 128, causal=True),
    Case("llama8b_prefill", 32, 8, 2048, 2048, 128, causal=True),
    Case("window256_d64", 8, 8, 4096, 4096, 64, causal=True, window=256,
         note="FlexAttention and attn skip what lies outside the window; the other peers have no "
              "way to say a window and compute every score under a mask tensor"),
    _mha("full_d128_bf16", 128, element="bf16",
         note="the peak is that of f32; dot products of bf16 do twice as much where the CPU has "
              "them"),
    _mha("full_d128_f16", 128, element="f16"),
    Case("llama8b_decode_32k", 32, 8, 1, 32768, 128, measure="bytes"),
    Case("llama8b_decode_32k_f16", 32, 8, 1, 32768, 128, element="f16", measure="bytes"),
    Case("memory_32k_d64", 1, 1, 32768, 32768, 64, measure="memory"),
]


def numpy_type(element):
    if element == "bf16":
        import ml_dtypes
        return np.dtype(ml_dtypes.bfloat16)
    return np.dtype({"f32": np.float32, "f16": np.float16}[element])


def make_arrays(case):
    """Query, key and value, the same in every run."""
    random = np.random.default_rng(0)
    return tuple(random.uniform(-1, 1, shape).astype(np.float32).astype(numpy_type(case.element))
                 for shape in case.shapes)


def compute_reference(case, arrays, queries):
    """The output rows of some queries in float64, [heads, queries, head_dim]."""
    query, key, value = (array[0].astype(np.float64) for array in arrays)
    group = case.query_heads // case.kv_heads
    keep = case.keep(queries)
    output = np.empty((case.query_heads, len(queries), case.head_dim))
    for head in range(case.query_heads):
        scores = query[head, queries] @ key[head // group].T / np.sqrt(case.head_dim)
        scores[~keep] = -np.inf
        weights = np.exp(scores - scores.max(axis=1, keepdims=True))
        output[head] = weights @ value[head // group] / weights.sum(axis=1, keepdims=True)
    return output
