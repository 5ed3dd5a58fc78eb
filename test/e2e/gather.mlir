// Gathers, scatters and tiled layouts around attention compile and run.

// RUN: attn-run %s --function=gather --input=3x2xf32="1 2 3 4 5 6" --input=4x1xi32="2 0 2 1" | FileCheck %s --check-prefix=GATHER
// GATHER: result[0]: 4x2xf32=[5 6][1 2][5 6][3 4]
func.func @gather(%x: tensor<?x2xf32>, %i: tensor<?x1xi32>) -> tensor<?x2xf32> {
  %r = tensor.gather %x[%i] gather_dims([0]) : (tensor<?x2xf32>, tensor<?x1xi32>) -> tensor<?x2xf32>
  return %r : tensor<?x2xf32>
}

// The middle dimension, kept as one of size 1, by coordinates in two dimensions.
// RUN: attn-run %s --function=gather_middle --input=2x3x2xf32="1 2 3 4 5 6 7 8 9 10 11 12" --input=1x2x1xindex="2 0" | FileCheck %s --check-prefix=MIDDLE
// MIDDLE: result[0]: 1x2x2x1x2xf32={{\[+}}5 6]{{\]*}}{{\[+}}11 12]{{\]*}}{{\[+}}1 2]{{\]*}}{{\[+}}7 8]
func.func @gather_middle(%x: tensor<2x3x2xf32>, %i: tensor<1x2x1xindex>) -> tensor<1x2x2x1x2xf32> {
  %r = tensor.gather %x[%i] gather_dims([1]) : (tensor<2x3x2xf32>, tensor<1x2x1xindex>) -> tensor<1x2x2x1x2xf32>
  return %r : tensor<1x2x2x1x2xf32>
}

// RUN: attn-run %s --function=elements --input=2x3xf32="1 2 3 4 5 6" --input=3x2xi64="0 2 1 0 1 1" | FileCheck %s --check-prefix=ELEMENTS
// ELEMENTS: result[0]: 3xf32=3 4 5
func.func @elements(%x: tensor<2x3xf32>, %i: tensor<3x2xi64>) -> tensor<3xf32> {
  %r = tensor.gather %x[%i] gather_dims([0, 1]) : (tensor<2x3xf32>, tensor<3x2xi64>) -> tensor<3xf32>
  return %r : tensor<3xf32>
}

// The destination is the caller's and stays what it was.
// RUN: attn-run %s --function=scatter --input=2x1x2xf32="7 8 9 10" --input=3x2xf32="1 2 3 4 5 6" --input=2x1xindex="2 0" --repeat=2 | FileCheck %s --check-prefix=SCATTER
// SCATTER: result[0]: 3x2xf32=[9 10][3 4][7 8]
// SCATTER: result[1]: 3x2xf32=[1 2][3 4][5 6]
func.func @scatter(%s: tensor<2x1x2xf32>, %d: tensor<3x2xf32>, %i: tensor<2x1xindex>) -> (tensor<3x2xf32>, tensor<3x2xf32>) {
  %r = tensor.scatter %s into %d[%i] scatter_dims([0]) unique : (tensor<2x1x2xf32>, tensor<3x2xf32>, tensor<2x1xindex>) -> tensor<3x2xf32>
  return %r, %d : tensor<3x2xf32>, tensor<3x2xf32>
}

// RUN: attn-run %s --function=pack --input=3x4xf32="1 2 3 4 5 6 7 8 9 10 11 12" | FileCheck %s --check-prefix=PACK
// PACK: result[0]: 2x2x2x2xf32={{\[+}}1 2]{{\[*}}[5 6]{{\]*}}{{\[+}}3 4][7 8]{{\]*}}{{\[+}}9 10][0 0]{{\]*}}{{\[+}}11 12][0 0]
// PACK: result[1]: 3x4xf32=[1 2 3 4][5 6 7 8][9 10 11 12]
func.func @pack(%x: tensor<3x4xf32>) -> (tensor<2x2x2x2xf32>, tensor<3x4xf32>) {
  %zero = arith.constant 0.0 : f32
  %tiles = tensor.empty() : tensor<2x2x2x2xf32>
  %p = linalg.pack %x padding_value(%zero : f32) inner_dims_pos = [0, 1] inner_tiles = [2, 2] into %tiles : tensor<3x4xf32> -> tensor<2x2x2x2xf32>
  %rows = tensor.empty() : tensor<3x4xf32>
  %u = linalg.unpack %p inner_dims_pos = [0, 1] inner_tiles = [2, 2] into %rows : tensor<2x2x2x2xf32> -> tensor<3x4xf32>
  return %p, %u : tensor<2x2x2x2xf32>, tensor<3x4xf32>
}

