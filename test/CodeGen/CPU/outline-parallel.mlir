// RUN: attn-opt %s --attn-outline-parallel --canonicalize --split-input-file | FileCheck %s

// The body becomes a function of linearised iterations, the last dimension
// fastest; what it captures travels in a struct, constants are made anew, and
// its buffer moves to the stack, once for all iterations.
// CHECK-LABEL: func.func @tiles
// CHECK-SAME: %[[A:.*]]: memref<?x16xf32>, %[[X:.*]]: f32, %[[N:.*]]: index
// CHECK: %[[FUNCTION:.*]] = constant @tiles_parallel : (!llvm.ptr, i64, i64) -> ()
// CHECK: %[[CONTEXT:.*]] = llvm.alloca %{{.*}} x !llvm.struct<(f32, struct<(ptr, ptr, i64, array<2 x i64>, array<2 x i64>)>, i64)>
// CHECK: %[[COUNT:.*]] = arith.muli %[[N]], %c4
// CHECK: %[[FIELD:.*]] = llvm.getelementptr %[[CONTEXT]][0, 0]
// CHECK: llvm.store %[[X]], %[[FIELD]]
// CHECK: %[[I64:.*]] = arith.index_cast %[[COUNT]]
// CHECK: %[[POINTER:.*]] = builtin.unrealized_conversion_cast %[[FUNCTION]]
// CHECK: call @attn_parallel_for(%[[I64]], %[[POINTER]], %[[CONTEXT]]) : (i64, !llvm.ptr, !llvm.ptr) -> ()
// CHECK: func.func private @attn_parallel_for(i64, !llvm.ptr, !llvm.ptr)
// CHECK: func.func private @tiles_parallel(%[[CONTEXT:.*]]: !llvm.ptr, %[[BEGIN:.*]]: i64, %[[END:.*]]: i64) attributes {attn.kernel}
// CHECK: %[[FIELD:.*]] = llvm.getelementptr %[[CONTEXT]][0, 0]
// CHECK: %[[X:.*]] = llvm.load %[[FIELD]] : !llvm.ptr -> f32
// CHECK: %[[A:.*]] = builtin.unrealized_conversion_cast %{{.*}} : !llvm.struct<{{.*}}> to memref<?x16xf32>
// CHECK: %[[FROM:.*]] = arith.index_cast %[[BEGIN]]
// CHECK: %[[TO:.*]] = arith.index_cast %[[END]]
// CHECK: %[[SCRATCH:.*]] = memref.alloca() : memref<16xf32>
// CHECK: scf.for %[[AT:.*]] = %[[FROM]] to %[[TO]] step %c1
// CHECK:   %[[J:.*]] = arith.remui %[[AT]], %c4
// CHECK:   %[[I:.*]] = arith.divui %[[AT]], %c4
// CHECK:   linalg.fill ins(%[[X]] : f32) outs(%[[SCRATCH]] : memref<16xf32>)
// CHECK:   memref.store %{{.*}}, %[[A]][%[[I]], %[[J]]]
// CHECK-NOT: memref.dealloc
// CHECK: return
func.func @tiles(%a: memref<?x16xf32>, %x: f32, %n: index) {
  %c0 = arith.constant 0 : index
  scf.forall (%i, %j) in (%n, 4) {
    %scratch = memref.alloc() : memref<16xf32>
    linalg.fill ins(%x : f32) outs(%scratch : memref<16xf32>)
    %y = memref.load %scratch[%c0] : memref<16xf32>
    memref.store %y, %a[%i, %j] : memref<?x16xf32>
    memref.dealloc %scratch : memref<16xf32>
  } {attn.kernel}
  return
}

// -----

// Other parallel loops are outlined too, but are no kernels: linalg in them is
// lowered to loops. Each gets a function.
// CHECK-LABEL: func.func @two
// CHECK-COUNT-2: call @attn_parallel_for
// CHECK: func.func private @two_parallel(
// CHECK-NOT: attn.kernel
// CHECK: func.func private @two_parallel_0(
func.func @two(%a: memref<16xf32>, %x: f32) {
  scf.forall (%i) in (16) {
    memref.store %x, %a[%i] : memref<16xf32>
  }
  scf.forall (%i) in (16) {
    memref.store %x, %a[%i] : memref<16xf32>
  }
  return
}

