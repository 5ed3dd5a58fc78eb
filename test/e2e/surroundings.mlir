// Operations that surround attention in programs: they compile whole and give
// what their evaluation in f64 gives.

// RUN: attn-run %s --function=projection --input=2x7x16xf32=random:1 --input=16x24xf32=random:2 --input=24xf32=random:3 --check | FileCheck %s --check-prefix=SMALL
// RUN: attn-run %s --function=batch_matmul --input=3x5x9xf32=random:1 --input=3x9x4xf32=random:2 --check | FileCheck %s --check-prefix=SMALL
// RUN: attn-run %s --function=conv --input=1x3x11x11xf32=random:1 --input=5x3x3x3xf32=random:2 --check | FileCheck %s --check-prefix=SMALL
// RUN: attn-run %s --function=softmax --input=4x33xf32=random:1 --check | FileCheck %s --check-prefix=SMALL
// RUN: attn-run %s --function=layer_norm --input=4x64xf32=random:1 --check | FileCheck %s --check-prefix=SMALL
// RUN: attn-run %s --function=math --input=100xf32=random:1 --check | FileCheck %s --check-prefix=SMALL
// RUN: attn-run %s --function=shapes --input=2x3x4xf32=random:1 --input=2x2x4xf32=random:2 --check | FileCheck %s --check-prefix=EXACT
// RUN: attn-run %s --function=gather --input=10x8xf32=random:1 --input=5xi64="9 0 3 3 7" --check | FileCheck %s --check-prefix=EXACT
// RUN: attn-run %s --function=loops --input=6x4xf32=random:1 --input=index=5 --check | FileCheck %s --check-prefix=EXACT
// RUN: attn-run %s --function=pool --input=1x8x8x2xf32=random:1 --check | FileCheck %s --check-prefix=EXACT
// RUN: attn-run %s --function=half --input=5x40xf16=random:1 --input=40x6xf16=random:2 --check --output=@%t.npy | FileCheck %s --check-prefix=HALF
// RUN: attn-run %s --function=parallel --input=6x40xf32=random:1 --check | FileCheck %s --check-prefix=SMALL
// RUN: attn-run %s --function=block --input=1x9x32xf32=random:1 --input=32x96xf32=random:2 --check | FileCheck %s --check-prefix=SMALL
// RUN: attn-run %s --function=empty --input=0x4xf32 --check | FileCheck %s --check-prefix=EXACT
// RUN: attn-run %s --function=tensors --input=3x10xf32=random:1 --input=3x10xf32=random:2 --check | FileCheck %s --check-prefix=SMALL

// Of values of about 1.
// SMALL: check: result 0: max error {{[0-9.]+}}e-0{{[6789]}} in
// EXACT: check: result 0: max error 0.000e+00 in
// HALF: check: result 0: max error {{[0-9.]+}}e-03 in

#row = affine_map<(i, j) -> (i)>
#all = affine_map<(i, j) -> (i, j)>

// Scalars' operations on whole tensors.
func.func @tensors(%x: tensor<?x10xf32>, %y: tensor<?x10xf32>) -> tensor<?x10xf32> {
  %sum = arith.addf %x, %y : tensor<?x10xf32>
  %isGreater = arith.cmpf ogt, %x, %y : tensor<?x10xf32>
  %larger = arith.select %isGreater, %x, %y : tensor<?x10xi1>, tensor<?x10xf32>
  %power = math.exp %larger : tensor<?x10xf32>
  %r = arith.divf %sum, %power : tensor<?x10xf32>
  return %r : tensor<?x10xf32>
}