// A paged cache: the table says which pages a sequence has. The same keys in
// order give the same output.
// RUN: attn-run %s --function=paged --input=1x4x1x64xf32=random:1 --input=16x2x32x64xf32=random:2 --input=4x1xi32="3 0 15 7" --output=@%t.npy --check | FileCheck %s --check-prefix=PAGED
// RUN: attn-run %s --function=in_order --input=1x4x1x64xf32=random:1 --input=16x2x32x64xf32=random:2 --expected=@%t.npy | FileCheck %s --check-prefix=SAME
// PAGED: check: result 0: max error {{[0-9.]+e-0[789]}} in 256 elements
// SAME: expected: result 0: max error 0.000e+00
func.func private @attend(%q: tensor<1x4x1x64xf32>, %pages: tensor<4x2x32x64xf32>) -> tensor<1x4x1x64xf32> {
  %e = tensor.empty() : tensor<2x4x32x64xf32>
  %t = linalg.transpose ins(%pages : tensor<4x2x32x64xf32>) outs(%e : tensor<2x4x32x64xf32>) permutation = [1, 0, 2, 3]
  %k = tensor.collapse_shape %t [[0], [1, 2], [3]] : tensor<2x4x32x64xf32> into tensor<2x128x64xf32>
  %k4 = tensor.expand_shape %k [[0, 1], [2], [3]] output_shape [1, 2, 128, 64] : tensor<2x128x64xf32> into tensor<1x2x128x64xf32>
  %o = attn.sdpa query(%q) key(%k4) value(%k4) : (tensor<1x4x1x64xf32>, tensor<1x2x128x64xf32>, tensor<1x2x128x64xf32>) -> tensor<1x4x1x64xf32>
  return %o : tensor<1x4x1x64xf32>
}
func.func @paged(%q: tensor<1x4x1x64xf32>, %pool: tensor<16x2x32x64xf32>, %table: tensor<4x1xi32>) -> tensor<1x4x1x64xf32> {
  %pages = tensor.gather %pool[%table] gather_dims([0]) : (tensor<16x2x32x64xf32>, tensor<4x1xi32>) -> tensor<4x2x32x64xf32>
  %o = call @attend(%q, %pages) : (tensor<1x4x1x64xf32>, tensor<4x2x32x64xf32>) -> tensor<1x4x1x64xf32>
  return %o : tensor<1x4x1x64xf32>
}
func.func @in_order(%q: tensor<1x4x1x64xf32>, %pool: tensor<16x2x32x64xf32>) -> tensor<1x4x1x64xf32> {
  %a = tensor.extract_slice %pool[3, 0, 0, 0] [1, 2, 32, 64] [1, 1, 1, 1] : tensor<16x2x32x64xf32> to tensor<1x2x32x64xf32>
  %b = tensor.extract_slice %pool[0, 0, 0, 0] [1, 2, 32, 64] [1, 1, 1, 1] : tensor<16x2x32x64xf32> to tensor<1x2x32x64xf32>
  %c = tensor.extract_slice %pool[15, 0, 0, 0] [1, 2, 32, 64] [1, 1, 1, 1] : tensor<16x2x32x64xf32> to tensor<1x2x32x64xf32>
  %d = tensor.extract_slice %pool[7, 0, 0, 0] [1, 2, 32, 64] [1, 1, 1, 1] : tensor<16x2x32x64xf32> to tensor<1x2x32x64xf32>
  %pages = tensor.concat dim(0) %a, %b, %c, %d : (tensor<1x2x32x64xf32>, tensor<1x2x32x64xf32>, tensor<1x2x32x64xf32>, tensor<1x2x32x64xf32>) -> tensor<4x2x32x64xf32>
  %o = call @attend(%q, %pages) : (tensor<1x4x1x64xf32>, tensor<4x2x32x64xf32>) -> tensor<1x4x1x64xf32>
  return %o : tensor<1x4x1x64xf32>
}