// -----

// A loop inside a parallel one stays in its body.
// CHECK-LABEL: func.func private @nested_parallel
// CHECK: scf.for
// CHECK:   scf.forall
func.func @nested(%a: memref<16x16xf32>, %x: f32) {
  scf.forall (%i) in (16) {
    scf.forall (%j) in (16) {
      memref.store %x, %a[%i, %j] : memref<16x16xf32>
    }
  }
  return
}

// -----

// Iterations that do not count from 0 by 1 do so afterwards: 3 of them here.
// CHECK-DAG: #[[$INDEX:.*]] = affine_map<(d0) -> (d0 * 4 + 4)>
// CHECK-LABEL: func.func @strided
// CHECK: %[[COUNT:.*]] = arith.constant 3 : i64
// CHECK: call @attn_parallel_for(%[[COUNT]],
// CHECK: func.func private @strided_parallel(
// CHECK: scf.for %[[I:.*]] =
// CHECK:   %[[AT:.*]] = affine.apply #[[$INDEX]](%[[I]])
// CHECK:   memref.store %{{.*}}, %{{.*}}[%[[AT]]]
func.func @strided(%a: memref<16xf32>, %x: f32) {
  scf.forall (%i) = (4) to (16) step (4) {
    memref.store %x, %a[%i] : memref<16xf32>
  }
  return
}

// -----

// The buffers on the stack take 1 MiB together; one that does not fit, is of
// dynamic size or carried on by a loop stays on the heap.
// CHECK-LABEL: func.func private @buffers_parallel
// CHECK: memref.alloca() : memref<262140xf32>
// CHECK: memref.alloca() : memref<2xf32>
// CHECK: scf.for
// CHECK-DAG: memref.alloc() : memref<262141xf32>
// CHECK-DAG: memref.alloc(%{{.*}}) : memref<?xf32>
// CHECK: scf.for
// CHECK:   memref.alloc() : memref<2xf32>
func.func @buffers(%a: memref<16xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.forall (%i) in (16) {
    %large = memref.alloc() : memref<262141xf32>
    %fits = memref.alloc() : memref<262140xf32>
    %dynamic = memref.alloc(%n) : memref<?xf32>
    %first = memref.alloc() : memref<2xf32>
    %last = scf.for %j = %c0 to %n step %c1 iter_args(%from = %first) -> memref<2xf32> {
      %to = memref.alloc() : memref<2xf32>
      memref.copy %from, %to : memref<2xf32> to memref<2xf32>
      scf.yield %to : memref<2xf32>
    }
    %x = memref.load %last[%c0] : memref<2xf32>
    %y = memref.load %fits[%i] : memref<262140xf32>
    %z = memref.load %large[%i] : memref<262141xf32>
    %w = memref.load %dynamic[%i] : memref<?xf32>
    %xy = arith.addf %x, %y : f32
    %zw = arith.addf %z, %w : f32
    %sum = arith.addf %xy, %zw : f32
    memref.store %sum, %a[%i] : memref<16xf32>
  }
  return
}

// -----

// In a loop the struct's memory is that of the function, not of an iteration.
// CHECK-LABEL: func.func @in_a_loop
// CHECK: %[[CONTEXT:.*]] = llvm.alloca
// CHECK: scf.for
// CHECK-NOT: llvm.alloca
// CHECK: call @attn_parallel_for(%{{.*}}, %{{.*}}, %[[CONTEXT]])
func.func @in_a_loop(%a: memref<16xf32>, %x: f32, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %j = %c0 to %n step %c1 {
    scf.forall (%i) in (16) {
      memref.store %x, %a[%i] : memref<16xf32>
    }
  }
  return
}

// -----

// Nothing to do in parallel: nothing is declared.
// CHECK-LABEL: @nothing
// CHECK-NOT: attn_parallel_for
func.func @nothing() {
  return
}