func.func @projection(%x: tensor<2x?x16xf32>, %w: tensor<16x24xf32>, %bias: tensor<24xf32>) -> tensor<2x?x24xf32> {
  %c0 = arith.constant 0.0 : f32
  %i1 = arith.constant 1 : index
  %i2 = arith.constant 2 : index
  %n = tensor.dim %x, %i1 : tensor<2x?x16xf32>
  %m = arith.muli %n, %i2 : index
  %flat = tensor.collapse_shape %x [[0, 1], [2]] : tensor<2x?x16xf32> into tensor<?x16xf32>
  %e = tensor.empty(%m) : tensor<?x24xf32>
  %z = linalg.fill ins(%c0 : f32) outs(%e : tensor<?x24xf32>) -> tensor<?x24xf32>
  %p = linalg.matmul ins(%flat, %w : tensor<?x16xf32>, tensor<16x24xf32>) outs(%z : tensor<?x24xf32>) -> tensor<?x24xf32>
  %b = linalg.broadcast ins(%bias : tensor<24xf32>) outs(%e : tensor<?x24xf32>) dimensions = [0]
  %s = linalg.add ins(%p, %b : tensor<?x24xf32>, tensor<?x24xf32>) outs(%e : tensor<?x24xf32>) -> tensor<?x24xf32>
  %r = tensor.expand_shape %s [[0, 1], [2]] output_shape [2, %n, 24] : tensor<?x24xf32> into tensor<2x?x24xf32>
  return %r : tensor<2x?x24xf32>
}

func.func @batch_matmul(%a: tensor<3x5x9xf32>, %b: tensor<3x9x4xf32>) -> tensor<3x5x4xf32> {
  %c0 = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<3x5x4xf32>
  %z = linalg.fill ins(%c0 : f32) outs(%e : tensor<3x5x4xf32>) -> tensor<3x5x4xf32>
  %r = linalg.batch_matmul ins(%a, %b : tensor<3x5x9xf32>, tensor<3x9x4xf32>) outs(%z : tensor<3x5x4xf32>) -> tensor<3x5x4xf32>
  return %r : tensor<3x5x4xf32>
}

func.func @conv(%x: tensor<1x3x11x11xf32>, %w: tensor<5x3x3x3xf32>) -> tensor<1x5x5x5xf32> {
  %c0 = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<1x5x5x5xf32>
  %z = linalg.fill ins(%c0 : f32) outs(%e : tensor<1x5x5x5xf32>) -> tensor<1x5x5x5xf32>
  %r = linalg.conv_2d_nchw_fchw {dilations = dense<1> : vector<2xi64>, strides = dense<2> : vector<2xi64>}
      ins(%x, %w : tensor<1x3x11x11xf32>, tensor<5x3x3x3xf32>) outs(%z : tensor<1x5x5x5xf32>) -> tensor<1x5x5x5xf32>
  return %r : tensor<1x5x5x5xf32>
}

func.func @softmax(%x: tensor<4x?xf32>) -> tensor<4x?xf32> {
  %i1 = arith.constant 1 : index
  %n = tensor.dim %x, %i1 : tensor<4x?xf32>
  %e = tensor.empty(%n) : tensor<4x?xf32>
  %r = linalg.softmax dimension(1) ins(%x : tensor<4x?xf32>) outs(%e : tensor<4x?xf32>) -> tensor<4x?xf32>
  return %r : tensor<4x?xf32>
}

