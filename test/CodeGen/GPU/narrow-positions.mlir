// RUN: attn-opt %s --attn-gpu-tile --attn-gpu-bufferize --attn-gpu-stage --lower-affine --canonicalize --cse --attn-gpu-narrow-positions --canonicalize --cse > %t.tiles
// RUN: FileCheck %s < %t.tiles
// RUN: attn-opt %t.tiles --attn-gpu-distribute --canonicalize --cse | FileCheck %s --check-prefix=THREAD

// A size is asserted before the launch, and of 32 bits from there on, as are
// blocks, steps and the positions of a map. A compare is one with a number.
// CHECK-LABEL: func @causal
// CHECK:   %[[SIZE:.*]] = memref.dim
// CHECK:   %[[SMALL:.*]] = arith.cmpi ule, %[[SIZE]], %c536870912 : index
// CHECK:   cf.assert %[[SMALL]], "'attn.sdpa' op has a dimension of more than 536870912, the most on a GPU"
// CHECK:   gpu.launch
// CHECK:     scf.for %[[STEP:.*]] = %c0_i32 to
// CHECK:       %[[FIRST:.*]] = arith.muli %[[STEP]], %c32_i32 : i32
// CHECK:       attn.map
// CHECK-NEXT:  ^bb0(%[[SCORE:.*]]: f32, %[[ROW:.*]]: index, %[[COLUMN:.*]]: index):
// CHECK:         %[[COLUMN32:.*]] = arith.index_castui %[[COLUMN]] : index to i32
// CHECK:         %[[KEY:.*]] = arith.addi %[[FIRST]], %[[COLUMN32]] overflow<nsw> : i32
// CHECK:         %[[DIFFERENCE:.*]] = arith.subi %[[KEY]], %{{.*}} overflow<nsw> : i32
// CHECK:         arith.cmpi sle, %[[DIFFERENCE]], %c0_i32 : i32
// CHECK:         %[[LEFT:.*]] = arith.subi %[[KEY]], %{{.*}} overflow<nsw> : i32
// CHECK:         arith.cmpi slt, %[[LEFT]], %c0_i32 : i32

// All scores of a thread compare the same two differences.
// THREAD-LABEL: func @causal
// THREAD:         scf.if
// THREAD:           %[[DIFFERENCE:.*]] = arith.subi {{.*}} : i32
// THREAD:           %[[IN_REACH:.*]] = arith.cmpi sle, %[[DIFFERENCE]], %c0_i32 : i32
// THREAD-DAG:       %[[LEFT:.*]] = arith.subi {{.*}} : i32
// THREAD-DAG:       %[[EXISTS:.*]] = arith.cmpi slt, %[[LEFT]], %c0_i32 : i32
// THREAD:           arith.andi
// THREAD:           arith.select
// THREAD-NOT:       arith.addi
// THREAD-NOT:       arith.subi
// THREAD:           arith.cmpi sle, %[[DIFFERENCE]], %c-1_i32 : i32
// THREAD:           arith.cmpi slt, %[[LEFT]], %c-1_i32 : i32
// THREAD-NOT:       arith.addi
// THREAD-NOT:       arith.subi
// THREAD:           scf.yield
func.func @causal(%q: tensor<1x1x?x16xf16>, %k: tensor<1x1x?x16xf16>, %v: tensor<1x1x?x16xf16>) -> tensor<1x1x?x16xf16> {
  %o = attn.sdpa query(%q) key(%k) value(%v) causal gpu_schedule(<query_tile = 64, kv_tile = 32, warps = 4, stages = 2, kv_splits = 1, query_in_registers = true>)
      : (tensor<1x1x?x16xf16>, tensor<1x1x?x16xf16>, tensor<1x1x?x16xf16>) -> tensor<1x1x?x16xf16>
  return %o : tensor<1x1x?x16xf16>
}

// An offset that may be anything is clamped to where it makes no difference.
// CHECK-LABEL: func @offset
// CHECK-DAG:   arith.constant 536870912 : index
// CHECK-DAG:   arith.constant -536870912 : index
// CHECK:       %[[LEAST:.*]] = arith.maxsi %{{.*}}, %c-536870912 : index
// CHECK:       arith.minsi %[[LEAST]], %c536870912 : index
func.func @offset(%q: tensor<1x1x64x16xf16>, %k: tensor<1x1x64x16xf16>, %offset: index) -> tensor<1x1x64x16xf16> {
  %o = attn.sdpa query(%q) key(%k) value(%k) query_offset(%offset) causal gpu_schedule(<query_tile = 64, kv_tile = 32, warps = 4, stages = 2, kv_splits = 1, query_in_registers = true>)
      : (tensor<1x1x64x16xf16>, tensor<1x1x64x16xf16>, tensor<1x1x64x16xf16>, index) -> tensor<1x1x64x16xf16>
  return %o : tensor<1x1x64x16xf16>
}

