// Masks that turn out to be constant once a size is known: the only batch, the
// only head, the only tile of queries. A row that keeps nothing is 0, whose lse
// is -inf or the sink.

// DEFINE: %{f32} = --input=1x2x40x32xf32=random:1 --input=1x2x70x32xf32=random:2
// DEFINE: %{f16} = --input=1x2x40x32xf16=random:1 --input=1x2x70x32xf16=random:2
// RUN: attn-run %s --function=batch_f32 --check %{f32} | FileCheck %s --check-prefix=ZERO
// RUN: attn-run %s --function=batch_f32 --check %{f32} --device=ptx | FileCheck %s --check-prefix=ZERO
// RUN: attn-run %s --function=batch_f16 --check %{f16} | FileCheck %s --check-prefix=ZERO
// RUN: attn-run %s --function=batch_f16 --check %{f16} --device=ptx | FileCheck %s --check-prefix=ZERO
// RUN: attn-run %s --function=queries --check %{f16} | FileCheck %s --check-prefix=ZERO
// RUN: attn-run %s --function=queries --check %{f16} --device=ptx | FileCheck %s --check-prefix=ZERO
// RUN: attn-run %s --function=sinks --check %{f16} --input=2xf32="[0.5 -2]" --tolerance=1e-5 | FileCheck %s --check-prefix=SINKS
// RUN: attn-run %s --function=sinks --check %{f16} --input=2xf32="[0.5 -2]" --tolerance=1e-5 --device=ptx | FileCheck %s --check-prefix=SINKS
// RUN: attn-run %s --function=decode --check --input=1x8x1x32xf16=random:1 --input=1x2x300x32xf16=random:2 | FileCheck %s --check-prefix=DECODE
// RUN: attn-run %s --function=decode --check --input=1x8x1x32xf16=random:1 --input=1x2x300x32xf16=random:2 --device=ptx | FileCheck %s --check-prefix=DECODE
// RUN: attn-run %s --function=kept --check --tolerance=1e-3 %{f16} --output=@%t.npy
// RUN: attn-run %s --function=kept --check --tolerance=1e-3 %{f16} --output=@%t.npy --device=ptx
// RUN: attn-run %s --function=some --check --tolerance=1e-3 %{f16} --output=@%t.npy --device=ptx

// ZERO: check: result 0: max error 0.000e+00 in 2560 elements
// ZERO: check: result 1: max error 0.000e+00 in 80 elements
// ZERO: result[1]: 1x2x40xf32={{\[+}}-inf -inf
func.func @batch_f32(%q: tensor<1x2x40x32xf32>, %k: tensor<1x2x?x32xf32>) -> (tensor<1x2x40x32xf32>, tensor<1x2x40xf32>) {
  %c5 = arith.constant 5 : index
  %o:2 = attn.sdpa query(%q) key(%k) value(%k)
      mask(%b, %h, %i, %j) {
        %r = arith.cmpi eq, %b, %c5 : index
        attn.yield %r : i1
      } : (tensor<1x2x40x32xf32>, tensor<1x2x?x32xf32>, tensor<1x2x?x32xf32>) -> (tensor<1x2x40x32xf32>, tensor<1x2x40xf32>)
  return %o#0, %o#1 : tensor<1x2x40x32xf32>, tensor<1x2x40xf32>
}

func.func @batch_f16(%q: tensor<1x2x40x32xf16>, %k: tensor<1x2x?x32xf16>) -> (tensor<1x2x40x32xf16>, tensor<1x2x40xf32>) {
  %c5 = arith.constant 5 : index
  %o:2 = attn.sdpa query(%q) key(%k) value(%k) causal
      mask(%b, %h, %i, %j) {
        %r = arith.cmpi eq, %b, %c5 : index
        attn.yield %r : i1
      } : (tensor<1x2x40x32xf16>, tensor<1x2x?x32xf16>, tensor<1x2x?x32xf16>) -> (tensor<1x2x40x32xf16>, tensor<1x2x40xf32>)
  return %o#0, %o#1 : tensor<1x2x40x32xf16>, tensor<1x2x40xf32>
}

