"""The kernels of the report: shapes that users run, and tiles that others publish figures of."""

import dataclasses

ELEMENT_SIZES = {"f16": 2, "bf16": 2, "f32": 4}


@dataclasses.dataclass(frozen=True)
class Schedule:
    """A pinned #attn.gpu_schedule."""

    query_tile: int
    kv_tile: int
    warps: int = 4
    stages: int = 2
    query_in_registers: bool = True

    def __str__(self):
        return (f"#attn.gpu_schedule<query_tile = {self.query_tile}, kv_tile = {self.kv_tile}, "
                f"warps = {self.warps}, stages = {self.stages}, kv_splits = 1, "
                f"query_in_registers = {str(self.query_in_registers).lower()}>")


@dataclasses.dataclass(frozen=True)
class Kernel:
    """One attention over [1, heads, ?, head_dim] tensors of dynamic lengths.

    `lengths` are those that the emulator runs it with; `static` compiles for them.
    """

    name: str
    head_dim: int
    element: str = "f16"
    clauses: str = ""
    # What the clauses name, in their order: types, where {H}, {Q}, {K} and {T} stand for the query
    # heads, the lengths and the element type.
    operands: dict = dataclasses.field(default_factory=dict)
    # Regions of the op, and the tensors that they capture, by the same letters.
    regions: str = ""
    captured: dict = dataclasses.field(default_factory=dict)
    lse: bool = False
    heads: int = 2
    kv_heads: int = 2
    lengths: tuple = (256, 256)
    static: bool = False
    schedule: Schedule | None = None
    allow_tf32: bool = False

    def sequence(self, index):
        return str(self.lengths[index]) if self.static else "?"

    @property
    def query_type(self):
        return f"tensor<1x{self.heads}x{self.sequence(0)}x{self.head_dim}x{self.element}>"

    @property
    def key_type(self):
        return f"tensor<1x{self.kv_heads}x{self.sequence(1)}x{self.head_dim}x{self.element}>"

    @property
    def mlir(self):
        schedule = f"gpu_schedule({self.schedule})" if self.schedule else ""
        precision = "allow_tf32" if self.allow_tf32 else ""
        sizes = {"H": self.heads, "Q": self.sequence(0), "K": self.sequence(1), "T": self.element}
        operands = {"q": self.query_type, "k": self.key_type, "v": self.key_type} | {
            name: text.format(**sizes) for name, text in self.operands.items()}
        captured = {name: text.format(**sizes) for name, text in self.captured.items()}
        arguments = ", ".join(f"%{name}: {text}" for name, text in (operands | captured).items())
        regions = self.regions
        for name, text in captured.items():
            regions = regions.replace(f"${name}", text)
        types = ", ".join(operands.values())
        results, result_types = "%o", self.query_type
        if self.lse:
            results += ", %lse"
            result_types += f", tensor<1x{self.heads}x{self.sequence(0)}xf32>"
        return (f"func.func @main({arguments}) -> ({result_types}) {{\n"
                f"  {results} = attn.sdpa query(%q) key(%k) value(%v) {self.clauses} "
                f"{precision} {schedule}{regions}\n"
                f"      : ({types}) -> ({result_types})\n"
                f"  return {results} : {result_types}\n}}\n")

    @property
    def inputs(self):
        """Values of attn-run's --input."""
        shapes = [(self.heads, self.lengths[0])] + [(self.kv_heads, self.lengths[1])] * 2
        return [f"1x{heads}x{length}x{self.head_dim}x{self.element}=random:{seed}"
                for seed, (heads, length) in enumerate(shapes)]

    def ideal_bytes_read(self, blocks):
        """Queries once, keys and values once for each block, where nothing is masked."""
        row = self.head_dim * ELEMENT_SIZES[self.element]
        return self.heads * self.lengths[0] * row + 2 * blocks * self.lengths[1] * row

    @property
    def share_of_products(self):
        """Of a loop's matrix products those of queries and keys, and of weights and values: with
        16 keys the others, which add up the weights where nobody asks for the lse, are one to
        these 2 · head_dim / 8. Weights in f32 are added up without them."""
        if self.element == "f32":
            return 1
        wanted = 2 * self.head_dim / 8
        return 1 if self.lse else wanted / (wanted + 1)

    @property
    def output_bytes(self):
        return self.heads * self.lengths[0] * self.head_dim * ELEMENT_SIZES[self.element]


LONG = (256, 1024)

KERNELS = [
    # What the cost model chooses.
    Kernel("full_d64", 64),
    Kernel("full_d128", 128),
    Kernel("causal_d64", 64, clauses="causal"),
    Kernel("causal_d128", 128, clauses="causal"),
    Kernel("bf16_d128", 128, element="bf16"),
    Kernel("gqa_decode_d128", 128, heads=8, lengths=(1, 512)),
    # Triton's tile, and FlashAttention's for lengths that are multiples of it:
    # enough keys that the loop over them stays one.
    Kernel("full_d64_64x64", 64, lengths=LONG, static=True, schedule=Schedule(64, 64)),
    Kernel("full_d64_128x64", 64, lengths=LONG, static=True, schedule=Schedule(128, 64)),
    Kernel("full_d64_128x128", 64, lengths=LONG, static=True, schedule=Schedule(128, 128)),
    Kernel("full_d128_128x64", 128, lengths=LONG, static=True,
           schedule=Schedule(128, 64, query_in_registers=False)),
    # f32, three products of tf32 for one, and one for one: what the cost model
    # chooses where no keys are split.
    Kernel("f32_d64", 64, element="f32"),
    Kernel("f32_d64_128x32", 64, element="f32", lengths=LONG, static=True,
           schedule=Schedule(128, 32, warps=8)),
    Kernel("f32_d128_128x16", 128, element="f32", lengths=LONG, static=True,
           schedule=Schedule(128, 16, warps=8, query_in_registers=False)),
    Kernel("tf32_d64_128x32", 64, element="f32", lengths=LONG, static=True, allow_tf32=True,
           schedule=Schedule(128, 32)),
]