// What may not fit keeps its width: a product of positions, and a number that a
// tensor holds.
// CHECK-LABEL: func @wide
// CHECK:       attn.map
// CHECK:         %[[SQUARE:.*]] = arith.muli %{{.*}}, %{{.*}} : index
// CHECK:         arith.addi %[[SQUARE]], %{{.*}} : index
func.func @wide(%q: tensor<1x1x?x16xf16>, %k: tensor<1x1x?x16xf16>, %t: tensor<4xi64>) -> tensor<1x1x?x16xf16> {
  %c1 = arith.constant 1 : index
  %t1 = tensor.extract %t[%c1] : tensor<4xi64>
  %number = arith.index_cast %t1 : i64 to index
  %o = attn.sdpa query(%q) key(%k) value(%k) gpu_schedule(<query_tile = 64, kv_tile = 32, warps = 4, stages = 2, kv_splits = 1, query_in_registers = true>)
      score(%s, %b, %h, %i, %j) {
        %square = arith.muli %i, %j : index
        %sum = arith.addi %square, %number : index
        %bits = arith.index_cast %sum : index to i64
        %f = arith.sitofp %bits : i64 to f32
        %r = arith.addf %s, %f : f32
        attn.yield %r : f32
      } : (tensor<1x1x?x16xf16>, tensor<1x1x?x16xf16>, tensor<1x1x?x16xf16>) -> tensor<1x1x?x16xf16>
  return %o : tensor<1x1x?x16xf16>
}

// A remainder of what may be negative, for which 32 bits have another number,
// and a shift by more than they have.
// CHECK-LABEL: func @unsigned
// CHECK:       attn.map
// CHECK:         arith.remui %{{.*}}, %c7 : index
// CHECK:         arith.shrui %{{.*}}, %c40 : index
// CHECK:         arith.remui %{{.*}}, %c7_i32 : i32
func.func @unsigned(%q: tensor<1x1x64x16xf16>, %k: tensor<1x1x64x16xf16>) -> tensor<1x1x64x16xf16> {
  %o = attn.sdpa query(%q) key(%k) value(%k) gpu_schedule(<query_tile = 64, kv_tile = 32, warps = 4, stages = 2, kv_splits = 1, query_in_registers = true>)
      mask(%b, %h, %i, %j) {
        %c7 = arith.constant 7 : index
        %c40 = arith.constant 40 : index
        %difference = arith.subi %j, %i : index
        %rest = arith.remui %difference, %c7 : index
        %shifted = arith.shrui %j, %c40 : index
        %sum = arith.addi %j, %i : index
        %positive = arith.remui %sum, %c7 : index
        %both = arith.addi %rest, %shifted : index
        %r = arith.cmpi ule, %both, %positive : index
        attn.yield %r : i1
      } : (tensor<1x1x64x16xf16>, tensor<1x1x64x16xf16>, tensor<1x1x64x16xf16>) -> tensor<1x1x64x16xf16>
  return %o : tensor<1x1x64x16xf16>
}

// What is an integer of 32 bits without a sign alone, read with one.
// CHECK-LABEL: func @without_sign
// CHECK:       attn.map
// CHECK:         %[[EXTENDED:.*]] = arith.index_castui %{{.*}} : i32 to index
// CHECK:         arith.cmpi slt, %[[EXTENDED]], %c10 : index
// CHECK:         %[[PRODUCT:.*]] = arith.muli %{{.*}}, %c67108864 : index
// CHECK:         arith.cmpi sge, %[[PRODUCT]], %c10 : index
func.func @without_sign(%q: tensor<1x1x64x16xf16>, %k: tensor<1x1x64x16xf16>) -> tensor<1x1x64x16xf16> {
  %o = attn.sdpa query(%q) key(%k) value(%k) gpu_schedule(<query_tile = 64, kv_tile = 32, warps = 4, stages = 2, kv_splits = 1, query_in_registers = true>)
      mask(%b, %h, %i, %j) {
        %c10 = arith.constant 10 : index
        %large = arith.constant 67108864 : index
        %query = arith.index_cast %i : index to i32
        %key = arith.index_cast %j : index to i32
        %difference = arith.subi %query, %key : i32
        %distance = arith.index_castui %difference : i32 to index
        %near = arith.cmpi slt, %distance, %c10 : index
        %product = arith.muli %i, %large : index
        %late = arith.cmpi sge, %product, %c10 : index
        %r = arith.ori %near, %late : i1
        attn.yield %r : i1
      } : (tensor<1x1x64x16xf16>, tensor<1x1x64x16xf16>, tensor<1x1x64x16xf16>) -> tensor<1x1x64x16xf16>
  return %o : tensor<1x1x64x16xf16>
}

