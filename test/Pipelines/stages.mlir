// The stages of --attn-to-cpu, each a pipeline of its own that takes what the
// one before it prints.

// RUN: attn-opt %s --attn-cpu-tile=target-cpu=x86-64-v3 | FileCheck %s --check-prefix=TILE
// RUN: attn-opt %s --attn-cpu-tile=target-cpu=x86-64-v3 | attn-opt --attn-cpu-bufferize=target-cpu=x86-64-v3 | FileCheck %s --check-prefix=BUFFERIZE --implicit-check-not='tensor<'
// RUN: attn-opt %s --attn-cpu-tile=target-cpu=x86-64-v3 | attn-opt --attn-cpu-bufferize=target-cpu=x86-64-v3 | attn-opt --attn-cpu-vectorize=target-cpu=x86-64-v3 | FileCheck %s --check-prefix=VECTORIZE --implicit-check-not=linalg. --implicit-check-not=math.exp2
// RUN: attn-opt %s --attn-cpu-tile=target-cpu=x86-64-v3 | attn-opt --attn-cpu-bufferize=target-cpu=x86-64-v3 | attn-opt --attn-cpu-vectorize=target-cpu=x86-64-v3 | attn-opt --attn-cpu-to-llvm=target-cpu=x86-64-v3 > %t.stages
// RUN: FileCheck %s --check-prefix=LLVM --implicit-check-not=unrealized_conversion_cast < %t.stages

// One pipeline is the same as its stages.
// RUN: attn-opt %s --attn-to-cpu=target-cpu=x86-64-v3 > %t.whole
// RUN: diff %t.stages %t.whole

// The width of vectors follows the target.
// RUN: attn-opt %s --attn-cpu-tile=target-cpu=x86-64 --attn-cpu-bufferize=target-cpu=x86-64 --attn-cpu-vectorize=target-cpu=x86-64 | FileCheck %s --check-prefix=FOUR
// RUN: attn-opt %s --attn-cpu-tile=target-cpu=x86-64-v4 --attn-cpu-bufferize=target-cpu=x86-64-v4 --attn-cpu-vectorize=target-cpu=x86-64-v4 | FileCheck %s --check-prefix=SIXTEEN
// RUN: attn-opt %s --attn-cpu-tile=target-cpu=znver4 --attn-cpu-bufferize=target-cpu=znver4 --attn-cpu-vectorize=target-cpu=znver4 | FileCheck %s --check-prefix=SIXTEEN
// RUN: attn-opt %s --attn-cpu-tile=target-cpu=apple-m2 --attn-cpu-bufferize=target-cpu=apple-m2 --attn-cpu-vectorize=target-cpu=apple-m2 | FileCheck %s --check-prefix=FOUR

// L2: loops over tiles of tensors. What surrounds attention is linalg.
// TILE-LABEL: @attention
// TILE-NOT: attn.sdpa
// TILE: scf.forall
// TILE:   scf.for
// TILE: } {attn.kernel}
// TILE: linalg.generic

// Buffers; the parallel loop is a kernel of the thread pool, whose scratch is
// on the stack.
// BUFFERIZE-LABEL: func.func @attention
// BUFFERIZE: call @attn_parallel_for
// BUFFERIZE: linalg.generic
// BUFFERIZE: func.func private @attention_parallel{{.*}} attributes {attn.kernel}
// BUFFERIZE: memref.alloca
// BUFFERIZE: linalg.generic

// Register tiles of one-dimensional vectors in the kernel, loops outside.
// VECTORIZE-LABEL: func.func @attention
// VECTORIZE: scf.for
// VECTORIZE: math.absf {{.*}} : f32
// VECTORIZE: func.func private @attention_parallel
// VECTORIZE: scf.for {{.*}} iter_args({{.*}}) -> (vector<8xf32>, vector<8xf32>
// FOUR: scf.for {{.*}} iter_args({{.*}}) -> (vector<4xf32>, vector<4xf32>
// FOUR-NOT: vector<8xf32>
// SIXTEEN: scf.for {{.*}} iter_args({{.*}}) -> (vector<16xf32>, vector<16xf32>
// SIXTEEN: x86vector.avx512.mask.scalef

// LLVM-LABEL: llvm.func @attention
// LLVM: llvm.call @attn_parallel_for
// LLVM: llvm.func @attention_parallel
// LLVM: llvm.fadd {{.*}}fastmath<contract>{{.*}} : vector<8xf32>
func.func @attention(%q: tensor<1x2x64x32xf32>, %k: tensor<1x2x64x32xf32>, %v: tensor<1x2x64x32xf32>) -> tensor<1x2x64x32xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) causal
    : (tensor<1x2x64x32xf32>, tensor<1x2x64x32xf32>, tensor<1x2x64x32xf32>) -> tensor<1x2x64x32xf32>
  %init = tensor.empty() : tensor<1x2x64x32xf32>
  %r = linalg.abs ins(%o : tensor<1x2x64x32xf32>) outs(%init : tensor<1x2x64x32xf32>) -> tensor<1x2x64x32xf32>
  return %r : tensor<1x2x64x32xf32>
}