func.func @layer_norm(%x: tensor<4x64xf32>) -> tensor<4x64xf32> {
  %c0 = arith.constant 0.0 : f32
  %n = arith.constant 64.0 : f32
  %eps = arith.constant 1.0e-5 : f32
  %e = tensor.empty() : tensor<4xf32>
  %o = tensor.empty() : tensor<4x64xf32>
  %z = linalg.fill ins(%c0 : f32) outs(%e : tensor<4xf32>) -> tensor<4xf32>
  %sum = linalg.reduce { arith.addf } ins(%x : tensor<4x64xf32>) outs(%z : tensor<4xf32>) dimensions = [1]
  %square = linalg.square ins(%x : tensor<4x64xf32>) outs(%o : tensor<4x64xf32>) -> tensor<4x64xf32>
  %squares = linalg.reduce { arith.addf } ins(%square : tensor<4x64xf32>) outs(%z : tensor<4xf32>) dimensions = [1]
  %r = linalg.generic {indexing_maps = [#all, #row, #row, #all], iterator_types = ["parallel", "parallel"]}
      ins(%x, %sum, %squares : tensor<4x64xf32>, tensor<4xf32>, tensor<4xf32>) outs(%o : tensor<4x64xf32>) {
  ^bb0(%v: f32, %s: f32, %q: f32, %out: f32):
    %mean = arith.divf %s, %n : f32
    %meansq = arith.divf %q, %n : f32
    %m2 = arith.mulf %mean, %mean : f32
    %var = arith.subf %meansq, %m2 : f32
    %vare = arith.addf %var, %eps : f32
    %inv = math.rsqrt %vare : f32
    %d = arith.subf %v, %mean : f32
    %y = arith.mulf %d, %inv : f32
    linalg.yield %y : f32
  } -> tensor<4x64xf32>
  return %r : tensor<4x64xf32>
}

func.func @math(%x: tensor<100xf32>) -> tensor<100xf32> {
  %c2 = arith.constant 2.0 : f32
  %third = arith.constant 0.0625 : f32
  %o = tensor.empty() : tensor<100xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]}
      ins(%x : tensor<100xf32>) outs(%o : tensor<100xf32>) {
  ^bb0(%v: f32, %out: f32):
    %positive = arith.addf %v, %c2 : f32
    %1 = math.exp %v : f32
    %2 = math.log %positive : f32
    %3 = math.tanh %v : f32
    %4 = math.erf %v : f32
    %5 = math.sin %v : f32
    %6 = math.cos %v : f32
    %7 = math.sqrt %positive : f32
    %8 = math.absf %v : f32
    %9 = math.powf %positive, %c2 : f32
    %10 = math.exp2 %v : f32
    %11 = math.log2 %positive : f32
    %12 = math.floor %v : f32
    %13 = math.log1p %positive : f32
    %14 = math.fma %v, %v, %positive : f32
    %15 = math.atan %v : f32
    %16 = math.expm1 %v : f32
    %s1 = arith.addf %1, %2 : f32
    %s2 = arith.addf %s1, %3 : f32
    %s3 = arith.addf %s2, %4 : f32
    %s4 = arith.addf %s3, %5 : f32
    %s5 = arith.addf %s4, %6 : f32
    %s6 = arith.addf %s5, %7 : f32
    %s7 = arith.addf %s6, %8 : f32
    %s8 = arith.addf %s7, %9 : f32
    %s9 = arith.addf %s8, %10 : f32
    %s10 = arith.addf %s9, %11 : f32
    %s11 = arith.addf %s10, %12 : f32
    %s12 = arith.addf %s11, %13 : f32
    %s13 = arith.addf %s12, %14 : f32
    %s14 = arith.addf %s13, %15 : f32
    %s15 = arith.addf %s14, %16 : f32
    %mean = arith.mulf %s15, %third : f32
    linalg.yield %mean : f32
  } -> tensor<100xf32>
  return %r : tensor<100xf32>
}

func.func @shapes(%a: tensor<2x3x4xf32>, %b: tensor<2x2x4xf32>) -> tensor<4x2x9xf32> {
  %c0 = arith.constant 0.0 : f32
  %joined = tensor.concat dim(1) %a, %b : (tensor<2x3x4xf32>, tensor<2x2x4xf32>) -> tensor<2x5x4xf32>
  %padded = tensor.pad %joined low[0, 1, 0] high[0, 3, 0] {
  ^bb0(%i: index, %j: index, %k: index):
    tensor.yield %c0 : f32
  } : tensor<2x5x4xf32> to tensor<2x9x4xf32>
  %e = tensor.empty() : tensor<4x2x9xf32>
  %t = linalg.transpose ins(%padded : tensor<2x9x4xf32>) outs(%e : tensor<4x2x9xf32>) permutation = [2, 0, 1]
  %slice = tensor.extract_slice %t[1, 0, 2] [2, 2, 4] [1, 1, 2] : tensor<4x2x9xf32> to tensor<2x2x4xf32>
  %r = tensor.insert_slice %slice into %t[0, 0, 1] [2, 2, 4] [2, 1, 1] : tensor<2x2x4xf32> into tensor<4x2x9xf32>
  return %r : tensor<4x2x9xf32>
}

