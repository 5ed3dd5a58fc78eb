// Masks whose short form the pass gives, without a canonicalization after it.
// RUN: attn-opt %s --attn-raise | FileCheck %s

// They compute what the program says in float64.
// RUN: attn-run %s --function=masked_fill_causal --input=2x8x16xf32=random:1 --input=2x8x16xf32=random:2 --input=2x8x16xf32=random:3 --check --tolerance=1e-5
// RUN: attn-run %s --function=masked_fill_window --input=2x8x16xf32=random:1 --input=2x8x16xf32=random:2 --input=2x8x16xf32=random:3 --check --tolerance=1e-5
// RUN: attn-run %s --function=product_of_masks --input=2x8x16xf32=random:1 --input=2x8x16xf32=random:2 --input=2x8x16xf32=random:3 --input=8xi64="1 1 0 1 1 1 1 0" --check --tolerance=1e-5
// RUN: attn-run %s --function=product_compared --input=2x8x16xf32=random:1 --input=2x8x16xf32=random:2 --input=2x8x16xf32=random:3 --input=8xi64="1 1 0 1 1 1 1 0" --check --tolerance=1e-5
// RUN: attn-run %s --function=product_of_floats --input=2x8x16xf32=random:1 --input=2x8x16xf32=random:2 --input=2x8x16xf32=random:3 --input=8xi64="1 1 0 1 1 1 1 0" --check --tolerance=1e-5
// RUN: attn-run %s --function=nan_to_num --input=2x8x16xf32=random:1 --input=2x12x16xf32=random:2 --input=2x12x16xf32=random:3 --input=8x12xi1=random:4 --check --tolerance=1e-5

