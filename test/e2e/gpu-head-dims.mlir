// Head dimensions whose blocks of 16 columns no even number of warps shares
// without one of zeros, and attention without rows.

// RUN: attn-run %s --function=f32 --device=ptx --target=sm_89 --input=1x2x40x176xf32=random:1 --input=1x2x70x176xf32=random:2 --check --tolerance=1e-5 --output=@%t.npy
// RUN: attn-run %s --function=f16 --device=ptx --target=sm_80 --input=1x2x40x400xf16=random:1 --input=1x2x70x400xf16=random:2 --check --tolerance=1e-3 --output=@%t.npy
// RUN: attn-run %s --function=wide --device=ptx --target=sm_80 --input=1x2x40x8xf16=random:1 --input=1x2x70x8xf16=random:2 --input=1x2x70x1000xf16=random:3 --check --tolerance=1e-3 --output=@%t.npy
// RUN: attn-run %s --function=no_heads --device=ptx --input=1x0x4x64xf16=1 --input=1x1x5x64xf16=1 | FileCheck %s --check-prefix=HEADS
// RUN: attn-run %s --function=no_queries --device=ptx --input=1x2x0x64xf16=1 --input=1x2x5x64xf16=1 | FileCheck %s --check-prefix=QUERIES

func.func @f32(%q: tensor<1x2x40x176xf32>, %k: tensor<1x2x70x176xf32>) -> tensor<1x2x40x176xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%k) causal
    : (tensor<1x2x40x176xf32>, tensor<1x2x70x176xf32>, tensor<1x2x70x176xf32>) -> tensor<1x2x40x176xf32>
  return %o : tensor<1x2x40x176xf32>
}

func.func @f16(%q: tensor<1x2x40x400xf16>, %k: tensor<1x2x70x400xf16>) -> tensor<1x2x40x400xf16> {
  %o = attn.sdpa query(%q) key(%k) value(%k) causal
    : (tensor<1x2x40x400xf16>, tensor<1x2x70x400xf16>, tensor<1x2x70x400xf16>) -> tensor<1x2x40x400xf16>
  return %o : tensor<1x2x40x400xf16>
}

func.func @wide(%q: tensor<1x2x40x8xf16>, %k: tensor<1x2x70x8xf16>, %v: tensor<1x2x70x1000xf16>) -> tensor<1x2x40x1000xf16> {
  %o = attn.sdpa query(%q) key(%k) value(%v)
    : (tensor<1x2x40x8xf16>, tensor<1x2x70x8xf16>, tensor<1x2x70x1000xf16>) -> tensor<1x2x40x1000xf16>
  return %o : tensor<1x2x40x1000xf16>
}

// HEADS: result[0]: 1x0x4x64xf16=
func.func @no_heads(%q: tensor<1x0x4x64xf16>, %k: tensor<1x1x5x64xf16>) -> tensor<1x0x4x64xf16> {
  %o = attn.sdpa query(%q) key(%k) value(%k)
    : (tensor<1x0x4x64xf16>, tensor<1x1x5x64xf16>, tensor<1x1x5x64xf16>) -> tensor<1x0x4x64xf16>
  return %o : tensor<1x0x4x64xf16>
}

// QUERIES: result[0]: 1x2x0x64xf16=
func.func @no_queries(%q: tensor<1x2x0x64xf16>, %k: tensor<1x2x5x64xf16>) -> tensor<1x2x0x64xf16> {
  %o = attn.sdpa query(%q) key(%k) value(%k) causal
    : (tensor<1x2x0x64xf16>, tensor<1x2x5x64xf16>, tensor<1x2x5x64xf16>) -> tensor<1x2x0x64xf16>
  return %o : tensor<1x2x0x64xf16>
}
