// A size that a type declares and the inputs do not have is one line, before
// anything is written.

// RUN: rm -f %t.npy
// RUN: not attn-run %s --function=output --input=1x1x7x16xf32=random:1 --input=1x1x7x16xf32=random:2 --output=@%t.npy 2>&1 \
// RUN:   | FileCheck %s --check-prefix=OUTPUT --implicit-check-not={{.}}
// RUN: not ls %t.npy
// OUTPUT: {{^}}attn-run: error: {{.*}}sizes-invalid.mlir:[[# @LINE + 2]]:8: 'attn.sdpa' op seqlen of query is 7, expected 5 as in output: query is tensor<1x1x7x16xf32>, output is tensor<1x1x5x16xf32>{{$}}
func.func @output(%q: tensor<1x1x?x16xf32>, %k: tensor<1x1x?x16xf32>) -> tensor<1x1x5x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%k) : (tensor<1x1x?x16xf32>, tensor<1x1x?x16xf32>, tensor<1x1x?x16xf32>) -> tensor<1x1x5x16xf32>
  return %o : tensor<1x1x5x16xf32>
}

// RUN: not attn-run %s --function=lse --input=1x1x7x16xf32=random:1 2>&1 | FileCheck %s --check-prefix=LSE
// LSE: {{^}}attn-run: error: {{.*}}:[[# @LINE + 2]]:12: 'attn.sdpa' op seqlen of query is 7, expected 5 as in lse: query is tensor<1x1x7x16xf32>, lse is tensor<1x1x5xf32>{{$}}
func.func @lse(%q: tensor<1x1x?x16xf32>) -> (tensor<1x1x?x16xf32>, tensor<1x1x5xf32>) {
  %o, %l = attn.sdpa query(%q) key(%q) value(%q) : (tensor<1x1x?x16xf32>, tensor<1x1x?x16xf32>, tensor<1x1x?x16xf32>) -> (tensor<1x1x?x16xf32>, tensor<1x1x5xf32>)
  return %o, %l : tensor<1x1x?x16xf32>, tensor<1x1x5xf32>
}

// RUN: not attn-run %s --function=head_dim --input=1x1x7x16xf32=random:1 --input=1x1x7x24xf32=random:2 2>&1 | FileCheck %s --check-prefix=HEAD-DIM
// HEAD-DIM: error: {{.*}}: 'attn.sdpa' op head_dim of value is 24, expected 16 as in output: value is tensor<1x1x7x24xf32>, output is tensor<1x1x?x16xf32>{{$}}
func.func @head_dim(%q: tensor<1x1x?x16xf32>, %v: tensor<1x1x?x?xf32>) -> tensor<1x1x?x16xf32> {
  %o = attn.sdpa query(%q) key(%q) value(%v) : (tensor<1x1x?x16xf32>, tensor<1x1x?x16xf32>, tensor<1x1x?x?xf32>) -> tensor<1x1x?x16xf32>
  return %o : tensor<1x1x?x16xf32>
}

// RUN: not attn-run %s --function=merge --input=3x1x2x400x8xf32=random:1 --input=3x1x2x100xf32=random:2 2>&1 | FileCheck %s --check-prefix=MERGE
// MERGE: error: {{.*}}: 'attn.merge' op seqlen of partial_lses is 100, expected 400 as in partials: partial_lses is tensor<3x1x2x100xf32>, partials is tensor<3x1x2x400x8xf32>{{$}}
func.func @merge(%p: tensor<?x?x?x?x?xf32>, %l: tensor<?x?x?x?xf32>) -> tensor<?x?x?x?xf32> {
  %o = attn.merge %p, %l : (tensor<?x?x?x?x?xf32>, tensor<?x?x?x?xf32>) -> tensor<?x?x?x?xf32>
  return %o : tensor<?x?x?x?xf32>
}

// RUN: not attn-run %s --function=cast --input=7xf32=1 2>&1 | FileCheck %s --check-prefix=CAST
// CAST: error: {{.*}}: 'tensor.cast' op dimension 0 of the source is 7, expected 5 as in the result: the source is tensor<7xf32>, the result is tensor<5xf32>{{$}}
func.func @cast(%x: tensor<?xf32>) -> tensor<5xf32> {
  %y = tensor.cast %x : tensor<?xf32> to tensor<5xf32>
  return %y : tensor<5xf32>
}

// One rule for a head_dim of 0, known before or not.
// RUN: not attn-run %s --function=no_features --input=1x1x7x0xf32 2>&1 | FileCheck %s --check-prefix=NO-FEATURES
// NO-FEATURES: error: {{.*}}: 'attn.sdpa' op head_dim of query tensor<1x1x7x0xf32> is 0, expected at least 1{{$}}
func.func @no_features(%q: tensor<1x1x?x?xf32>) -> tensor<1x1x?x?xf32> {
  %o = attn.sdpa query(%q) key(%q) value(%q) : (tensor<1x1x?x?xf32>, tensor<1x1x?x?xf32>, tensor<1x1x?x?xf32>) -> tensor<1x1x?x?xf32>
  return %o : tensor<1x1x?x?xf32>
}

// Code that crashes is an error of one line too, not a hang.
// RUN: not attn-run %s --function=crash --input=4xf32=1 --input=index=1099511627776 2>&1 | FileCheck %s --check-prefix=CRASH
// RUN: not attn-run %s --function=crash_in_thread --input=4xf32=1 --input=index=1099511627776 --threads=2 2>&1 | FileCheck %s --check-prefix=CRASH
// CRASH: {{^}}attn-run: error: compiled code crashed: invalid memory access (SIGSEGV){{$}}
func.func @crash(%x: tensor<?xf32>, %i: index) -> f32 {
  %y = tensor.extract %x[%i] : tensor<?xf32>
  return %y : f32
}
func.func @crash_in_thread(%x: tensor<?xf32>, %i: index) -> tensor<8xf32> {
  %empty = tensor.empty() : tensor<8xf32>
  %r = scf.forall (%n) in (8) shared_outs(%out = %empty) -> tensor<8xf32> {
    %at = arith.addi %i, %n : index
    %y = tensor.extract %x[%at] : tensor<?xf32>
    %one = tensor.from_elements %y : tensor<1xf32>
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %one into %out[%n] [1] [1] : tensor<1xf32> into tensor<8xf32>
    }
  }
  return %r : tensor<8xf32>
}