func.func @gather(%table: tensor<10x8xf32>, %ids: tensor<?xi64>) -> tensor<?x8xf32> {
  %i0 = arith.constant 0 : index
  %n = tensor.dim %ids, %i0 : tensor<?xi64>
  %e = tensor.empty(%n) : tensor<?x8xf32>
  %r = linalg.generic {indexing_maps = [#row, #all], iterator_types = ["parallel", "parallel"]}
      ins(%ids : tensor<?xi64>) outs(%e : tensor<?x8xf32>) {
  ^bb0(%id: i64, %out: f32):
    %i = arith.index_cast %id : i64 to index
    %j = linalg.index 1 : index
    %v = tensor.extract %table[%i, %j] : tensor<10x8xf32>
    linalg.yield %v : f32
  } -> tensor<?x8xf32>
  return %r : tensor<?x8xf32>
}

func.func @loops(%x: tensor<6x4xf32>, %n: index) -> (tensor<4xf32>, f32) {
  %c0 = arith.constant 0.0 : f32
  %i0 = arith.constant 0 : index
  %i1 = arith.constant 1 : index
  %i3 = arith.constant 3 : index
  %e = tensor.empty() : tensor<4xf32>
  %z = linalg.fill ins(%c0 : f32) outs(%e : tensor<4xf32>) -> tensor<4xf32>
  %sum = scf.for %i = %i0 to %n step %i1 iter_args(%acc = %z) -> tensor<4xf32> {
    %row = tensor.extract_slice %x[%i, 0] [1, 4] [1, 1] : tensor<6x4xf32> to tensor<4xf32>
    %late = arith.cmpi sge, %i, %i3 : index
    %next = scf.if %late -> tensor<4xf32> {
      %s = linalg.sub ins(%acc, %row : tensor<4xf32>, tensor<4xf32>) outs(%e : tensor<4xf32>) -> tensor<4xf32>
      scf.yield %s : tensor<4xf32>
    } else {
      %s = linalg.add ins(%acc, %row : tensor<4xf32>, tensor<4xf32>) outs(%e : tensor<4xf32>) -> tensor<4xf32>
      scf.yield %s : tensor<4xf32>
    }
    scf.yield %next : tensor<4xf32>
  }
  %first = tensor.extract %sum[%i0] : tensor<4xf32>
  return %sum, %first : tensor<4xf32>, f32
}

func.func @pool(%x: tensor<1x8x8x2xf32>) -> tensor<1x4x4x2xf32> {
  %low = arith.constant 0xFF800000 : f32
  %window = tensor.empty() : tensor<2x2xf32>
  %e = tensor.empty() : tensor<1x4x4x2xf32>
  %z = linalg.fill ins(%low : f32) outs(%e : tensor<1x4x4x2xf32>) -> tensor<1x4x4x2xf32>
  %r = linalg.pooling_nhwc_max {dilations = dense<1> : vector<2xi64>, strides = dense<2> : vector<2xi64>}
      ins(%x, %window : tensor<1x8x8x2xf32>, tensor<2x2xf32>) outs(%z : tensor<1x4x4x2xf32>) -> tensor<1x4x4x2xf32>
  return %r : tensor<1x4x4x2xf32>
}

func.func @half(%a: tensor<5x40xf16>, %b: tensor<40x6xf16>) -> tensor<5x6xf16> {
  %c0 = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<5x6xf32>
  %o = tensor.empty() : tensor<5x6xf16>
  %z = linalg.fill ins(%c0 : f32) outs(%e : tensor<5x6xf32>) -> tensor<5x6xf32>
  %p = linalg.matmul ins(%a, %b : tensor<5x40xf16>, tensor<40x6xf16>) outs(%z : tensor<5x6xf32>) -> tensor<5x6xf32>
  %r = linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]}
      ins(%p : tensor<5x6xf32>) outs(%o : tensor<5x6xf16>) {
  ^bb0(%v: f32, %out: f16):
    %h = arith.truncf %v : f32 to f16
    linalg.yield %h : f16
  } -> tensor<5x6xf16>
  return %r : tensor<5x6xf16>
}