// masked_fill(j > i): what is dropped, not what is kept.
// CHECK-LABEL: func @masked_fill_causal
// CHECK: attn.sdpa query(%{{.*}}) key(%{{.*}}) value(%{{.*}}) causal :
func.func @masked_fill_causal(%q: tensor<2x8x16xf32>, %k: tensor<2x8x16xf32>, %v: tensor<2x8x16xf32>) -> (tensor<2x8x16xf32>) {
  %c1 = arith.constant 0.0 : f32
  %e2 = tensor.empty() : tensor<2x8x8xf32>
  %f3 = linalg.fill ins(%c1 : f32) outs(%e2 : tensor<2x8x8xf32>) -> tensor<2x8x8xf32>
  %products4 = linalg.generic {indexing_maps = [affine_map<(h, i, j, d) -> (h, i, d)>, affine_map<(h, i, j, d) -> (h, j, d)>, affine_map<(h, i, j, d) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%q, %k : tensor<2x8x16xf32>, tensor<2x8x16xf32>) outs(%f3 : tensor<2x8x8xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8x8xf32>
  %c5 = arith.constant 0.25 : f32
  %e6 = tensor.empty() : tensor<2x8x8xf32>
  %scores7 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%products4 : tensor<2x8x8xf32>) outs(%e6 : tensor<2x8x8xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r = arith.mulf %a0, %c5 : f32
    linalg.yield %r : f32
  } -> tensor<2x8x8xf32>
  %c8 = arith.constant 0xFF800000 : f32
  %e9 = tensor.empty() : tensor<8x8xi1>
  %drop10 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} outs(%e9 : tensor<8x8xi1>) {
  ^bb0(%o: i1):
    %x = linalg.index 0 : index
    %y = linalg.index 1 : index
    %r = arith.cmpi sgt, %y, %x : index
    linalg.yield %r : i1
  } -> tensor<8x8xi1>
  %e11 = tensor.empty() : tensor<2x8x8xf32>
  %masked12 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (i, j)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%scores7, %drop10 : tensor<2x8x8xf32>, tensor<8x8xi1>) outs(%e11 : tensor<2x8x8xf32>) {
  ^bb0(%a0: f32, %a1: i1, %o: f32):
    %r = arith.select %a1, %c8, %a0 : f32
    linalg.yield %r : f32
  } -> tensor<2x8x8xf32>
  %e13 = tensor.empty() : tensor<2x8xf32>
  %f14 = linalg.fill ins(%c8 : f32) outs(%e13 : tensor<2x8xf32>) -> tensor<2x8xf32>
  %max15 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%masked12 : tensor<2x8x8xf32>) outs(%f14 : tensor<2x8xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r = arith.maximumf %a0, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8xf32>
  %e16 = tensor.empty() : tensor<2x8x8xf32>
  %exps17 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%masked12, %max15 : tensor<2x8x8xf32>, tensor<2x8xf32>) outs(%e16 : tensor<2x8x8xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %d = arith.subf %a0, %a1 : f32
    %r = math.exp %d : f32
    linalg.yield %r : f32
  } -> tensor<2x8x8xf32>
  %e18 = tensor.empty() : tensor<2x8xf32>
  %f19 = linalg.fill ins(%c1 : f32) outs(%e18 : tensor<2x8xf32>) -> tensor<2x8xf32>
  %sum20 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%exps17 : tensor<2x8x8xf32>) outs(%f19 : tensor<2x8xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r = arith.addf %a0, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8xf32>
  %e21 = tensor.empty() : tensor<2x8x8xf32>
  %weights22 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%exps17, %sum20 : tensor<2x8x8xf32>, tensor<2x8xf32>) outs(%e21 : tensor<2x8x8xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %r = arith.divf %a0, %a1 : f32
    linalg.yield %r : f32
  } -> tensor<2x8x8xf32>
  %e23 = tensor.empty() : tensor<2x8x16xf32>
  %f24 = linalg.fill ins(%c1 : f32) outs(%e23 : tensor<2x8x16xf32>) -> tensor<2x8x16xf32>
  %out25 = linalg.generic {indexing_maps = [affine_map<(h, i, e, j) -> (h, i, j)>, affine_map<(h, i, e, j) -> (h, j, e)>, affine_map<(h, i, e, j) -> (h, i, e)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%weights22, %v : tensor<2x8x8xf32>, tensor<2x8x16xf32>) outs(%f24 : tensor<2x8x16xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8x16xf32>
  return %out25 : tensor<2x8x16xf32>
}

// The same of a window on both sides.
// CHECK-LABEL: func @masked_fill_window
// CHECK: attn.sdpa query(%{{.*}}) key(%{{.*}}) value(%{{.*}}) window(2, 3) :
func.func @masked_fill_window(%q: tensor<2x8x16xf32>, %k: tensor<2x8x16xf32>, %v: tensor<2x8x16xf32>) -> (tensor<2x8x16xf32>) {
  %c1 = arith.constant 0.0 : f32
  %e2 = tensor.empty() : tensor<2x8x8xf32>
  %f3 = linalg.fill ins(%c1 : f32) outs(%e2 : tensor<2x8x8xf32>) -> tensor<2x8x8xf32>
  %products4 = linalg.generic {indexing_maps = [affine_map<(h, i, j, d) -> (h, i, d)>, affine_map<(h, i, j, d) -> (h, j, d)>, affine_map<(h, i, j, d) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%q, %k : tensor<2x8x16xf32>, tensor<2x8x16xf32>) outs(%f3 : tensor<2x8x8xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8x8xf32>
  %c5 = arith.constant 0.25 : f32
  %e6 = tensor.empty() : tensor<2x8x8xf32>
  %scores7 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%products4 : tensor<2x8x8xf32>) outs(%e6 : tensor<2x8x8xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r = arith.mulf %a0, %c5 : f32
    linalg.yield %r : f32
  } -> tensor<2x8x8xf32>
  %c8 = arith.constant 0xFF800000 : f32
  %c9 = arith.constant 2 : i64
  %c10 = arith.constant 3 : i64
  %e11 = tensor.empty() : tensor<8x8xi1>
  %drop12 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} outs(%e11 : tensor<8x8xi1>) {
  ^bb0(%o: i1):
    %x = linalg.index 0 : index
    %y = linalg.index 1 : index
    %xi = arith.index_cast %x : index to i64
    %yi = arith.index_cast %y : index to i64
    %d = arith.subi %yi, %xi : i64
    %e = arith.subi %xi, %yi : i64
    %far = arith.cmpi sgt, %d, %c10 : i64
    %old = arith.cmpi sgt, %e, %c9 : i64
    %r = arith.ori %far, %old : i1
    linalg.yield %r : i1
  } -> tensor<8x8xi1>
  %e13 = tensor.empty() : tensor<2x8x8xf32>
  %masked14 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (i, j)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%scores7, %drop12 : tensor<2x8x8xf32>, tensor<8x8xi1>) outs(%e13 : tensor<2x8x8xf32>) {
  ^bb0(%a0: f32, %a1: i1, %o: f32):
    %r = arith.select %a1, %c8, %a0 : f32
    linalg.yield %r : f32
  } -> tensor<2x8x8xf32>
  %e15 = tensor.empty() : tensor<2x8xf32>
  %f16 = linalg.fill ins(%c8 : f32) outs(%e15 : tensor<2x8xf32>) -> tensor<2x8xf32>
  %max17 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%masked14 : tensor<2x8x8xf32>) outs(%f16 : tensor<2x8xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r = arith.maximumf %a0, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8xf32>
  %e18 = tensor.empty() : tensor<2x8x8xf32>
  %exps19 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%masked14, %max17 : tensor<2x8x8xf32>, tensor<2x8xf32>) outs(%e18 : tensor<2x8x8xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %d = arith.subf %a0, %a1 : f32
    %r = math.exp %d : f32
    linalg.yield %r : f32
  } -> tensor<2x8x8xf32>
  %e20 = tensor.empty() : tensor<2x8xf32>
  %f21 = linalg.fill ins(%c1 : f32) outs(%e20 : tensor<2x8xf32>) -> tensor<2x8xf32>
  %sum22 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%exps19 : tensor<2x8x8xf32>) outs(%f21 : tensor<2x8xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r = arith.addf %a0, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8xf32>
  %e23 = tensor.empty() : tensor<2x8x8xf32>
  %weights24 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%exps19, %sum22 : tensor<2x8x8xf32>, tensor<2x8xf32>) outs(%e23 : tensor<2x8x8xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %r = arith.divf %a0, %a1 : f32
    linalg.yield %r : f32
  } -> tensor<2x8x8xf32>
  %e25 = tensor.empty() : tensor<2x8x16xf32>
  %f26 = linalg.fill ins(%c1 : f32) outs(%e25 : tensor<2x8x16xf32>) -> tensor<2x8x16xf32>
  %out27 = linalg.generic {indexing_maps = [affine_map<(h, i, e, j) -> (h, i, j)>, affine_map<(h, i, e, j) -> (h, j, e)>, affine_map<(h, i, e, j) -> (h, i, e)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%weights24, %v : tensor<2x8x8xf32>, tensor<2x8x16xf32>) outs(%f26 : tensor<2x8x16xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8x16xf32>
  return %out27 : tensor<2x8x16xf32>
}

// A causal mask times one of integers: whatever these are, it drops.
// CHECK-LABEL: func @product_of_masks
// CHECK: attn.sdpa query(%{{.*}}) key(%{{.*}}) value(%{{.*}}) causal score(
// CHECK: tensor.extract
func.func @product_of_masks(%q: tensor<2x8x16xf32>, %k: tensor<2x8x16xf32>, %v: tensor<2x8x16xf32>, %mask: tensor<8xi64>) -> (tensor<2x8x16xf32>) {
  %c1 = arith.constant 0.0 : f32
  %e2 = tensor.empty() : tensor<2x8x8xf32>
  %f3 = linalg.fill ins(%c1 : f32) outs(%e2 : tensor<2x8x8xf32>) -> tensor<2x8x8xf32>
  %products4 = linalg.generic {indexing_maps = [affine_map<(h, i, j, d) -> (h, i, d)>, affine_map<(h, i, j, d) -> (h, j, d)>, affine_map<(h, i, j, d) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%q, %k : tensor<2x8x16xf32>, tensor<2x8x16xf32>) outs(%f3 : tensor<2x8x8xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8x8xf32>
  %c5 = arith.constant 0.25 : f32
  %e6 = tensor.empty() : tensor<2x8x8xf32>
  %scores7 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%products4 : tensor<2x8x8xf32>) outs(%e6 : tensor<2x8x8xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r = arith.mulf %a0, %c5 : f32
    linalg.yield %r : f32
  } -> tensor<2x8x8xf32>
  %c8 = arith.constant 1.0 : f32
  %c9 = arith.constant -1000000000.0 : f32
  %e10 = tensor.empty() : tensor<8x8xi1>
  %causal11 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} outs(%e10 : tensor<8x8xi1>) {
  ^bb0(%o: i1):
    %x = linalg.index 0 : index
    %y = linalg.index 1 : index
    %r = arith.cmpi sle, %y, %x : index
    linalg.yield %r : i1
  } -> tensor<8x8xi1>
  %e12 = tensor.empty() : tensor<8x8xf32>
  %num13 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%causal11 : tensor<8x8xi1>) outs(%e12 : tensor<8x8xf32>) {
  ^bb0(%a0: i1, %o: f32):
    %r = arith.uitofp %a0 : i1 to f32
    linalg.yield %r : f32
  } -> tensor<8x8xf32>
  %e14 = tensor.empty() : tensor<8x8xf32>
  %both15 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%num13, %mask : tensor<8x8xf32>, tensor<8xi64>) outs(%e14 : tensor<8x8xf32>) {
  ^bb0(%a0: f32, %a1: i64, %o: f32):
    %y = arith.sitofp %a1 : i64 to f32
    %r = arith.mulf %a0, %y : f32
    linalg.yield %r : f32
  } -> tensor<8x8xf32>
  %e16 = tensor.empty() : tensor<8x8xf32>
  %additive17 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%both15 : tensor<8x8xf32>) outs(%e16 : tensor<8x8xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %x = arith.subf %c8, %a0 : f32
    %r = arith.mulf %x, %c9 : f32
    linalg.yield %r : f32
  } -> tensor<8x8xf32>
  %e18 = tensor.empty() : tensor<2x8x8xf32>
  %masked19 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (i, j)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%scores7, %additive17 : tensor<2x8x8xf32>, tensor<8x8xf32>) outs(%e18 : tensor<2x8x8xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %r = arith.addf %a0, %a1 : f32
    linalg.yield %r : f32
  } -> tensor<2x8x8xf32>
  %c20 = arith.constant 0xFF800000 : f32
  %e21 = tensor.empty() : tensor<2x8xf32>
  %f22 = linalg.fill ins(%c20 : f32) outs(%e21 : tensor<2x8xf32>) -> tensor<2x8xf32>
  %max23 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%masked19 : tensor<2x8x8xf32>) outs(%f22 : tensor<2x8xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r = arith.maximumf %a0, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8xf32>
  %e24 = tensor.empty() : tensor<2x8x8xf32>
  %exps25 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%masked19, %max23 : tensor<2x8x8xf32>, tensor<2x8xf32>) outs(%e24 : tensor<2x8x8xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %d = arith.subf %a0, %a1 : f32
    %r = math.exp %d : f32
    linalg.yield %r : f32
  } -> tensor<2x8x8xf32>
  %e26 = tensor.empty() : tensor<2x8xf32>
  %f27 = linalg.fill ins(%c1 : f32) outs(%e26 : tensor<2x8xf32>) -> tensor<2x8xf32>
  %sum28 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%exps25 : tensor<2x8x8xf32>) outs(%f27 : tensor<2x8xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r = arith.addf %a0, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8xf32>
  %e29 = tensor.empty() : tensor<2x8x8xf32>
  %weights30 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%exps25, %sum28 : tensor<2x8x8xf32>, tensor<2x8xf32>) outs(%e29 : tensor<2x8x8xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %r = arith.divf %a0, %a1 : f32
    linalg.yield %r : f32
  } -> tensor<2x8x8xf32>
  %e31 = tensor.empty() : tensor<2x8x16xf32>
  %f32 = linalg.fill ins(%c1 : f32) outs(%e31 : tensor<2x8x16xf32>) -> tensor<2x8x16xf32>
  %out33 = linalg.generic {indexing_maps = [affine_map<(h, i, e, j) -> (h, i, j)>, affine_map<(h, i, e, j) -> (h, j, e)>, affine_map<(h, i, e, j) -> (h, i, e)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%weights30, %v : tensor<2x8x8xf32>, tensor<2x8x16xf32>) outs(%f32 : tensor<2x8x16xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8x16xf32>
  return %out33 : tensor<2x8x16xf32>
}

// Their product compared with 0.
// CHECK-LABEL: func @product_compared
// CHECK: attn.sdpa query(%{{.*}}) key(%{{.*}}) value(%{{.*}}) causal mask(
// CHECK: %[[X:.*]] = tensor.extract
// CHECK: arith.cmpi ne, %[[X]]
func.func @product_compared(%q: tensor<2x8x16xf32>, %k: tensor<2x8x16xf32>, %v: tensor<2x8x16xf32>, %mask: tensor<8xi64>) -> (tensor<2x8x16xf32>) {
  %c1 = arith.constant 0.0 : f32
  %e2 = tensor.empty() : tensor<2x8x8xf32>
  %f3 = linalg.fill ins(%c1 : f32) outs(%e2 : tensor<2x8x8xf32>) -> tensor<2x8x8xf32>
  %products4 = linalg.generic {indexing_maps = [affine_map<(h, i, j, d) -> (h, i, d)>, affine_map<(h, i, j, d) -> (h, j, d)>, affine_map<(h, i, j, d) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%q, %k : tensor<2x8x16xf32>, tensor<2x8x16xf32>) outs(%f3 : tensor<2x8x8xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8x8xf32>
  %c5 = arith.constant 0.25 : f32
  %e6 = tensor.empty() : tensor<2x8x8xf32>
  %scores7 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%products4 : tensor<2x8x8xf32>) outs(%e6 : tensor<2x8x8xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r = arith.mulf %a0, %c5 : f32
    linalg.yield %r : f32
  } -> tensor<2x8x8xf32>
  %c8 = arith.constant 0xFF800000 : f32
  %e9 = tensor.empty() : tensor<8x8xi1>
  %causal10 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} outs(%e9 : tensor<8x8xi1>) {
  ^bb0(%o: i1):
    %x = linalg.index 0 : index
    %y = linalg.index 1 : index
    %r = arith.cmpi sle, %y, %x : index
    linalg.yield %r : i1
  } -> tensor<8x8xi1>
  %e11 = tensor.empty() : tensor<8x8xi64>
  %num12 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%causal10 : tensor<8x8xi1>) outs(%e11 : tensor<8x8xi64>) {
  ^bb0(%a0: i1, %o: i64):
    %r = arith.extui %a0 : i1 to i64
    linalg.yield %r : i64
  } -> tensor<8x8xi64>
  %e13 = tensor.empty() : tensor<8x8xi64>
  %both14 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%num12, %mask : tensor<8x8xi64>, tensor<8xi64>) outs(%e13 : tensor<8x8xi64>) {
  ^bb0(%a0: i64, %a1: i64, %o: i64):
    %r = arith.muli %a0, %a1 : i64
    linalg.yield %r : i64
  } -> tensor<8x8xi64>
  %c15 = arith.constant 0 : i64
  %e16 = tensor.empty() : tensor<2x8x8xf32>
  %masked17 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (i, j)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%scores7, %both14 : tensor<2x8x8xf32>, tensor<8x8xi64>) outs(%e16 : tensor<2x8x8xf32>) {
  ^bb0(%a0: f32, %a1: i64, %o: f32):
    %c = arith.cmpi eq, %a1, %c15 : i64
    %r = arith.select %c, %c8, %a0 : f32
    linalg.yield %r : f32
  } -> tensor<2x8x8xf32>
  %e18 = tensor.empty() : tensor<2x8xf32>
  %f19 = linalg.fill ins(%c8 : f32) outs(%e18 : tensor<2x8xf32>) -> tensor<2x8xf32>
  %max20 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%masked17 : tensor<2x8x8xf32>) outs(%f19 : tensor<2x8xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r = arith.maximumf %a0, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8xf32>
  %e21 = tensor.empty() : tensor<2x8x8xf32>
  %exps22 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%masked17, %max20 : tensor<2x8x8xf32>, tensor<2x8xf32>) outs(%e21 : tensor<2x8x8xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %d = arith.subf %a0, %a1 : f32
    %r = math.exp %d : f32
    linalg.yield %r : f32
  } -> tensor<2x8x8xf32>
  %e23 = tensor.empty() : tensor<2x8xf32>
  %f24 = linalg.fill ins(%c1 : f32) outs(%e23 : tensor<2x8xf32>) -> tensor<2x8xf32>
  %sum25 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%exps22 : tensor<2x8x8xf32>) outs(%f24 : tensor<2x8xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r = arith.addf %a0, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8xf32>
  %e26 = tensor.empty() : tensor<2x8x8xf32>
  %weights27 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%exps22, %sum25 : tensor<2x8x8xf32>, tensor<2x8xf32>) outs(%e26 : tensor<2x8x8xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %r = arith.divf %a0, %a1 : f32
    linalg.yield %r : f32
  } -> tensor<2x8x8xf32>
  %e28 = tensor.empty() : tensor<2x8x16xf32>
  %f29 = linalg.fill ins(%c1 : f32) outs(%e28 : tensor<2x8x16xf32>) -> tensor<2x8x16xf32>
  %out30 = linalg.generic {indexing_maps = [affine_map<(h, i, e, j) -> (h, i, j)>, affine_map<(h, i, e, j) -> (h, j, e)>, affine_map<(h, i, e, j) -> (h, i, e)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%weights27, %v : tensor<2x8x8xf32>, tensor<2x8x16xf32>) outs(%f29 : tensor<2x8x16xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8x16xf32>
  return %out30 : tensor<2x8x16xf32>
}

// The same of floats.
// CHECK-LABEL: func @product_of_floats
// CHECK: attn.sdpa query(%{{.*}}) key(%{{.*}}) value(%{{.*}}) causal mask(
func.func @product_of_floats(%q: tensor<2x8x16xf32>, %k: tensor<2x8x16xf32>, %v: tensor<2x8x16xf32>, %mask: tensor<8xi64>) -> (tensor<2x8x16xf32>) {
  %c1 = arith.constant 0.0 : f32
  %e2 = tensor.empty() : tensor<2x8x8xf32>
  %f3 = linalg.fill ins(%c1 : f32) outs(%e2 : tensor<2x8x8xf32>) -> tensor<2x8x8xf32>
  %products4 = linalg.generic {indexing_maps = [affine_map<(h, i, j, d) -> (h, i, d)>, affine_map<(h, i, j, d) -> (h, j, d)>, affine_map<(h, i, j, d) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%q, %k : tensor<2x8x16xf32>, tensor<2x8x16xf32>) outs(%f3 : tensor<2x8x8xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8x8xf32>
  %c5 = arith.constant 0.25 : f32
  %e6 = tensor.empty() : tensor<2x8x8xf32>
  %scores7 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%products4 : tensor<2x8x8xf32>) outs(%e6 : tensor<2x8x8xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r = arith.mulf %a0, %c5 : f32
    linalg.yield %r : f32
  } -> tensor<2x8x8xf32>
  %c8 = arith.constant 0xFF800000 : f32
  %e9 = tensor.empty() : tensor<8x8xi1>
  %causal10 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} outs(%e9 : tensor<8x8xi1>) {
  ^bb0(%o: i1):
    %x = linalg.index 0 : index
    %y = linalg.index 1 : index
    %r = arith.cmpi sle, %y, %x : index
    linalg.yield %r : i1
  } -> tensor<8x8xi1>
  %e11 = tensor.empty() : tensor<8x8xf32>
  %both12 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%causal10, %mask : tensor<8x8xi1>, tensor<8xi64>) outs(%e11 : tensor<8x8xf32>) {
  ^bb0(%a0: i1, %a1: i64, %o: f32):
    %x = arith.uitofp %a0 : i1 to f32
    %y = arith.sitofp %a1 : i64 to f32
    %r = arith.mulf %y, %x : f32
    linalg.yield %r : f32
  } -> tensor<8x8xf32>
  %e13 = tensor.empty() : tensor<2x8x8xf32>
  %masked14 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (i, j)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%scores7, %both12 : tensor<2x8x8xf32>, tensor<8x8xf32>) outs(%e13 : tensor<2x8x8xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %c = arith.cmpf une, %a1, %c1 : f32
    %r = arith.select %c, %a0, %c8 : f32
    linalg.yield %r : f32
  } -> tensor<2x8x8xf32>
  %e15 = tensor.empty() : tensor<2x8xf32>
  %f16 = linalg.fill ins(%c8 : f32) outs(%e15 : tensor<2x8xf32>) -> tensor<2x8xf32>
  %max17 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%masked14 : tensor<2x8x8xf32>) outs(%f16 : tensor<2x8xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r = arith.maximumf %a0, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8xf32>
  %e18 = tensor.empty() : tensor<2x8x8xf32>
  %exps19 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%masked14, %max17 : tensor<2x8x8xf32>, tensor<2x8xf32>) outs(%e18 : tensor<2x8x8xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %d = arith.subf %a0, %a1 : f32
    %r = math.exp %d : f32
    linalg.yield %r : f32
  } -> tensor<2x8x8xf32>
  %e20 = tensor.empty() : tensor<2x8xf32>
  %f21 = linalg.fill ins(%c1 : f32) outs(%e20 : tensor<2x8xf32>) -> tensor<2x8xf32>
  %sum22 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%exps19 : tensor<2x8x8xf32>) outs(%f21 : tensor<2x8xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r = arith.addf %a0, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8xf32>
  %e23 = tensor.empty() : tensor<2x8x8xf32>
  %weights24 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%exps19, %sum22 : tensor<2x8x8xf32>, tensor<2x8xf32>) outs(%e23 : tensor<2x8x8xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %r = arith.divf %a0, %a1 : f32
    linalg.yield %r : f32
  } -> tensor<2x8x8xf32>
  %e25 = tensor.empty() : tensor<2x8x16xf32>
  %f26 = linalg.fill ins(%c1 : f32) outs(%e25 : tensor<2x8x16xf32>) -> tensor<2x8x16xf32>
  %out27 = linalg.generic {indexing_maps = [affine_map<(h, i, e, j) -> (h, i, j)>, affine_map<(h, i, e, j) -> (h, j, e)>, affine_map<(h, i, e, j) -> (h, i, e)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%weights24, %v : tensor<2x8x8xf32>, tensor<2x8x16xf32>) outs(%f26 : tensor<2x8x16xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8x16xf32>
  return %out27 : tensor<2x8x16xf32>
}

// nan_to_num of weights: rows that keep nothing are 0.
// CHECK-LABEL: func @nan_to_num
// CHECK-NOT: linalg
// CHECK: attn.sdpa {{.*}} keep(
// CHECK-NOT: linalg
// CHECK: return
func.func @nan_to_num(%q: tensor<2x8x16xf32>, %k: tensor<2x12x16xf32>, %v: tensor<2x12x16xf32>, %keep: tensor<8x12xi1>) -> (tensor<2x8x16xf32>) {
  %c1 = arith.constant 0.0 : f32
  %e2 = tensor.empty() : tensor<2x8x12xf32>
  %f3 = linalg.fill ins(%c1 : f32) outs(%e2 : tensor<2x8x12xf32>) -> tensor<2x8x12xf32>
  %products4 = linalg.generic {indexing_maps = [affine_map<(h, i, j, d) -> (h, i, d)>, affine_map<(h, i, j, d) -> (h, j, d)>, affine_map<(h, i, j, d) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%q, %k : tensor<2x8x16xf32>, tensor<2x12x16xf32>) outs(%f3 : tensor<2x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8x12xf32>
  %c5 = arith.constant 0.25 : f32
  %e6 = tensor.empty() : tensor<2x8x12xf32>
  %scores7 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%products4 : tensor<2x8x12xf32>) outs(%e6 : tensor<2x8x12xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r = arith.mulf %a0, %c5 : f32
    linalg.yield %r : f32
  } -> tensor<2x8x12xf32>
  %c8 = arith.constant 0xFF800000 : f32
  %e9 = tensor.empty() : tensor<2x8x12xf32>
  %masked10 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (i, j)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%scores7, %keep : tensor<2x8x12xf32>, tensor<8x12xi1>) outs(%e9 : tensor<2x8x12xf32>) {
  ^bb0(%a0: f32, %a1: i1, %o: f32):
    %r = arith.select %a1, %a0, %c8 : f32
    linalg.yield %r : f32
  } -> tensor<2x8x12xf32>
  %e11 = tensor.empty() : tensor<2x8xf32>
  %f12 = linalg.fill ins(%c8 : f32) outs(%e11 : tensor<2x8xf32>) -> tensor<2x8xf32>
  %max13 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%masked10 : tensor<2x8x12xf32>) outs(%f12 : tensor<2x8xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r = arith.maximumf %a0, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8xf32>
  %e14 = tensor.empty() : tensor<2x8x12xf32>
  %exps15 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%masked10, %max13 : tensor<2x8x12xf32>, tensor<2x8xf32>) outs(%e14 : tensor<2x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %d = arith.subf %a0, %a1 : f32
    %r = math.exp %d : f32
    linalg.yield %r : f32
  } -> tensor<2x8x12xf32>
  %e16 = tensor.empty() : tensor<2x8xf32>
  %f17 = linalg.fill ins(%c1 : f32) outs(%e16 : tensor<2x8xf32>) -> tensor<2x8xf32>
  %sum18 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%exps15 : tensor<2x8x12xf32>) outs(%f17 : tensor<2x8xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r = arith.addf %a0, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8xf32>
  %e19 = tensor.empty() : tensor<2x8x12xf32>
  %weights20 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%exps15, %sum18 : tensor<2x8x12xf32>, tensor<2x8xf32>) outs(%e19 : tensor<2x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %r = arith.divf %a0, %a1 : f32
    linalg.yield %r : f32
  } -> tensor<2x8x12xf32>
  %e21 = tensor.empty() : tensor<2x8x12xf32>
  %finite22 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%weights20 : tensor<2x8x12xf32>) outs(%e21 : tensor<2x8x12xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %c = arith.cmpf une, %a0, %a0 : f32
    %r = arith.select %c, %c1, %a0 : f32
    linalg.yield %r : f32
  } -> tensor<2x8x12xf32>
  %e23 = tensor.empty() : tensor<2x8x16xf32>
  %f24 = linalg.fill ins(%c1 : f32) outs(%e23 : tensor<2x8x16xf32>) -> tensor<2x8x16xf32>
  %out25 = linalg.generic {indexing_maps = [affine_map<(h, i, e, j) -> (h, i, j)>, affine_map<(h, i, e, j) -> (h, j, e)>, affine_map<(h, i, e, j) -> (h, i, e)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%finite22, %v : tensor<2x8x12xf32>, tensor<2x12x16xf32>) outs(%f24 : tensor<2x8x16xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8x16xf32>
  return %out25 : tensor<2x8x16xf32>
}
