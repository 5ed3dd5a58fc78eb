// RUN: attn-opt %s --attn-sample-rows=count=4 --canonicalize --cse --split-input-file | FileCheck %s --check-prefixes=CHECK,SAMPLE
// RUN: attn-opt %s --attn-sample-rows --canonicalize --cse --split-input-file | FileCheck %s --check-prefixes=CHECK,ALL
// RUN: not attn-opt %s --attn-sample-rows=count=-1 --split-input-file 2>&1 | FileCheck %s --check-prefix=ERROR
// RUN: attn-opt %S/decompose-run.mlir --attn-sample-rows --attn-decompose --one-shot-bufferize=bufferize-function-boundaries --scf-forall-to-for \
// RUN:   --convert-linalg-to-loops --expand-strided-metadata --lower-affine --convert-scf-to-cf \
// RUN:   --convert-math-to-llvm --convert-math-to-libm --convert-to-llvm --reconcile-unrealized-casts \
// RUN: | mlir-runner -e main -entry-point-result=void -shared-libs=%mlir_lib/libmlir_runner_utils.so,%mlir_lib/libmlir_c_runner_utils.so \
// RUN: | FileCheck %S/decompose-run.mlir

// ERROR: error: attn-sample-rows: count is -1, expected a number of rows, or 0 for all

// Of 100 queries 24, 49, 74 and 99.
// SAMPLE-DAG: #[[$ROW:.*]] = affine_map<(d0) -> (d0 * 25 + 24)>
// CHECK-LABEL: func @sdpa
// SAMPLE-DAG: %[[NAN:.*]] = arith.constant 0x7FC00000 : f32
// SAMPLE-DAG: linalg.fill ins(%[[NAN]] : f32) outs(%{{.*}} : tensor<2x8x100x64xf32>)
// SAMPLE-DAG: linalg.fill ins(%[[NAN]] : f32) outs(%{{.*}} : tensor<2x8x100xf32>)
// SAMPLE: scf.forall (%[[B:.*]], %[[H:.*]], %[[N:.*]]) in (2, 8, 4)
// SAMPLE: %[[I:.*]] = affine.apply #[[$ROW]](%[[N]])
// ALL-NOT: linalg.fill
// ALL: scf.forall (%[[B:.*]], %[[H:.*]], %[[I:.*]]) in (2, 8, 100)
// CHECK: %[[O:.*]], %[[LSE:.*]] = attn.sdpa {{.*}} query_offset({{.*}}) causal : (tensor<1x1x1x64xf32>, tensor<1x1x200x64xf32>, tensor<1x1x200x64xf32>, index) -> (tensor<1x1x1x64xf32>, tensor<1x1x1xf32>)
// CHECK: tensor.parallel_insert_slice %[[O]] into %{{.*}}[%[[B]], %[[H]], %[[I]], 0] [1, 1, 1, 64]
// CHECK: tensor.parallel_insert_slice %[[LSE]] into %{{.*}}[%[[B]], %[[H]], %[[I]]] [1, 1, 1]
func.func @sdpa(%q: tensor<2x8x100x64xf32>, %k: tensor<2x2x200x64xf32>, %v: tensor<2x2x200x64xf32>) -> (tensor<2x8x100x64xf32>, tensor<2x8x100xf32>) {
  %o, %lse = attn.sdpa query(%q) key(%k) value(%v) causal
      : (tensor<2x8x100x64xf32>, tensor<2x2x200x64xf32>, tensor<2x2x200x64xf32>) -> (tensor<2x8x100x64xf32>, tensor<2x8x100xf32>)
  return %o, %lse : tensor<2x8x100x64xf32>, tensor<2x8x100xf32>
}

// -----

// Fewer queries than asked for are all evaluated.
// CHECK-LABEL: func @few
// CHECK: scf.forall (%[[I:.*]]) in (3)
// CHECK: tensor.extract_slice %{{.*}}[0, 0, %[[I]], 0] [1, 1, 1, 64]
func.func @few(%q: tensor<1x1x3x64xf16>, %k: tensor<1x1x9x64xf16>, %v: tensor<1x1x9x64xf16>) -> tensor<1x1x3x64xf16> {
  %o = attn.sdpa query(%q) key(%k) value(%v)
      : (tensor<1x1x3x64xf16>, tensor<1x1x9x64xf16>, tensor<1x1x9x64xf16>) -> tensor<1x1x3x64xf16>
  return %o : tensor<1x1x3x64xf16>
}

// -----

// CHECK-LABEL: func @dynamic
// CHECK: scf.forall
// CHECK: attn.sdpa
func.func @dynamic(%q: tensor<?x?x?x?xf32>, %k: tensor<?x?x?x?xf32>, %v: tensor<?x?x?x?xf32>) -> tensor<?x?x?x?xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) causal(top_left)
      : (tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>) -> tensor<?x?x?x?xf32>
  return %o : tensor<?x?x?x?xf32>
}
