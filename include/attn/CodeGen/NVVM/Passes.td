//===- Passes.td - Passes that make NVVM code --------------*- tablegen -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_CODEGEN_NVVM_PASSES_TD
#define ATTN_CODEGEN_NVVM_PASSES_TD

include "mlir/Pass/PassBase.td"

def AttnMathToNVVM : Pass<"attn-math-to-nvvm", "gpu::GPUModuleOp"> {
  let summary = "lower mathematics to instructions of NVIDIA GPUs";
  let description = [{
    Replaces the operations of `math`, and those of `arith` that upstream lowers
    to calls of CUDA's libdevice, by what the hardware has, so that no library
    has to be linked: in f32, and through f32 in f16 and bf16.

    With `afn` an operation may be as wrong as its instruction:
    `exp2` (2 ulp), `exp`, `log2`, `log` (2^-22 absolute on [0.5, 2]), `sqrt`, `rsqrt`,
    `sin`, `cos` (2^-20 absolute on [-π, π]), `tanh` (2^-22 absolute) and
    `arith.divf` (2 ulp) become `ex2.approx`, `lg2.approx`, `sqrt.approx`, `rsqrt.approx`,
    `sin.approx`, `cos.approx` and `rcp.approx`, each with `.ftz`: a subnormal
    argument or result is 0.

    Without `afn`, `exp2` and `exp` are good to 2 ulp, `tanh` to 4; other functions use
    upstream's expansions and polynomials. An operation that has none is an error
    that names it and its type.
  }];
  let dependentDialects = ["arith::ArithDialect", "LLVM::LLVMDialect",
    "math::MathDialect", "vector::VectorDialect"];
}

def AttnFinalizeNVVM : Pass<"attn-finalize-nvvm", "gpu::GPUModuleOp"> {
  let summary = "say of kernels what convert-gpu-to-nvvm leaves unsaid";
  let description = [{
    Runs after `convert-gpu-to-nvvm`.

    A kernel with `gpu.known_block_size` gets `nvvm.reqntid`, which becomes
    `.reqntid` in PTX, in the place of `nvvm.maxntid`: ptxas then knows the
    number of threads rather than a bound on it, and a launch with
    other blocks is refused by the driver.

    The array of no elements that stands for dynamic shared memory becomes
    external, `.extern .shared` in PTX. As a variable of the module it would be
    given memory of its own.
  }];
  let dependentDialects = ["LLVM::LLVMDialect", "NVVM::NVVMDialect"];
}

#endif // ATTN_CODEGEN_NVVM_PASSES_TD
