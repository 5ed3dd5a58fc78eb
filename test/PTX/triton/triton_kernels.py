"""Compile small kernels with Triton 3.9 (PyPI: triton) to PTX, on a machine without a GPU.

`python triton_kernels.py` writes softmax_sm120.ptx, locked_sum_sm80.ptx and matmul_cluster_sm90.ptx beside itself. Each takes two
pointers more that Triton adds and that may be null. Triton was told that every pointer and integer is a multiple of 16.
"""
import triton, triton.language as tl
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource


@triton.jit
def softmax(x, y, n, BLOCK: tl.constexpr):
    """Of the rows of x [rows, n]; grid: rows."""
    row = tl.program_id(0); at = tl.arange(0, BLOCK)
    v = tl.load(x + row * n + at, mask=at < n, other=-float("inf"))
    e = tl.exp(v - tl.max(v, 0))
    tl.store(y + row * n + at, e / tl.sum(e, 0), mask=at < n)


@triton.jit
def locked_sum(x, state, BLOCK: tl.constexpr):
    """state: a lock, the number of blocks, the sum of x [blocks, BLOCK]; grid: blocks."""
    v = tl.load(x + tl.program_id(0) * BLOCK + tl.arange(0, BLOCK))
    while tl.atomic_cas(state, 0, 1) == 1:
        pass
    tl.store(state + 1, tl.load(state + 1, volatile=True) + 1)
    tl.store(state + 2, tl.load(state + 2, volatile=True) + tl.sum(v, 0))
    tl.atomic_xchg(state, 0)


@triton.jit
def matmul(a, b, c, N, K, BM: tl.constexpr, BN: tl.constexpr, BK: tl.constexpr):
    """c [M, N] f32 = a [M, K] f16 * b [K, N] f16, a tile a cluster; grid: M / BM, N / BN."""
    om = tl.program_id(0) * BM + tl.arange(0, BM); on = tl.program_id(1) * BN + tl.arange(0, BN); ok = tl.arange(0, BK)
    acc = tl.zeros((BM, BN), dtype=tl.float32)
    for k in range(0, K, BK):
        x = tl.load(a + om[:, None] * K + k + ok[None, :]); y = tl.load(b + (k + ok)[:, None] * N + on[None, :])
        acc = tl.dot(x, y, acc)
    tl.store(c + om[:, None] * N + on[None, :], acc)


def build(fn, cc, types, constants, **options):
    names = list(fn.arg_names)
    source = ASTSource(fn=fn, signature={n: types.get(n, "constexpr") for n in names},
                       constexprs={(names.index(n),): v for n, v in constants.items()},
                       attrs={(i,): [["tt.divisibility", 16]] for i in range(len(types))})
    return triton.compile(source, target=GPUTarget("cuda", cc, 32), options=options)


if __name__ == "__main__":
    kernels = {
        "softmax_sm120": build(softmax, 120, dict(x="*fp32", y="*fp32", n="i32"), dict(BLOCK=1024), num_warps=4),
        "locked_sum_sm80": build(locked_sum, 80, dict(x="*i32", state="*i32"), dict(BLOCK=256), num_warps=4),
        "matmul_cluster_sm90": build(matmul, 90, dict(a="*fp16", b="*fp16", c="*fp32", N="i32", K="i32"),
                                     dict(BM=128, BN=128, BK=64), num_warps=4, num_stages=3, num_ctas=2),
    }
    for name, kernel in kernels.items():
        print(f"{name}: {kernel.metadata.shared} bytes of shared memory, {kernel.metadata.num_warps} warps")
        open(f"{name}.ptx", "w").write(kernel.asm["ptx"])