// A parallel loop of the program's own, with a buffer that is as long as its
// input.
func.func @parallel(%x: tensor<6x?xf32>) -> tensor<6x?xf32> {
  %i1 = arith.constant 1 : index
  %n = tensor.dim %x, %i1 : tensor<6x?xf32>
  %e = tensor.empty(%n) : tensor<6x?xf32>
  %r = scf.forall (%i) in (6) shared_outs(%o = %e) -> tensor<6x?xf32> {
    %row = tensor.extract_slice %x[%i, 0] [1, %n] [1, 1] : tensor<6x?xf32> to tensor<1x?xf32>
    %t = tensor.empty(%n) : tensor<1x?xf32>
    %y = linalg.exp ins(%row : tensor<1x?xf32>) outs(%t : tensor<1x?xf32>) -> tensor<1x?xf32>
    %u = tensor.empty(%n) : tensor<1x?xf32>
    %w = linalg.mul ins(%y, %row : tensor<1x?xf32>, tensor<1x?xf32>) outs(%u : tensor<1x?xf32>) -> tensor<1x?xf32>
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %w into %o[%i, 0] [1, %n] [1, 1] : tensor<1x?xf32> into tensor<6x?xf32>
    }
  }
  return %r : tensor<6x?xf32>
}

// Attention between a projection and a reshape.
func.func @block(%x: tensor<1x?x32xf32>, %w: tensor<32x96xf32>) -> tensor<1x?x32xf32> {
  %c0 = arith.constant 0.0 : f32
  %i1 = arith.constant 1 : index
  %n = tensor.dim %x, %i1 : tensor<1x?x32xf32>
  %flat = tensor.collapse_shape %x [[0, 1], [2]] : tensor<1x?x32xf32> into tensor<?x32xf32>
  %e = tensor.empty(%n) : tensor<?x96xf32>
  %z = linalg.fill ins(%c0 : f32) outs(%e : tensor<?x96xf32>) -> tensor<?x96xf32>
  %p = linalg.matmul ins(%flat, %w : tensor<?x32xf32>, tensor<32x96xf32>) outs(%z : tensor<?x96xf32>) -> tensor<?x96xf32>
  %qkv = tensor.expand_shape %p [[0, 1], [2, 3]] output_shape [1, %n, 12, 8] : tensor<?x96xf32> into tensor<1x?x12x8xf32>
  %q = tensor.extract_slice %qkv[0, 0, 0, 0] [1, %n, 4, 8] [1, 1, 1, 1] : tensor<1x?x12x8xf32> to tensor<1x?x4x8xf32>
  %k = tensor.extract_slice %qkv[0, 0, 4, 0] [1, %n, 4, 8] [1, 1, 1, 1] : tensor<1x?x12x8xf32> to tensor<1x?x4x8xf32>
  %v = tensor.extract_slice %qkv[0, 0, 8, 0] [1, %n, 4, 8] [1, 1, 1, 1] : tensor<1x?x12x8xf32> to tensor<1x?x4x8xf32>
  %o = attn.sdpa query(%q) key(%k) value(%v) causal layout(query = bshd, key = bshd, value = bshd, output = bshd)
      : (tensor<1x?x4x8xf32>, tensor<1x?x4x8xf32>, tensor<1x?x4x8xf32>) -> tensor<1x?x4x8xf32>
  %r = tensor.collapse_shape %o [[0], [1], [2, 3]] : tensor<1x?x4x8xf32> into tensor<1x?x32xf32>
  return %r : tensor<1x?x32xf32>
}

func.func @empty(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %i0 = arith.constant 0 : index
  %n = tensor.dim %x, %i0 : tensor<?x4xf32>
  %e = tensor.empty(%n) : tensor<?x4xf32>
  %r = linalg.add ins(%x, %x : tensor<?x4xf32>, tensor<?x4xf32>) outs(%e : tensor<?x4xf32>) -> tensor<?x4xf32>
  return %r : tensor<?x4xf32>
}
