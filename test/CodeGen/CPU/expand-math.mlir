// RUN: attn-opt %s --attn-expand-math | FileCheck %s
// RUN: attn-opt %s --attn-expand-math=scalef | FileCheck %s --check-prefix=SCALEF

// 2^x = 2^n · 2^f: rounded to n by an addition, a polynomial of degree 5 of f,
// and n added to the exponent's bits. Nothing below -127 enters.
// CHECK-LABEL: @scalar
// CHECK-SAME: %[[X:.*]]: f32
// CHECK: %[[BOUND:.*]] = arith.constant -1.270000e+02 : f32
// CHECK: %[[IS_BELOW:.*]] = arith.cmpf olt, %[[X]], %[[BOUND]]
// CHECK: %[[CUT:.*]] = arith.select %[[IS_BELOW]], %[[BOUND]], %[[X]]
// CHECK: %[[SHIFTER:.*]] = arith.constant 0x4B400000 : f32
// CHECK: %[[SHIFTED:.*]] = arith.addf %[[CUT]], %[[SHIFTER]] : f32
// CHECK: %[[N:.*]] = arith.subf %[[SHIFTED]], %[[SHIFTER]] : f32
// CHECK: %[[F:.*]] = arith.subf %[[CUT]], %[[N]] : f32
// CHECK-COUNT-5: arith.mulf %{{.*}}, %[[F]] fastmath<contract>
// CHECK: %[[POWER:.*]] = arith.addf {{.*}} fastmath<contract>
// CHECK: %[[BITS:.*]] = arith.bitcast %[[POWER]] : f32 to i32
// CHECK: %[[LOW:.*]] = arith.bitcast %[[SHIFTED]] : f32 to i32
// CHECK: %[[EXPONENT:.*]] = arith.shli %[[LOW]], %c23
// CHECK: %[[SCALED:.*]] = arith.addi %[[BITS]], %[[EXPONENT]]
// CHECK: arith.bitcast %[[SCALED]] : i32 to f32
// CHECK-NOT: math.exp2
// AVX-512's instruction takes vectors of 16 alone.
// SCALEF-LABEL: @scalar
// SCALEF: arith.shli
func.func @scalar(%x: f32) -> f32 {
  %r = math.exp2 %x fastmath<afn> : f32
  return %r : f32
}

// A vector is expanded as it is; scalef scales it in one instruction.
// CHECK-LABEL: @vector
// CHECK: arith.shli %{{.*}} : vector<16xi32>
// SCALEF-LABEL: @vector
// SCALEF-SAME: %[[X:.*]]: vector<16xf32>
// SCALEF: %[[N:.*]] = math.roundeven %[[X]] : vector<16xf32>
// SCALEF: %[[F:.*]] = arith.subf %[[X]], %[[N]]
// SCALEF-COUNT-5: arith.mulf %{{.*}}, %[[F]] fastmath<contract>
// SCALEF: %[[POWER:.*]] = arith.addf
// SCALEF-NOT: arith.shli
// SCALEF: x86vector.avx512.mask.scalef %[[POWER]], %[[N]], %[[POWER]], %{{.*}} : vector<16xf32>
func.func @vector(%x: vector<16xf32>) -> vector<16xf32> {
  %r = math.exp2 %x fastmath<afn> : vector<16xf32>
  return %r : vector<16xf32>
}

// SCALEF-LABEL: @short_vector
// SCALEF: arith.shli %{{.*}} : vector<8xi32>
func.func @short_vector(%x: vector<8xf32>) -> vector<8xf32> {
  %r = math.exp2 %x fastmath<afn> : vector<8xf32>
  return %r : vector<8xf32>
}

