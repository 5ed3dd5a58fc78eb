// RUN: attn-opt %s --attn-promote-to-f64 --split-input-file --verify-diagnostics | FileCheck %s
// RUN: attn-opt %s --attn-decompose --attn-promote-to-f64 --split-input-file --verify-diagnostics | FileCheck %s --check-prefix=DECOMPOSED

// Nothing narrower is left, decomposed before or not.
// DECOMPOSED-NOT: {{f32|f16}}
// CHECK-LABEL: func @sdpa
// CHECK-SAME: (%{{.*}}: tensor<1x8x?x64xf64>, %{{.*}}: tensor<1x2x?x64xf64>, %{{.*}}: tensor<1x2x?x64xf64>, %[[SLOPES:.*]]: tensor<8xf64>) -> (tensor<1x8x?x64xf64>, tensor<1x8x?xf64>)
// CHECK: attn.sdpa {{.*}} scale(1.250000e-01) softcap(3.000000e+01) score(%[[S:.*]], %{{.*}}, %[[H:.*]], %{{.*}}, %{{.*}}) : f64 {
// CHECK-NEXT: %[[X:.*]] = tensor.extract %[[SLOPES]][%[[H]]] : tensor<8xf64>
// CHECK-NEXT: %[[R:.*]] = arith.addf %[[S]], %[[X]] : f64
// CHECK-NEXT: attn.yield %[[R]] : f64
func.func @sdpa(%q: tensor<1x8x?x64xf16>, %k: tensor<1x2x?x64xf16>, %v: tensor<1x2x?x64xf16>, %slopes: tensor<8xbf16>) -> (tensor<1x8x?x64xf16>, tensor<1x8x?xf32>) {
  %o, %lse = attn.sdpa query(%q) key(%k) value(%v) scale(0.125) softcap(30.0)
      score(%s, %b, %h, %i, %j) {
        %x = tensor.extract %slopes[%h] : tensor<8xbf16>
        %xf = arith.extf %x : bf16 to f32
        %r = arith.addf %s, %xf : f32
        attn.yield %r : f32
      } : (tensor<1x8x?x64xf16>, tensor<1x2x?x64xf16>, tensor<1x2x?x64xf16>) -> (tensor<1x8x?x64xf16>, tensor<1x8x?xf32>)
  return %o, %lse : tensor<1x8x?x64xf16>, tensor<1x8x?xf32>
}

// -----

// Constants keep their values, integers what they are.
// CHECK-LABEL: func @constants
// CHECK-DAG: arith.constant 0.10000000149011612 : f64
// CHECK-DAG: arith.constant 0xFFF0000000000000 : f64
// CHECK-DAG: arith.constant dense<[1.500000e+00, 0xFFF0000000000000]> : tensor<2xf64>
// CHECK-DAG: arith.constant dense<2.500000e-01> : tensor<8xf64>
// CHECK-DAG: arith.constant dense<[1.000000e+00, -2.000000e+00]> : tensor<2xf64>
// CHECK-DAG: arith.constant dense<3> : tensor<2xi32>
func.func @constants() -> (f32, f16, tensor<2xbf16>, tensor<8xf32>, tensor<2xf32>, tensor<2xi32>) {
  %0 = arith.constant 0.1 : f32
  %1 = arith.constant 0xFC00 : f16
  %2 = arith.constant dense<[1.5, 0xFF80]> : tensor<2xbf16>
  %3 = arith.constant dense<0.25> : tensor<8xf32>
  %4 = arith.constant dense_resource<weights> : tensor<2xf32>
  %5 = arith.constant dense<3> : tensor<2xi32>
  return %0, %1, %2, %3, %4, %5 : f32, f16, tensor<2xbf16>, tensor<8xf32>, tensor<2xf32>, tensor<2xi32>
}

{-#
  dialect_resources: {
    builtin: {
      weights: "0x040000000000803F000000C0"
    }
  }
#-}

// -----

// Roundings vanish, calls and loops follow.
// CHECK-LABEL: func private @callee(f64) -> f64
func.func private @callee(f32) -> f32
// CHECK-LABEL: func @surroundings
// CHECK-SAME: (%[[X:.*]]: tensor<4xf64>, %{{.*}}: index) -> f64
// CHECK-NOT: {{extf|truncf}}
// CHECK: %[[E:.*]] = tensor.extract %[[X]]
// CHECK: scf.for {{.*}} iter_args(%{{.*}} = %[[E]]) -> (f64)
// CHECK:   math.exp2 {{.*}} fastmath<afn> : f64
// CHECK:   func.call @callee({{.*}}) : (f64) -> f64
func.func @surroundings(%x: tensor<4xbf16>, %n: index) -> f16 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %e = tensor.extract %x[%c0] : tensor<4xbf16>
  %init = arith.extf %e : bf16 to f32
  %sum = scf.for %i = %c0 to %n step %c1 iter_args(%s = %init) -> f32 {
    %p = math.exp2 %s fastmath<afn> : f32
    %y = func.call @callee(%p) : (f32) -> f32
    scf.yield %y : f32
  }
  %r = arith.truncf %sum : f32 to f16
  return %r : f16
}

// -----

func.func @bits(%x: f32) -> i32 {
  // expected-error @below {{'arith.bitcast' op converts the bits of 'f32' to 'i32', which has no meaning in f64}}
  %0 = arith.bitcast %x : f32 to i32
  return %0 : i32
}
