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

def AttnLowerVectors : Pass<"attn-lower-vectors", "gpu::GPUModuleOp"> {
  let summary = "take vectors of several dimensions apart into rows";
  let description = [{
    Upstream's conversion to the LLVM dialect knows vectors of several
    dimensions as arrays of one-dimensional ones, and only the operations that
    insert and extract those. This pass makes such operations of slices,
    broadcasts, transposes, shape and bit casts, and folds what that
    makes superfluous.
  }];
  let dependentDialects = ["arith::ArithDialect", "vector::VectorDialect"];
}

def AttnMathToNVVM : Pass<"attn-math-to-nvvm", "gpu::GPUModuleOp"> {
  let summary = "lower mathematics to instructions of NVIDIA GPUs";
  let description = [{
    Replaces the operations of `math`, and those of `arith` that upstream lowers
    to calls of CUDA's libdevice, by what the hardware has, so that no library
    has to be linked: in f32, and through f32 in f16 and bf16.

    With `afn` an operation may be as wrong as its instruction, and a
    subnormal argument or result is 0 (`.ftz`): `exp2` (`ex2.approx`, 2 ulp), `exp`
    (a relative error of |x| 2^-24 more), `log2`, `log` and `log10` (`lg2.approx`,
    an absolute error of 2^-22 of log2 on [0.5, 2], 2 ulp beyond), `sqrt`
    and `rsqrt` (2^-23 relative), `sin` and `cos` (2^-20 absolute on [-π, π]),
    `tanh` (2^-22 absolute) and `arith.divf` (`rcp.approx`, 2 ulp for divisors up to
    2^126).

    Without `afn`, `exp2` and `exp` are good to 2 ulp, `tanh` to 4, `sqrt` is exact;
    other functions use upstream's expansions and polynomials. An operation
    that has none, or is on another type, is an error.
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

    A kernel whose schedule, on `attn.kernel`, has `max_registers` gets
    `nvvm.maxnreg`, which becomes `.maxnreg`.

    The array of no elements that stands for dynamic shared memory becomes
    external, `.extern .shared` in PTX. As a variable of the module it would be
    given memory of its own.
  }];
  let dependentDialects = ["LLVM::LLVMDialect", "NVVM::NVVMDialect"];
}

def AttnBoundRegisters : Pass<"attn-bound-registers", "ModuleOp"> {
  let summary = "bound the registers of kernels that ptxas would spill";
  let description = [{
    Runs after `attn-gpu-to-nvvm`, and takes CUDA's assembler. Each `gpu.module`
    is compiled for the chip of its first `#nvvm.target`.

    How many registers code takes is known when ptxas has allocated them. Told
    nothing it may spill some to make room for one more workgroup, told that it
    may take all it may read too far ahead. Where it spills registers of a
    kernel, other bounds are tried: none; what as many workgroups leave a
    thread, or one less, by registers alone; and somewhat fewer. `nvvm.maxnreg`
    becomes the bound with which fewest bytes are spilled, of several the
    first. A warning says of a kernel that is spilled under every bound, and
    how many bytes.

    Other bounds are tried for kernels whose bound is the number of their
    `attn.chosen_max_registers`, where 0 is none. Kernels of schedules that
    were pinned, or whose `max_registers` was, keep what they have: of them
    there is the warning alone.

    The machine code that ptxas made is not kept: `attn-translate --emit=cubin`
    does the same and writes it.
  }];
  let options = [
    Option<"ptxas", "ptxas", "std::string", /*default=*/"",
           "CUDA's assembler, where it is neither on the path nor in CUDA's "
           "usual places">];
  let dependentDialects = ["LLVM::LLVMDialect", "NVVM::NVVMDialect"];
}

def AttnShareMemory : Pass<"attn-share-memory", "func::FuncOp"> {
  let summary = "place the host's buffers where kernels see them";
  let description = [{
    Each `memref.alloc` of host code becomes `gpu.alloc host_shared` of exactly its
    size, so that a kernel's access past the end can be told from one inside;
    `memref.dealloc` frees both. The runtime aligns more than an allocation
    asks for. A constant (`memref.get_global`) that is handed to a kernel is
    copied to such memory in its block.
  }];
  let dependentDialects = ["gpu::GPUDialect", "memref::MemRefDialect"];
}

def AttnEmbedPTX : Pass<"attn-embed-ptx", "ModuleOp"> {
  let summary = "compile GPU modules to PTX and keep it in the module";
  let description = [{
    Each `gpu.module` whose functions are in the LLVM and NVVM dialects becomes
    a `gpu.binary` of the same name that holds PTX for the chip of its
    `#nvvm.target`: the operations that launch its kernels stay as they are.
  }];
  let dependentDialects = ["gpu::GPUDialect", "NVVM::NVVMDialect"];
}

#endif // ATTN_CODEGEN_NVVM_PASSES_TD
