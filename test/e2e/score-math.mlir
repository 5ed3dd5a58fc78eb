// Every operation of the math dialect compiles in a score region, on vectors,
// and gives what it gives in float64.

// RUN: attn-run %s --function=trigonometric --input=1x2x20x16xf32=random:1 --input=1x1x37x16xf32=random:2 --check 2>&1 | FileCheck %s
// RUN: attn-run %s --function=powers --input=1x2x20x16xf32=random:1 --input=1x1x37x16xf32=random:2 --check 2>&1 | FileCheck %s
// RUN: attn-run %s --function=rounding --input=1x2x20x16xf32=random:1 --input=1x1x37x16xf32=random:2 --check 2>&1 | FileCheck %s
// RUN: attn-run %s --function=narrow --input=1x2x20x16xf32=random:1 --input=1x1x37x16xf32=random:2 --check 2>&1 | FileCheck %s --check-prefix=NARROW
// RUN: %if host-x86-64 %{ attn-run %s --function=powers --input=1x2x20x16xf32=random:1 --input=1x1x37x16xf32=random:2 --target-cpu=x86-64 --check 2>&1 | FileCheck %s %}

// CHECK-NOT: warning
// CHECK: check: result 0: max error {{[0-9.]+e-0[6-9]}}
// NARROW-NOT: warning
// NARROW: check: result 0: max error {{[0-9.]+e-0[4-9]}}

func.func @trigonometric(%q: tensor<1x2x20x16xf32>, %k: tensor<1x1x37x16xf32>) -> tensor<1x2x20x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%k)
    score(%s, %b, %h, %i, %j) {
      %c1 = arith.constant 1 : i32
      %c3 = arith.constant 3 : i32
      %quarter = arith.constant 0.25 : f32
      %one = arith.constant 1.0 : f32
      %t = math.tanh %s : f32
      %u = math.absf %t : f32
      %v = arith.mulf %u, %quarter : f32
      %x = arith.addf %v, %quarter : f32
      %y = arith.addf %x, %one : f32
      %j32 = arith.index_cast %j : index to i32
      %n = arith.addi %j32, %c1 : i32
      %m = arith.remsi %n, %c3 : i32
      %acos = math.acos %x : f32
      %sum0 = arith.addf %s, %acos : f32
      %asin = math.asin %x : f32
      %sum1 = arith.addf %sum0, %asin : f32
      %atan = math.atan %x : f32
      %sum2 = arith.addf %sum1, %atan : f32
      %cos = math.cos %x : f32
      %sum3 = arith.addf %sum2, %cos : f32
      %sin = math.sin %x : f32
      %sum4 = arith.addf %sum3, %sin : f32
      %tan = math.tan %x : f32
      %sum5 = arith.addf %sum4, %tan : f32
      %acosh = math.acosh %y : f32
      %sum6 = arith.addf %sum5, %acosh : f32
      %asinh = math.asinh %x : f32
      %sum7 = arith.addf %sum6, %asinh : f32
      %atanh = math.atanh %x : f32
      %sum8 = arith.addf %sum7, %atanh : f32
      %cosh = math.cosh %x : f32
      %sum9 = arith.addf %sum8, %cosh : f32
      %sinh = math.sinh %x : f32
      %sum10 = arith.addf %sum9, %sinh : f32
      %tanh = math.tanh %x : f32
      %sum11 = arith.addf %sum10, %tanh : f32
      %atan2 = math.atan2 %x, %y : f32
      %sum12 = arith.addf %sum11, %atan2 : f32
      %sin2, %cos2 = math.sincos %x : f32
      %sum13 = arith.addf %sum12, %sin2 : f32
      %sum14 = arith.addf %sum13, %cos2 : f32
      attn.yield %sum14 : f32
    } : (tensor<1x2x20x16xf32>, tensor<1x1x37x16xf32>, tensor<1x1x37x16xf32>) -> tensor<1x2x20x16xf32>
  return %o : tensor<1x2x20x16xf32>
}

