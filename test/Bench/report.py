# REQUIRES: numpy
# RUN: env PYTHONPATH=%attn_source/bench %python %s | FileCheck %s
"""Results as Markdown: ratios to the best peer and to the peaks, and what is absent."""

from attnbench import report


def result(case, implementation, **values):
    measure = {"full_d128": "flops", "llama8b_decode_32k": "bytes", "memory_32k_d64": "memory",
               "window256_d64": "flops"}
    threads = 1 if case == "full_d128" else 2
    return {"case": case, "implementation": implementation, "threads": threads,
            "measure": measure[case], **values}


DATA = {
    "machine": {"cpu": "a CPU", "vectors": "avx2", "vector_bits": 256, "peaks": [
        {"threads": 1, "fma_gflops": 100.0, "read_gbs": 20.0},
        {"threads": 2, "fma_gflops": 200.0, "read_gbs": 30.0}]},
    "absent": {"ggml": "no compiler"},
    "busy": "The machine was busy",
    # The machine slowed down after the first measurement.
    "peaks": {"full_d128": [98.0, 96.0, 97.0], "llama8b_decode_32k": [28.0], "window256_d64": [200.0]},
    "results": [
        result("full_d128", "ours", ms=10.0, gflops=90.0, gbs=1.0, of_peak=0.93, compile_ms=250.0, version=""),
        result("full_d128", "torch", ms=15.0, gflops=60.0, gbs=0.7, version="2.0"),
        result("full_d128", "onnxruntime", ms=20.0, gflops=45.0, gbs=0.5, version="1.0"),
        result("full_d128", "iree", reason="does not compile"),
        result("llama8b_decode_32k", "ours", ms=10.0, gflops=40.0, gbs=27.0, of_peak=0.96),
        result("window256_d64", "ours", ms=10.0, gflops=100.0, gbs=27.0, of_peak=0.5),
        result("llama8b_decode_32k", "torch", ms=50.0, gflops=8.0, gbs=5.4),
        result("memory_32k_d64", "ours", ms=10.0, gflops=40.0, gbs=27.0, peak_extra_bytes=1 << 20),
        result("memory_32k_d64", "torch", ms=10.0, gflops=40.0, gbs=27.0, peak_extra_bytes=3 << 20),
    ],
}

print(report.make_markdown(DATA))
# CHECK: # Attention on a CPU
# CHECK: avx2. When this began, 1 thread: 100 GFLOP/s of f32 multiply-adds, reads 20.0 GB/s; 2 threads: 200
# CHECK: | case | threads | unit | attn | peak | of peak | × best peer | PyTorch | ONNX Runtime | IREE |
# CHECK: | 8 heads, D 128, S 2048, f32 | 1 | GFLOP/s | 90 | 97 | 93% | 1.50 | 60 | 45 | – |
# CHECK-NEXT: | 8 heads, D 64, S 4096, window 256, f32 | 2 | GFLOP/s | 100 | 200 | 50% |
# CHECK-NEXT: | 32/8 heads, D 128, 1 query, 32768 keys, f32 | 2 | GB/s | 27 | 28 | 96% | 5.00 | 5.4 |  |  |
# CHECK-NEXT: | 1 head, D 64, S 32768, f32 | 2 | MiB | 1 |  |  |  | 3 |  |  |
# CHECK: - 8 heads, D 64, S 4096, window 256, f32: FlexAttention and attn skip
# CHECK: | case | attn |
# CHECK: | full_d128 | 250 |
# CHECK: Versions: PyTorch 2.0, ONNX Runtime 1.0.
# CHECK: - ggml: no compiler
# CHECK: - full_d128, IREE: does not compile
# CHECK: **The machine was busy**
