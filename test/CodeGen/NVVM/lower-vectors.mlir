// RUN: attn-opt %s --pass-pipeline='builtin.module(gpu.module(attn-lower-vectors))' | FileCheck %s

gpu.module @kernels {

// CHECK-LABEL: gpu.func @slice
// CHECK-SAME: (%[[X:.*]]: vector<4x2xf16>)
// CHECK-NOT: strided_slice
// CHECK: %[[ROW:.*]] = vector.extract %[[X]][3] : vector<2xf16> from vector<4x2xf16>
// CHECK: gpu.return %[[ROW]]
gpu.func @slice(%x: vector<4x2xf16>) -> vector<2xf16> {
  %half = vector.extract_strided_slice %x {offsets = [2], sizes = [2], strides = [1]}
      : vector<4x2xf16> to vector<2x2xf16>
  %row = vector.extract %half[1] : vector<2xf16> from vector<2x2xf16>
  gpu.return %row : vector<2xf16>
}

// CHECK-LABEL: gpu.func @bits
// CHECK-SAME: (%[[X:.*]]: vector<2x2xf16>)
// CHECK: %[[ROW:.*]] = vector.extract %[[X]][0]
// CHECK: vector.bitcast %[[ROW]] : vector<2xf16> to vector<1xi32>
// CHECK-NOT: vector<2x1xi32>
gpu.func @bits(%x: vector<2x2xf16>) -> vector<1xi32> {
  %bits = vector.bitcast %x : vector<2x2xf16> to vector<2x1xi32>
  %first = vector.extract %bits[0] : vector<1xi32> from vector<2x1xi32>
  gpu.return %first : vector<1xi32>
}

}