func.func @powers(%q: tensor<1x2x20x16xf32>, %k: tensor<1x1x37x16xf32>) -> tensor<1x2x20x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%k)
    score(%s, %b, %h, %i, %j) {
      %c1 = arith.constant 1 : i32
      %c3 = arith.constant 3 : i32
      %quarter = arith.constant 0.25 : f32
      %one = arith.constant 1.0 : f32
      %t = math.tanh %s : f32
      %u = math.absf %t : f32
      %v = arith.mulf %u, %quarter : f32
      %x = arith.addf %v, %quarter : f32
      %y = arith.addf %x, %one : f32
      %j32 = arith.index_cast %j : index to i32
      %n = arith.addi %j32, %c1 : i32
      %m = arith.remsi %n, %c3 : i32
      %cbrt = math.cbrt %x : f32
      %sum0 = arith.addf %s, %cbrt : f32
      %exp = math.exp %x : f32
      %sum1 = arith.addf %sum0, %exp : f32
      %exp2 = math.exp2 %x : f32
      %sum2 = arith.addf %sum1, %exp2 : f32
      %expm1 = math.expm1 %x : f32
      %sum3 = arith.addf %sum2, %expm1 : f32
      %log = math.log %x : f32
      %sum4 = arith.addf %sum3, %log : f32
      %log10 = math.log10 %x : f32
      %sum5 = arith.addf %sum4, %log10 : f32
      %log1p = math.log1p %x : f32
      %sum6 = arith.addf %sum5, %log1p : f32
      %log2 = math.log2 %x : f32
      %sum7 = arith.addf %sum6, %log2 : f32
      %rsqrt = math.rsqrt %x : f32
      %sum8 = arith.addf %sum7, %rsqrt : f32
      %sqrt = math.sqrt %x : f32
      %sum9 = arith.addf %sum8, %sqrt : f32
      %erf = math.erf %x : f32
      %sum10 = arith.addf %sum9, %erf : f32
      %erfc = math.erfc %x : f32
      %sum11 = arith.addf %sum10, %erfc : f32
      %powf = math.powf %x, %y : f32
      %sum12 = arith.addf %sum11, %powf : f32
      %fpowi = math.fpowi %y, %m : f32, i32
      %sum13 = arith.addf %sum12, %fpowi : f32
      %ipowi = math.ipowi %m, %c3 : i32
      %ipowi_f = arith.sitofp %ipowi : i32 to f32
      %sum14 = arith.addf %sum13, %ipowi_f : f32
      attn.yield %sum14 : f32
    } : (tensor<1x2x20x16xf32>, tensor<1x1x37x16xf32>, tensor<1x1x37x16xf32>) -> tensor<1x2x20x16xf32>
  return %o : tensor<1x2x20x16xf32>
}

