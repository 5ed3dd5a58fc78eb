// From attention to assembly in one pipeline, for CPUs that this machine need
// not be.

// REQUIRES: llc, mlir-translate
// RUN: attn-opt %s --attn-to-cpu=target-cpu=x86-64 | mlir-translate --mlir-to-llvmir | llc -mtriple=x86_64-linux-gnu -mcpu=x86-64 | FileCheck %s --check-prefix=SSE --implicit-check-not=ymm --implicit-check-not=fmaf
// RUN: attn-opt %s --attn-to-cpu=target-cpu=x86-64-v3 | mlir-translate --mlir-to-llvmir | llc -mtriple=x86_64-linux-gnu -mcpu=x86-64-v3 | FileCheck %s --check-prefix=AVX2 --implicit-check-not=zmm
// RUN: attn-opt %s --attn-to-cpu=target-cpu=x86-64-v4 | mlir-translate --mlir-to-llvmir | llc -mtriple=x86_64-linux-gnu -mcpu=x86-64-v4 | FileCheck %s --check-prefix=AVX512
// RUN: attn-opt %s --attn-to-cpu=target-cpu=apple-m2 | mlir-translate --mlir-to-llvmir | llc -mtriple=aarch64-linux-gnu -mcpu=apple-m2 | FileCheck %s --check-prefix=NEON
// RUN: attn-opt %s --attn-to-cpu=target-cpu=znver4 | mlir-translate --mlir-to-llvmir | llc -mtriple=x86_64-linux-gnu -mcpu=znver4 | FileCheck %s --check-prefix=BF16 --implicit-check-not=tanhf

// The function hands its kernel to the thread pool.
// SSE-LABEL: attention:
// SSE: callq{{[[:space:]]+}}attn_parallel_for
// SSE-LABEL: attention_parallel:
// SSE: mulps
// SSE: addps
// AVX2-LABEL: attention_parallel:
// AVX2: vfmadd{{[0-9]+}}ps{{.*}}%ymm
// AVX512-LABEL: attention_parallel:
// AVX512: vfmadd{{[0-9]+}}ps{{.*}}%zmm
// 2^n of exp2 is one instruction.
// AVX512: vscalefps{{.*}}%zmm
// NEON-LABEL: attention:
// NEON: bl{{[[:space:]]+}}attn_parallel_for
// NEON-LABEL: attention_parallel:
// NEON: fmla{{[[:space:]]+}}v{{[0-9]+}}.4s
func.func @attention(%q: tensor<1x2x64x32xf32>, %k: tensor<1x2x64x32xf32>, %v: tensor<1x2x64x32xf32>) -> tensor<1x2x64x32xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) causal
    : (tensor<1x2x64x32xf32>, tensor<1x2x64x32xf32>, tensor<1x2x64x32xf32>) -> tensor<1x2x64x32xf32>
  return %o : tensor<1x2x64x32xf32>
}

// Scores of bf16 are dot products of pairs, a key's pair broadcast as it is
// loaded; values are widened.
// BF16-LABEL: bf16_parallel:
// BF16: vbroadcastss{{.*}}%zmm
// BF16: vdpbf16ps{{.*}}%zmm
// BF16: vfmadd{{[0-9]+}}ps{{.*}}%zmm
// AVX512-LABEL: bf16_parallel:
// AVX512-NOT: vdpbf16ps
// AVX512: vfmadd{{[0-9]+}}ps{{.*}}%zmm
func.func @bf16(%q: tensor<1x2x64x32xbf16>, %k: tensor<1x2x64x32xbf16>, %v: tensor<1x2x64x32xbf16>) -> tensor<1x2x64x32xbf16> {
  %o = attn.sdpa query(%q) key(%k) value(%v)
    : (tensor<1x2x64x32xbf16>, tensor<1x2x64x32xbf16>, tensor<1x2x64x32xbf16>) -> tensor<1x2x64x32xbf16>
  return %o : tensor<1x2x64x32xbf16>
}

// Elements of f16 are widened as they are loaded.
// NEON-LABEL: f16_parallel:
// NEON: fcvtl
// NEON: fmla{{[[:space:]]+}}v{{[0-9]+}}.4s
func.func @f16(%q: tensor<1x2x64x32xf16>, %k: tensor<1x2x64x32xf16>, %v: tensor<1x2x64x32xf16>) -> tensor<1x2x64x32xf16> {
  %o = attn.sdpa query(%q) key(%k) value(%v)
    : (tensor<1x2x64x32xf16>, tensor<1x2x64x32xf16>, tensor<1x2x64x32xf16>) -> tensor<1x2x64x32xf16>
  return %o : tensor<1x2x64x32xf16>
}

// A softcap's tanh is no call.
// BF16-LABEL: softcap_parallel:
// BF16: vdivps{{.*}}%zmm
func.func @softcap(%q: tensor<1x2x64x32xf32>) -> tensor<1x2x64x32xf32> {
  %o = attn.sdpa query(%q) key(%q) value(%q) softcap(30.0)
    : (tensor<1x2x64x32xf32>, tensor<1x2x64x32xf32>, tensor<1x2x64x32xf32>) -> tensor<1x2x64x32xf32>
  return %o : tensor<1x2x64x32xf32>
}
