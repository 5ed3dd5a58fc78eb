// Scores of 1e4 to 1e30: the differences of scores count, and no row is 0 or
// NaN that need not be.

// DEFINE: %{q} = --input=1x2x70x64xf32=random:1 --input=1x2x90x64xf32=random:2 --input=1x2x90x64xf32=random:3
// DEFINE: %{h} = --input=1x2x70x64xf16=random:1 --input=1x2x90x64xf16=random:2 --input=1x2x90x64xf16=random:3
// RUN: attn-run %s --function=f32 %{q} --input=f32=1e4 --check --tolerance=1e-3 --output=@%t.npy
// RUN: attn-run %s --function=f32 %{q} --input=f32=1e4 --check --tolerance=1e-3 --output=@%t.npy --device=ptx
// RUN: attn-run %s --function=f32 %{q} --input=f32=1e12 --check --tolerance=1e-3 --output=@%t.npy
// RUN: attn-run %s --function=f32 %{q} --input=f32=1e12 --check --tolerance=1e-3 --output=@%t.npy --device=ptx
// RUN: attn-run %s --function=f32 %{q} --input=f32=1e30 --check --tolerance=1e-3 --output=@%t.npy
// RUN: attn-run %s --function=f32 %{q} --input=f32=1e30 --check --tolerance=1e-3 --output=@%t.npy --device=ptx
// RUN: attn-run %s --function=f16 %{h} --check --tolerance=1e-3 --output=@%t.npy
// RUN: attn-run %s --function=f16 %{h} --check --tolerance=1e-3 --output=@%t.npy --device=ptx

#map = affine_map<(b, h, i, d) -> (b, h, i, d)>
func.func @f32(%q: tensor<1x2x70x64xf32>, %k: tensor<1x2x90x64xf32>, %v: tensor<1x2x90x64xf32>, %factor: f32) -> tensor<1x2x70x64xf32> {
  %large = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%q : tensor<1x2x70x64xf32>) outs(%q : tensor<1x2x70x64xf32>) {
  ^bb0(%x: f32, %out: f32):
    %y = arith.mulf %x, %factor : f32
    linalg.yield %y : f32
  } -> tensor<1x2x70x64xf32>
  %o = attn.sdpa query(%large) key(%k) value(%v)
      : (tensor<1x2x70x64xf32>, tensor<1x2x90x64xf32>, tensor<1x2x90x64xf32>) -> tensor<1x2x70x64xf32>
  return %o : tensor<1x2x70x64xf32>
}

func.func @f16(%q: tensor<1x2x70x64xf16>, %k: tensor<1x2x90x64xf16>, %v: tensor<1x2x90x64xf16>) -> tensor<1x2x70x64xf16> {
  %o = attn.sdpa query(%q) key(%k) value(%v) scale(1.0e9)
      : (tensor<1x2x70x64xf16>, tensor<1x2x90x64xf16>, tensor<1x2x90x64xf16>) -> tensor<1x2x70x64xf16>
  return %o : tensor<1x2x70x64xf16>
}