func.func @rounding(%q: tensor<1x2x20x16xf32>, %k: tensor<1x1x37x16xf32>) -> tensor<1x2x20x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%k)
    score(%s, %b, %h, %i, %j) {
      %c1 = arith.constant 1 : i32
      %c3 = arith.constant 3 : i32
      %quarter = arith.constant 0.25 : f32
      %one = arith.constant 1.0 : f32
      %t = math.tanh %s : f32
      %u = math.absf %t : f32
      %v = arith.mulf %u, %quarter : f32
      %x = arith.addf %v, %quarter : f32
      %y = arith.addf %x, %one : f32
      %j32 = arith.index_cast %j : index to i32
      %n = arith.addi %j32, %c1 : i32
      %m = arith.remsi %n, %c3 : i32
      %absf = math.absf %x : f32
      %sum0 = arith.addf %s, %absf : f32
      %ceil = math.ceil %x : f32
      %sum1 = arith.addf %sum0, %ceil : f32
      %floor = math.floor %x : f32
      %sum2 = arith.addf %sum1, %floor : f32
      %round = math.round %x : f32
      %sum3 = arith.addf %sum2, %round : f32
      %roundeven = math.roundeven %x : f32
      %sum4 = arith.addf %sum3, %roundeven : f32
      %trunc = math.trunc %x : f32
      %sum5 = arith.addf %sum4, %trunc : f32
      %clampf = math.clampf %s to [%x, %y] : f32
      %sum6 = arith.addf %sum5, %clampf : f32
      %copysign = math.copysign %x, %s : f32
      %sum7 = arith.addf %sum6, %copysign : f32
      %fma = math.fma %x, %y, %s : f32
      %sum8 = arith.addf %sum7, %fma : f32
      %isfinite = math.isfinite %s : f32
      %isfinite_f = arith.uitofp %isfinite : i1 to f32
      %sum9 = arith.addf %sum8, %isfinite_f : f32
      %isinf = math.isinf %s : f32
      %isinf_f = arith.uitofp %isinf : i1 to f32
      %sum10 = arith.addf %sum9, %isinf_f : f32
      %isnan = math.isnan %s : f32
      %isnan_f = arith.uitofp %isnan : i1 to f32
      %sum11 = arith.addf %sum10, %isnan_f : f32
      %isnormal = math.isnormal %s : f32
      %isnormal_f = arith.uitofp %isnormal : i1 to f32
      %sum12 = arith.addf %sum11, %isnormal_f : f32
      %absi = math.absi %n : i32
      %absi_f = arith.sitofp %absi : i32 to f32
      %sum13 = arith.addf %sum12, %absi_f : f32
      %ctlz = math.ctlz %n : i32
      %ctlz_f = arith.sitofp %ctlz : i32 to f32
      %sum14 = arith.addf %sum13, %ctlz_f : f32
      %ctpop = math.ctpop %n : i32
      %ctpop_f = arith.sitofp %ctpop : i32 to f32
      %sum15 = arith.addf %sum14, %ctpop_f : f32
      %cttz = math.cttz %n : i32
      %cttz_f = arith.sitofp %cttz : i32 to f32
      %sum16 = arith.addf %sum15, %cttz_f : f32
      attn.yield %sum16 : f32
    } : (tensor<1x2x20x16xf32>, tensor<1x1x37x16xf32>, tensor<1x1x37x16xf32>) -> tensor<1x2x20x16xf32>
  return %o : tensor<1x2x20x16xf32>
}

func.func @narrow(%q: tensor<1x2x20x16xf32>, %k: tensor<1x1x37x16xf32>) -> tensor<1x2x20x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%k)
    score(%s, %b, %h, %i, %j) {
      %c1 = arith.constant 1 : i32
      %c3 = arith.constant 3 : i32
      %quarter = arith.constant 0.25 : f32
      %one = arith.constant 1.0 : f32
      %t = math.tanh %s : f32
      %u = math.absf %t : f32
      %v = arith.mulf %u, %quarter : f32
      %x = arith.addf %v, %quarter : f32
      %y = arith.addf %x, %one : f32
      %j32 = arith.index_cast %j : index to i32
      %n = arith.addi %j32, %c1 : i32
      %m = arith.remsi %n, %c3 : i32
      %h_f16 = arith.truncf %x : f32 to f16
      %r_f16_erf = math.erf %h_f16 : f16
      %e_f16_erf = arith.extf %r_f16_erf : f16 to f32
      %sum0 = arith.addf %s, %e_f16_erf : f32
      %h_bf16 = arith.truncf %x : f32 to bf16
      %r_bf16_cbrt = math.cbrt %h_bf16 : bf16
      %e_bf16_cbrt = arith.extf %r_bf16_cbrt : bf16 to f32
      %sum1 = arith.addf %sum0, %e_bf16_cbrt : f32
      %wide = arith.extf %x : f32 to f64
      %wider = math.erfc %wide : f64
      %back = arith.truncf %wider : f64 to f32
      %sum2 = arith.addf %sum1, %back : f32
      attn.yield %sum2 : f32
    } : (tensor<1x2x20x16xf32>, tensor<1x1x37x16xf32>, tensor<1x1x37x16xf32>) -> tensor<1x2x20x16xf32>
  return %o : tensor<1x2x20x16xf32>
}
