// RUN: attn-opt %s --attn-protect-arguments | FileCheck %s
// RUN: attn-opt %s --attn-protect-arguments --one-shot-bufferize="bufferize-function-boundaries" | FileCheck %s --check-prefix=BUFFER

// CHECK-LABEL: @public
// CHECK-SAME: %{{.*}}: tensor<4xf32> {bufferization.writable = false}, %{{.*}}: index, %{{.*}}: tensor<4xf32> {bufferization.writable = true}
// BUFFER-LABEL: @public
// BUFFER: memref.alloc
func.func @public(%a: tensor<4xf32>, %n: index, %scratch: tensor<4xf32> {bufferization.writable = true}) -> tensor<4xf32> {
  %r = linalg.add ins(%a, %scratch : tensor<4xf32>, tensor<4xf32>) outs(%a : tensor<4xf32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}

// CHECK-LABEL: @private
// CHECK-NOT: writable
func.func private @private(%a: tensor<4xf32>) -> tensor<4xf32> {
  return %a : tensor<4xf32>
}

// CHECK: @external(tensor<4xf32>)
func.func private @external(tensor<4xf32>)
