// RUN: attn-opt %s --pass-pipeline="builtin.module(func.func(attn-widen-booleans))" | FileCheck %s
// RUN: attn-opt %s --pass-pipeline="builtin.module(func.func(attn-widen-booleans),convert-vector-to-llvm,finalize-memref-to-llvm,convert-arith-to-llvm,convert-func-to-llvm,reconcile-unrealized-casts)" | FileCheck %s --check-prefix=LLVM

// LLVM-NOT: unrealized_conversion_cast
// LLVM: llvm.load {{.*}} : !llvm.ptr -> vector<16xi8>

// CHECK-LABEL: @load
// CHECK: %[[BYTES:.*]] = builtin.unrealized_conversion_cast %{{.*}} : memref<?xi1> to memref<?xi8>
// CHECK: %[[V:.*]] = vector.load %[[BYTES]][%{{.*}}] : memref<?xi8>, vector<16xi8>
// CHECK: arith.trunci %[[V]] : vector<16xi8> to vector<16xi1>
func.func @load(%a: memref<?xi1>, %i: index) -> vector<16xi1> {
  %v = vector.load %a[%i] : memref<?xi1>, vector<16xi1>
  return %v : vector<16xi1>
}

// CHECK-LABEL: @masked
// CHECK: vector.maskedload %{{.*}}[%{{.*}}], %{{.*}}, %{{.*}} : memref<?xi8>, vector<16xi1>, vector<16xi8> into vector<16xi8>
func.func @masked(%a: memref<?xi1>, %i: index, %m: vector<16xi1>, %p: vector<16xi1>) -> vector<16xi1> {
  %v = vector.maskedload %a[%i], %m, %p : memref<?xi1>, vector<16xi1>, vector<16xi1> into vector<16xi1>
  return %v : vector<16xi1>
}

// CHECK-LABEL: @store
// CHECK: arith.extui %{{.*}} : vector<16xi1> to vector<16xi8>
// CHECK: vector.store %{{.*}} : memref<?xi8>, vector<16xi8>
func.func @store(%a: memref<?xi1>, %i: index, %v: vector<16xi1>) {
  vector.store %v, %a[%i] : memref<?xi1>, vector<16xi1>
  return
}

// CHECK-LABEL: @floats
// CHECK-NEXT: vector.load
func.func @floats(%a: memref<?xf32>, %i: index) -> vector<16xf32> {
  %v = vector.load %a[%i] : memref<?xf32>, vector<16xf32>
  return %v : vector<16xf32>
}
