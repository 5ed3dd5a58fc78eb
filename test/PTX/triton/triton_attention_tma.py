"""Compile a warp-specialised flash-attention kernel with Triton 3.9 to PTX, on a machine without a GPU.

attn_tma_sm90_full.ptx and attn_tma_sm90_causal.ptx beside this came from `python triton_attention_tma.py`: f16, 128 queries and 64
keys a tile, D 64. Tensor maps are made on the device, one warp group loads tiles by them and others multiply, with mbarriers between.
Launch: grid (S / 128, heads, 1), block 384, 66040 bytes of dynamic shared memory. Parameters in order: Q, K, V, O [heads, S, 64] f16,
heads, S (i32), softmax scale * log2(e) (f32), scratch memory of 640 bytes a block, aligned to 128, and a pointer that may be null.
S must be a multiple of 128.
"""
import triton, triton.language as tl
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource


@triton.jit
def attn_tma(Q, K, V, O, heads, S, qk_scale, CAUSAL: tl.constexpr, BM: tl.constexpr, BN: tl.constexpr, D: tl.constexpr):
    pm = tl.program_id(0); ph = tl.program_id(1)
    q_map = tl.make_tensor_descriptor(Q, shape=[heads * S, D], strides=[D, 1], block_shape=[BM, D])
    k_map = tl.make_tensor_descriptor(K, shape=[heads * S, D], strides=[D, 1], block_shape=[BN, D])
    v_map = tl.make_tensor_descriptor(V, shape=[heads * S, D], strides=[D, 1], block_shape=[BN, D])
    o_map = tl.make_tensor_descriptor(O, shape=[heads * S, D], strides=[D, 1], block_shape=[BM, D])
    q = q_map.load([ph * S + pm * BM, 0])
    m = tl.full([BM], float("-inf"), tl.float32); l = tl.zeros([BM], tl.float32); acc = tl.zeros([BM, D], tl.float32)
    offs_m = pm * BM + tl.arange(0, BM); offs_n = tl.arange(0, BN)
    hi = (pm + 1) * BM if CAUSAL else S
    for n0 in tl.range(0, hi, BN, warp_specialize=True):
        k = k_map.load([ph * S + n0, 0])
        s = tl.dot(q, k.T) * qk_scale
        if CAUSAL:
            s = tl.where(offs_m[:, None] >= (n0 + offs_n)[None, :], s, float("-inf"))
        mn = tl.maximum(m, tl.max(s, 1)); p = tl.exp2(s - mn[:, None]); a = tl.exp2(m - mn)
        l = l * a + tl.sum(p, 1); acc = acc * a[:, None]
        v = v_map.load([ph * S + n0, 0])
        acc = tl.dot(p.to(v.dtype), v, acc); m = mn
    o_map.store([ph * S + pm * BM, 0], (acc / l[:, None]).to(tl.float16))


if __name__ == "__main__":
    sig = dict(Q="*fp16", K="*fp16", V="*fp16", O="*fp16", heads="i32", S="i32", qk_scale="fp32")
    names = list(attn_tma.arg_names)
    for causal in (False, True):
        constants = dict(CAUSAL=causal, BM=128, BN=64, D=64)
        source = ASTSource(fn=attn_tma, signature={n: sig.get(n, "constexpr") for n in names},
                           constexprs={(names.index(n),): v for n, v in constants.items()},
                           attrs={(i,): [["tt.divisibility", 16]] for i in range(6)})
        kernel = triton.compile(source, target=GPUTarget("cuda", 90, 32), options=dict(num_warps=4, num_stages=2))
        print(f"causal={causal}: {kernel.metadata.shared} bytes of shared memory, {kernel.metadata.num_warps} warps, "
              f"{kernel.metadata.global_scratch_size} bytes of scratch")
        open(f"attn_tma_sm90_{'causal' if causal else 'full'}.ptx", "w").write(kernel.asm["ptx"])