// Without the lse sums are products, of which none is left.
func.func @queries(%q: tensor<1x2x40x32xf16>, %k: tensor<1x2x70x32xf16>) -> (tensor<1x2x40x32xf16>, tensor<1x2x40xf32>) {
  %c100 = arith.constant 100 : index
  %o = attn.sdpa query(%q) key(%k) value(%k)
      mask(%b, %h, %i, %j) {
        %r = arith.cmpi sge, %i, %c100 : index
        attn.yield %r : i1
      } : (tensor<1x2x40x32xf16>, tensor<1x2x70x32xf16>, tensor<1x2x70x32xf16>) -> tensor<1x2x40x32xf16>
  %none = arith.constant dense<0xFF800000> : tensor<1x2x40xf32>
  return %o, %none : tensor<1x2x40x32xf16>, tensor<1x2x40xf32>
}

// SINKS: check: result 0: max error 0.000e+00 in 2560 elements
// SINKS: result[1]: 1x2x40xf32={{\[+}}0.5 0.5
func.func @sinks(%q: tensor<1x2x40x32xf16>, %k: tensor<1x2x?x32xf16>, %sinks: tensor<2xf32>) -> (tensor<1x2x40x32xf16>, tensor<1x2x40xf32>) {
  %c5 = arith.constant 5 : index
  %o:2 = attn.sdpa query(%q) key(%k) value(%k) sinks(%sinks)
      mask(%b, %h, %i, %j) {
        %r = arith.cmpi eq, %b, %c5 : index
        attn.yield %r : i1
      } : (tensor<1x2x40x32xf16>, tensor<1x2x?x32xf16>, tensor<1x2x?x32xf16>, tensor<2xf32>) -> (tensor<1x2x40x32xf16>, tensor<1x2x40xf32>)
  return %o#0, %o#1 : tensor<1x2x40x32xf16>, tensor<1x2x40xf32>
}

// DECODE: check: result 0: max error 0.000e+00 in 256 elements
func.func @decode(%q: tensor<1x8x1x32xf16>, %k: tensor<1x2x?x32xf16>) -> tensor<1x8x1x32xf16> {
  %c5 = arith.constant 5 : index
  %o = attn.sdpa query(%q) key(%k) value(%k)
      mask(%b, %h, %i, %j) {
        %r = arith.cmpi eq, %b, %c5 : index
        attn.yield %r : i1
      } : (tensor<1x8x1x32xf16>, tensor<1x2x?x32xf16>, tensor<1x2x?x32xf16>) -> tensor<1x8x1x32xf16>
  return %o : tensor<1x8x1x32xf16>
}

func.func @kept(%q: tensor<1x2x40x32xf16>, %k: tensor<1x2x70x32xf16>) -> tensor<1x2x40x32xf16> {
  %c0 = arith.constant 0 : index
  %o = attn.sdpa query(%q) key(%k) value(%k)
      mask(%b, %h, %i, %j) {
        %r = arith.cmpi eq, %b, %c0 : index
        attn.yield %r : i1
      } : (tensor<1x2x40x32xf16>, tensor<1x2x70x32xf16>, tensor<1x2x70x32xf16>) -> tensor<1x2x40x32xf16>
  return %o : tensor<1x2x40x32xf16>
}

// The first head keeps nothing, which its tiles alone know.
func.func @some(%q: tensor<1x2x40x32xf16>, %k: tensor<1x2x70x32xf16>) -> tensor<1x2x40x32xf16> {
  %c0 = arith.constant 0 : index
  %o = attn.sdpa query(%q) key(%k) value(%k)
      mask(%b, %h, %i, %j) {
        %r = arith.cmpi sgt, %h, %b : index
        attn.yield %r : i1
      } : (tensor<1x2x40x32xf16>, tensor<1x2x70x32xf16>, tensor<1x2x70x32xf16>) -> tensor<1x2x40x32xf16>
  return %o : tensor<1x2x40x32xf16>
}
