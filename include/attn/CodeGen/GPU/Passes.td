//===- Passes.td - From tiles to threads ------------------*- tablegen -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_CODEGEN_GPU_PASSES_TD
#define ATTN_CODEGEN_GPU_PASSES_TD

include "mlir/Pass/PassBase.td"

def AttnGPULaunch : Pass<"attn-gpu-launch"> {
  let summary = "make the loops over workgroups kernel launches";
  let description = [{
    Rewrites every `scf.forall` over buffers that is mapped to a GPU's blocks
    (`#gpu.block<x>` and so on) into a `gpu.launch` of as many workgroups, with
    the warps that the `attn.kernel` schedule on it says. The body is the same,
    with block ids for loop variables: values are still held by the workgroup
    as a whole.

    A launch takes 65535 blocks along y and along z. Where a dimension that is
    mapped there is larger, or of unknown size, the launch is in a loop over as
    many at a time, and block ids count from where it is.
  }];
  let dependentDialects = ["arith::ArithDialect", "gpu::GPUDialect",
    "scf::SCFDialect"];
}

def AttnGPUStage : Pass<"attn-gpu-stage"> {
  let summary = "bring tiles through shared memory, and the loop's ahead of time";
  let description = [{
    In every `gpu.launch` of tiled attention, tiles that are operands of a
    product come through shared memory:

    - those of the loop over keys by asynchronous copies (`attn.async_copy`),
      the schedule's `stages` minus one steps ahead, each read waiting for its
      own copy alone: while a step computes with a tile of keys, the next one
      and the values are on their way;
    - the queries once, to registers before the loop or from shared memory at
      each step, as the schedule says;
    - the output on its way out, so that every access to global memory is a
      coalesced vector.

    The loop stays one: with the stage of a step in the addresses instead of one
    copy of the body for each stage, code is a third as long, and no more
    registers are taken than a step needs. Pipelining is that of
    FlashAttention-2 (Dao, 2023).
  }];
  let dependentDialects = ["AttnDialect", "arith::ArithDialect", "gpu::GPUDialect",
    "memref::MemRefDialect", "NVVM::NVVMDialect", "scf::SCFDialect",
    "vector::VectorDialect"];
}

def AttnGPUNarrowPositions : Pass<"attn-gpu-narrow-positions"> {
  let summary = "compute positions in sequences with 32 bits";
  let description = [{
    A GPU's registers and integer units have 32 bits, and `index` has 64. In
    every `gpu.launch` of tiled attention, arithmetic of type `index` becomes
    i32 where integer-range analysis shows that its values fit with a sign, with
    upstream's patterns for that. The analysis takes the sizes that a kernel's values
    derive from for at most 2^29, which the program then asserts before the
    launch; it knows the positions of an `attn.map` from the map's shape, and
    blocks from the grid. Addresses keep 64 bits: strides are not sizes.

    In an `attn.map`, two positions that are compared become a difference that
    is compared with 0, so that all registers of a thread share what the
    difference has beside a constant.

    | before | after |
    |---|---|
    | `%k = arith.addi %first, %column : index` | `%k = arith.addi %first32, %column32 overflow<nsw> : i32` |
    | `arith.cmpi sle, %k, %q : index` | `%d = arith.subi %k, %q overflow<nsw> : i32`, `arith.cmpi sle, %d, %c0 : i32` |
  }];
  let dependentDialects = ["arith::ArithDialect", "cf::ControlFlowDialect"];
}

def AttnGPUDistribute : Pass<"attn-gpu-distribute"> {
  let summary = "distribute a workgroup's vectors over its threads";
  let description = [{
    Gives every vector in a `gpu.launch` of tiled attention a layout, a linear
    map over GF(2) from (register, lane, warp) to a position of the tile, and
    rewrites each operation for one thread: a vector of shape 64x64 that 128
    threads hold becomes 32 scalars, or 16 pairs of a 16-bit type.

    | operation | becomes |
    |---|---|
    | `vector.contract` of f16, bf16 | `nvvm.mma.sync` m16n8k16; operands from shared memory by `nvgpu.ldmatrix` |
    | `vector.contract` of f32 | three `nvvm.mma.sync` m16n8k8 of tf32, or one where it has `attn.allow_tf32`; a second operand that lies reduction x columns from shared memory by loads of up to 16 bytes |
    | `vector.multi_reduction` | a reduction over registers, then `gpu.shuffle` over the lanes that hold the dimension |
    | `vector.transfer_read`, `vector.transfer_write` | vector loads and stores of up to 16 bytes, coalesced on global memory, swizzled on shared memory |
    | `attn.async_copy` | `nvgpu.device_async_copy`, 16 bytes a thread where rows allow |
    | `attn.map` | its body, for each register; once for all registers what the thread decides of a sum of positions, or of an i32 quotient or remainder of one by a constant that divides the registers' distances |
    | elementwise operations | the same on scalars |

    A value that would need two layouts is an error.

    An f32 operand `x` of a product is `h + l`, its rounding to tf32, of 11 bits,
    and the rest: `x · y` is `h · h + h · l + l · h`. Before sums are rounded a
    product has a relative error of less than 2⁻²¹, 7 · 10⁻⁸ in root mean square;
    `h · h` alone, where the operation has `attn.allow_tf32`, of less than 2⁻¹⁰,
    3 · 10⁻⁴ in root mean square. An operand that is infinite gives NaN where a
    product in f32 gives infinity, because its `l` is `inf - inf`, and so do
    values of 2¹²⁸ · (1 - 2⁻¹²) and more; NaN is kept.

    Layouts are those of "Linear Layouts" (Zhou et al., 2025).
  }];
  let dependentDialects = ["arith::ArithDialect", "gpu::GPUDialect",
    "LLVM::LLVMDialect", "math::MathDialect", "memref::MemRefDialect", "nvgpu::NVGPUDialect",
    "NVVM::NVVMDialect", "scf::SCFDialect",
    "vector::VectorDialect"];
}

def AttnGPUOutline : Pass<"attn-gpu-outline", "ModuleOp"> {
  let summary = "outline kernels that keep their schedules";
  let description = [{
    Runs upstream's `gpu-kernel-outlining`, and hands the `attn.kernel` schedule
    of a `gpu.launch` on to the `gpu.func` that is made of it, where later passes
    read what the schedule says to the assembler (`attn-finalize-nvvm`), and
    `attn.chosen_max_registers` with it (`attn-bound-registers`).

    | before | after |
    |---|---|
    | `gpu.launch ... {attn.kernel = #schedule}` | `gpu.launch_func @f::@f ...`, `gpu.func @f(...) kernel attributes {attn.kernel = #schedule}` |

    A launch that upstream's pass leaves, outside of any function, stays.
  }];
  let dependentDialects = ["arith::ArithDialect", "cf::ControlFlowDialect", "DLTIDialect",
    "gpu::GPUDialect"];
}

#endif // ATTN_CODEGEN_GPU_PASSES_TD
