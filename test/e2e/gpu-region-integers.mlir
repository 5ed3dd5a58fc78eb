// What a region computes of positions in 64 bits has 64 bits on a GPU too, where
// 32 would hold the operands and the result and give another: a remainder of a
// difference that is taken for unsigned, shifts by 32 and more, and what fits 32
// bits without a sign alone: a difference that is extended by zeros, a
// product, the variable of a loop.

// RUN: attn-run %s --device=ptx --target=sm_89 --input=1x1x40x16xf16=random:1 --input=1x1x40x16xf16=random:2 --output=@%t.0.npy --output=@%t.1.npy --output=@%t.2.npy --output=@%t.3.npy --output=@%t.4.npy --output=@%t.5.npy --output=@%t.6.npy --check --tolerance=4e-4 | FileCheck %s

// CHECK: check: result 0: max error
// CHECK: check: result 1: max error
// CHECK: check: result 2: max error
// CHECK: check: result 3: max error
// CHECK: check: result 4: max error
// CHECK: check: result 5: max error
// CHECK: check: result 6: max error
!t = tensor<1x1x40x16xf16>
func.func @main(%q: !t, %k: !t) -> (!t, !t, !t, !t, !t, !t, !t) {
  %remainder = attn.sdpa query(%q) key(%k) value(%k)
    mask(%b, %h, %i, %j) {
      %c3 = arith.constant 3 : index
      %c7 = arith.constant 7 : index
      %difference = arith.subi %j, %i : index
      %rest = arith.remui %difference, %c7 : index
      %keep = arith.cmpi ult, %rest, %c3 : index
      attn.yield %keep : i1
    } : (!t, !t, !t) -> !t
  %shifted = attn.sdpa query(%q) key(%k) value(%k)
    mask(%b, %h, %i, %j) {
      %c3 = arith.constant 3 : index
      %c33 = arith.constant 33 : index
      %c15 = arith.constant 15 : index
      %low = arith.andi %j, %c15 : index
      %amount = arith.addi %c33, %low : index
      %half = arith.shrui %i, %amount : index
      %most = arith.addi %half, %c3 : index
      %keep = arith.cmpi ule, %j, %most : index
      attn.yield %keep : i1
    } : (!t, !t, !t) -> !t
  %signed = attn.sdpa query(%q) key(%k) value(%k)
    mask(%b, %h, %i, %j) {
      %c0 = arith.constant 0 : index
      %c33 = arith.constant 33 : index
      %difference = arith.subi %j, %i : index
      %sign = arith.shrsi %difference, %c33 : index
      %keep = arith.cmpi ne, %sign, %c0 : index
      attn.yield %keep : i1
    } : (!t, !t, !t) -> !t
  %remainder64 = attn.sdpa query(%q) key(%k) value(%k)
    mask(%b, %h, %i, %j) {
      %c3 = arith.constant 3 : i64
      %c7 = arith.constant 7 : i64
      %query = arith.index_cast %i : index to i64
      %key = arith.index_cast %j : index to i64
      %difference = arith.subi %key, %query : i64
      %rest = arith.remui %difference, %c7 : i64
      %keep = arith.cmpi ult, %rest, %c3 : i64
      attn.yield %keep : i1
    } : (!t, !t, !t) -> !t
  %extended = attn.sdpa query(%q) key(%k) value(%k)
    mask(%b, %h, %i, %j) {
      %c10 = arith.constant 10 : index
      %query = arith.index_cast %i : index to i32
      %key = arith.index_cast %j : index to i32
      %difference = arith.subi %query, %key : i32
      %distance = arith.index_castui %difference : i32 to index
      %keep = arith.cmpi slt, %distance, %c10 : index
      attn.yield %keep : i1
    } : (!t, !t, !t) -> !t
  %product = attn.sdpa query(%q) key(%k) value(%k)
    mask(%b, %h, %i, %j) {
      %c24 = arith.constant 24 : index
      %large = arith.constant 67108864 : index
      %scaled = arith.muli %i, %large : index
      %sum = arith.addi %scaled, %j : index
      %keep = arith.cmpi sge, %sum, %c24 : index
      attn.yield %keep : i1
    } : (!t, !t, !t) -> !t
  %looped = attn.sdpa query(%q) key(%k) value(%k)
    mask(%b, %h, %i, %j) {
      %c0 = arith.constant 0 : index
      %c3 = arith.constant 3 : i32
      %c0_i32 = arith.constant 0 : i32
      %c1_i32 = arith.constant 1 : i32
      %step = arith.constant 1000000000 : index
      %end = arith.constant 4294967296 : index
      %count = scf.for %x = %c0 to %end step %step iter_args(%sum = %c0_i32) -> i32 {
        %late = arith.cmpi sge, %x, %j : index
        %one = arith.select %late, %c1_i32, %c0_i32 : i32
        %next = arith.addi %sum, %one : i32
        scf.yield %next : i32
      }
      %keep = arith.cmpi sgt, %count, %c3 : i32
      attn.yield %keep : i1
    } : (!t, !t, !t) -> !t
  return %remainder, %shifted, %signed, %remainder64, %extended, %product, %looped : !t, !t, !t, !t, !t, !t, !t
}