// em1 = exp(-2 |x|) - 1 as 2^n (2^f - 1) + (2^n - 1), and em1 / (2 + em1) with
// the sign of x.
// CHECK-LABEL: @tanh
// CHECK-SAME: %[[X:.*]]: vector<8xf32>
// CHECK-DAG: %[[ONE:.*]] = arith.constant dense<1.000000e+00> : vector<8xf32>
// CHECK-DAG: %[[TWO:.*]] = arith.constant dense<2.000000e+00> : vector<8xf32>
// CHECK: %[[ABS:.*]] = math.absf %[[X]]
// CHECK: %[[Y:.*]] = arith.mulf %[[ABS]]
// CHECK: %[[LIMIT:.*]] = arith.constant dense<-3.000000e+01>
// CHECK: arith.cmpf olt, %[[Y]], %[[LIMIT]]
// CHECK: %[[N:.*]] = arith.subf
// CHECK: %[[F:.*]] = arith.subf %{{.*}}, %[[N]]
// CHECK-COUNT-5: arith.mulf %{{.*}}, %[[F]] fastmath<contract>
// CHECK: %[[SMALL:.*]] = arith.mulf %{{.*}}, %[[F]] :
// CHECK: arith.bitcast %[[ONE]] : vector<8xf32> to vector<8xi32>
// CHECK: %[[POWER:.*]] = arith.bitcast %{{.*}} : vector<8xi32> to vector<8xf32>
// CHECK: %[[REST:.*]] = arith.subf %[[POWER]], %[[ONE]]
// CHECK: %[[SCALED:.*]] = arith.mulf %[[POWER]], %[[SMALL]] fastmath<contract>
// CHECK: %[[EM1:.*]] = arith.addf %[[SCALED]], %[[REST]] fastmath<contract>
// CHECK: %[[SUM:.*]] = arith.addf %[[EM1]], %[[TWO]]
// CHECK: %[[RATIO:.*]] = arith.divf %[[EM1]], %[[SUM]]
// CHECK: math.copysign %[[RATIO]], %[[X]]
func.func @tanh(%x: vector<8xf32>) -> vector<8xf32> {
  %r = math.tanh %x fastmath<afn> : vector<8xf32>
  return %r : vector<8xf32>
}

// Who does not allow an approximation gets none, nor does another type.
// CHECK-LABEL: @exact
// CHECK: math.exp2 %{{.*}} : f32
// CHECK: math.exp2 %{{.*}} fastmath<afn> : f64
// CHECK: math.tanh %{{.*}} : f32
// CHECK: math.tanh %{{.*}} fastmath<afn> : f64
func.func @exact(%x: f32, %y: f64) -> (f32, f64, f32, f64) {
  %r = math.exp2 %x : f32
  %s = math.exp2 %y fastmath<afn> : f64
  %t = math.tanh %x : f32
  %u = math.tanh %y fastmath<afn> : f64
  return %r, %s, %t, %u : f32, f64, f32, f64
}

// What has no conversion to the LLVM dialect.
// CHECK-LABEL: @classes
// CHECK-SAME: %[[X:.*]]: vector<8xf16>
// CHECK: %[[INF:.*]] = arith.constant dense<0x7C00> : vector<8xf16>
// CHECK: %[[A:.*]] = math.absf %[[X]]
// CHECK: %[[IS_INF:.*]] = arith.cmpf oeq, %[[A]], %[[INF]]
// CHECK: %[[LEAST:.*]] = arith.constant dense<6.103520e-05> : vector<8xf16>
// CHECK: %[[IS_LARGE:.*]] = arith.cmpf oge, %{{.*}}, %[[LEAST]]
// CHECK: %[[IS_FINITE:.*]] = arith.cmpf olt, %{{.*}}, %{{.*}}
// CHECK: %[[IS_NORMAL:.*]] = arith.andi %[[IS_LARGE]], %[[IS_FINITE]]
// CHECK: return %[[IS_INF]], %[[IS_NORMAL]]
func.func @classes(%x: vector<8xf16>) -> (vector<8xi1>, vector<8xi1>) {
  %a = math.isinf %x : vector<8xf16>
  %b = math.isnormal %x : vector<8xf16>
  return %a, %b : vector<8xi1>, vector<8xi1>
}

// CHECK-LABEL: @clamp
// CHECK-NOT: math.clampf
// CHECK: return
func.func @clamp(%x: f32, %low: f32, %high: f32) -> f32 {
  %c = math.clampf %x to [%low, %high] : f32
  return %c : f32
}
