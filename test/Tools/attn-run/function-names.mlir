// A program's functions may be called as those of the libraries that its code
// calls: the C library's mathematics, the runtime's thread pool and allocator.

// RUN: attn-run %s --function=exp2f --input="4xf32=1 2 3 4" | FileCheck %s --check-prefix=EXP2
// RUN: attn-run %s --function=attn_parallel_for --input=1x2x32x8xf32=random:1 --threads=2 --check | FileCheck %s --check-prefix=POOL
// RUN: attn-run %s --function=_mlir_memref_to_llvm_alloc --input="4xf32=1 2 3 4" | FileCheck %s --check-prefix=ALLOC
// RUN: attn-run %s --function=caller --input="4xf32=1 2 3 4" | FileCheck %s --check-prefix=CALLER

// EXP2: EXEC @exp2f
// EXP2-NEXT: result[0]: 4xf32=2 4 8 16
func.func @exp2f(%x: tensor<4xf32>) -> tensor<4xf32> {
  %r = math.exp2 %x : tensor<4xf32>
  return %r : tensor<4xf32>
}

// POOL: check: result 0: max error {{[0-9.]+}}e-0{{[78]}} in 512 elements
func.func @attn_parallel_for(%q: tensor<1x2x32x8xf32>) -> tensor<1x2x32x8xf32> {
  %o = attn.sdpa query(%q) key(%q) value(%q)
    : (tensor<1x2x32x8xf32>, tensor<1x2x32x8xf32>, tensor<1x2x32x8xf32>) -> tensor<1x2x32x8xf32>
  return %o : tensor<1x2x32x8xf32>
}

// ALLOC: result[0]: 4xf32=2 4 6 8
func.func @_mlir_memref_to_llvm_alloc(%x: tensor<4xf32>) -> tensor<4xf32> {
  %r = arith.addf %x, %x : tensor<4xf32>
  return %r : tensor<4xf32>
}

// A private function of that name is not what the operation calls either.
// CALLER: result[0]: 4xf32=5.71828 10.3891 23.0855 57.598{{[12]}}
func.func @caller(%x: tensor<4xf32>) -> tensor<4xf32> {
  %y = math.exp %x : tensor<4xf32>
  %z = func.call @expf(%x) : (tensor<4xf32>) -> tensor<4xf32>
  %r = arith.addf %y, %z : tensor<4xf32>
  return %r : tensor<4xf32>
}
func.func private @expf(%x: tensor<4xf32>) -> tensor<4xf32> {
  %three = arith.constant dense<3.0> : tensor<4xf32>
  return %three : tensor<4xf32>
}
