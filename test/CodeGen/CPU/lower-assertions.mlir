// RUN: attn-opt %s --attn-lower-assertions --split-input-file | FileCheck %s

// Messages that are the same are one text. It begins with the place.
// CHECK-DAG: llvm.mlir.global internal constant @[[$TEXT:attn_message.*]]("{{.*}}lower-assertions.mlir:[[# @LINE + 11]]:3: x is {0}, expected {1}\00")
// CHECK-DAG: llvm.mlir.global internal constant @[[$UPSTREAM:attn_message.*]]("{{.*}}lower-assertions.mlir:[[# @LINE + 13]]:3: assertion failed: {0} braces\00")
// CHECK-DAG: llvm.func @attn_fail(!llvm.ptr, i64, ...) attributes {passthrough = ["cold", "noreturn"]}
// CHECK-LABEL: func.func @f
// CHECK-SAME: (%[[OK:.*]]: i1, %[[X:.*]]: index, %[[Y:.*]]: index)
// CHECK: %[[FAILS:.*]] = arith.xori %[[OK]], %true
// CHECK: scf.if %[[FAILS]] {
// CHECK: %[[P:.*]] = llvm.mlir.addressof @[[$TEXT]]
// CHECK: %[[COUNT:.*]] = llvm.mlir.constant(2 : i64)
func.func @f(%ok: i1, %x: index, %y: index) {
// CHECK: llvm.call @attn_fail(%[[P]], %[[COUNT]], %{{.*}}, %{{.*}}) vararg(!llvm.func<void (ptr, i64, ...)>) : (!llvm.ptr, i64, i64, i64) -> ()
  attn.assert %ok, "x is {0}, expected {1}"(%x, %y)
// CHECK: %[[Q:.*]] = llvm.mlir.addressof @[[$UPSTREAM]]
// CHECK: llvm.call @attn_fail(%[[Q]], %{{.*}}) vararg(!llvm.func<void (ptr, i64, ...)>) : (!llvm.ptr, i64) -> ()
  cf.assert %ok, "{0} braces"
  return
}