// What a region promises of its own sums is less than what attn.map takes of a
// position: the flag goes.
// CHECK-LABEL: func @promise
// CHECK:       attn.map
// CHECK:         %[[KEY32:.*]] = arith.addi %{{.*}} overflow<nsw> : i32
// CHECK:         arith.addi %[[KEY32]], %{{[a-z0-9]+}} : i32
func.func @promise(%q: tensor<1x1x?x16xf16>, %k: tensor<1x1x?x16xf16>, %t: tensor<4xi32>) -> tensor<1x1x?x16xf16> {
  %c1 = arith.constant 1 : index
  %start = tensor.extract %t[%c1] : tensor<4xi32>
  %o = attn.sdpa query(%q) key(%k) value(%k) gpu_schedule(<query_tile = 64, kv_tile = 32, warps = 4, stages = 2, kv_splits = 1, query_in_registers = true>)
      score(%s, %b, %h, %i, %j) {
        %key = arith.index_cast %j : index to i32
        %sum = arith.addi %key, %start overflow<nsw> : i32
        %f = arith.sitofp %sum : i32 to f32
        %r = arith.addf %s, %f : f32
        attn.yield %r : f32
      } : (tensor<1x1x?x16xf16>, tensor<1x1x?x16xf16>, tensor<1x1x?x16xf16>) -> tensor<1x1x?x16xf16>
  return %o : tensor<1x1x?x16xf16>
}

// The four heads of a query are rows of one tile. Rows that are 8 apart are two
// queries apart, which compares tell by their numbers as well.
// CHECK-LABEL: func @packed
// CHECK:       attn.map
// CHECK-NEXT:  ^bb0(%{{.*}}: f32, %[[ROW:.*]]: index, %{{.*}}: index):
// CHECK:         %[[ROW32:.*]] = arith.index_castui %[[ROW]] : index to i32
// CHECK-NEXT:    arith.divui %[[ROW32]], %c4_i32 : i32
// THREAD-LABEL: func @packed
// THREAD:         scf.if
// THREAD:         arith.divui %{{.*}}, %c4_i32 : i32
// THREAD-NOT:     arith.divui
// THREAD:         %[[DIFFERENCE:.*]] = arith.subi {{.*}} : i32
// THREAD-NEXT:    arith.cmpi sle, %[[DIFFERENCE]], %c0_i32 : i32
// THREAD-NOT:     arith.subi
// THREAD:         arith.cmpi sle, %[[DIFFERENCE]], %c-1_i32 : i32
// THREAD-NOT:     arith.subi
// THREAD:         arith.cmpi sle, %[[DIFFERENCE]], %c2_i32 : i32
// THREAD-NOT:     arith.subi
// THREAD:         arith.cmpi sle, %[[DIFFERENCE]], %c1_i32 : i32
// THREAD-NOT:     arith.divui
// THREAD:         scf.yield
func.func @packed(%q: tensor<1x4x64x16xf16>, %k: tensor<1x1x64x16xf16>, %v: tensor<1x1x64x16xf16>) -> tensor<1x4x64x16xf16> {
  %o = attn.sdpa query(%q) key(%k) value(%v) causal gpu_schedule(<query_tile = 64, kv_tile = 32, warps = 4, stages = 2, kv_splits = 1, query_in_registers = true>)
      : (tensor<1x4x64x16xf16>, tensor<1x1x64x16xf16>, tensor<1x1x64x16xf16>) -> tensor<1x4x64x16xf16>
  return %o : tensor<1x4x64x16xf16>
}
