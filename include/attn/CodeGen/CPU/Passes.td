//===- Passes.td - Passes that make CPU code ---------------*- tablegen -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_CODEGEN_CPU_PASSES_TD
#define ATTN_CODEGEN_CPU_PASSES_TD

include "mlir/Pass/PassBase.td"

def AttnRegisterTile : Pass<"attn-register-tile", "func::FuncOp"> {
  let summary = "tile linalg operations on buffers to the register file";
  let description = [{
    Tiles the `linalg` operations of a kernel, a function that
    `attn-outline-parallel` made, so that the accumulators of a tile fit the
    registers: `rows` × `vectors` × `lanes` elements. Neighbouring operations over the same rows and lanes share one
    loop nest, so that a product's epilogue (mask, row maximum) sees the
    product while it is in registers. What does not fill a tile of rows is done
    row by row.
  }];
  let options = [
    Option<"lanes", "lanes", "int64_t", "8", "f32 elements in a vector register">,
    Option<"vectors", "vectors", "int64_t", "3", "vectors in a row of the tile">,
    Option<"rows", "rows", "int64_t", "4", "rows of the tile">,
    Option<"minRows", "min-rows", "int64_t", "3",
           "the fewest rows of a tile that divides a size evenly">,
    Option<"dotRows", "dot-rows", "int64_t", "2",
           "rows of each side of a product that reduces along the lanes">,
    Option<"wideRows", "wide-rows", "int64_t", "2",
           "rows up to which a product takes all accumulators along the lanes">];
  let dependentDialects = ["affine::AffineDialect", "arith::ArithDialect",
    "linalg::LinalgDialect", "memref::MemRefDialect", "scf::SCFDialect"];
}

def AttnVectorize : Pass<"attn-vectorize", "func::FuncOp"> {
  let summary = "turn linalg operations on register tiles into 1-D vector code";
  let description = [{
    Unrolls each `linalg` operation of a kernel into one-dimensional vectors of
    `lanes` elements. Each vector of an accumulator is a loop-carried
    value of its own: a two-dimensional vector carried by a loop would become
    an array in memory.

    An operation in a body that has no form on vectors is done for each lane on
    its own.

    A product of pairs of bf16 along a dimension of size 2, contiguous in both
    factors, becomes `x86vector.avx512.dot` with `dot-bf16`, else the
    multiply-adds of its widened halves.

    A product that loads vectors from memory outside the kernel, as a decode
    step does with keys and values, asks for what it will load
    `prefetch-bytes` later.
  }];
  let options = [
    Option<"lanes", "lanes", "int64_t", "8", "f32 elements in a vector register">,
    Option<"unroll", "unroll", "int64_t", "1",
           "iterations of a small product's loop that become one">,
    Option<"smallTile", "small-tile", "int64_t", "16",
           "vectors of accumulators up to which a product is small">,
    Option<"dotIterations", "dot-iterations", "int64_t", "16",
           "iterations along the lanes up to which their loop is written out">,
    Option<"prefetchBytes", "prefetch-bytes", "int64_t", "0",
           "how far ahead of its loads a product of few rows asks for memory">,
    Option<"dotBF16", "dot-bf16", "bool", "false",
           "use the dot products of AVX512_BF16">];
  let dependentDialects = ["arith::ArithDialect", "math::MathDialect",
    "memref::MemRefDialect", "scf::SCFDialect", "vector::VectorDialect",
    "x86vector::X86VectorDialect"];
}

def AttnExpandMath : Pass<"attn-expand-math"> {
  let summary = "expand approximate exp2 and tanh into polynomials, and what LLVM lacks";
  let description = [{
    `math.exp2 fastmath<afn>` in f32, scalar or vector, becomes a range reduction
    and a minimax polynomial of degree 5 whose relative error is below
    2.7 · 2^-24. Arguments of -127 and below give exactly 0, NaN stays NaN. The
    argument must not exceed 127, which holds for a score minus its row's
    maximum.

    `math.tanh fastmath<afn>` in f32 becomes em1 / (2 + em1) with
    em1 = exp(-2 |x|) - 1, whose relative error is below 7 · 2^-24: em1 is the
    minimax polynomial of 2^f - 1, which does not cancel, scaled by a power of two.

    Without `afn` these are left alone. `math.isinf`, `math.isnormal` and
    `math.clampf`, which have no conversion to the LLVM dialect, become
    comparisons.
  }];
  let options = [
    Option<"scaleF", "scalef", "bool", "false",
           "scale vector<16xf32> by AVX-512's vscalefps">];
  let dependentDialects = ["arith::ArithDialect", "math::MathDialect",
    "vector::VectorDialect", "x86vector::X86VectorDialect"];
}

def AttnOutlineParallel : Pass<"attn-outline-parallel", "ModuleOp"> {
  let summary = "turn scf.forall into calls of the runtime's thread pool";
  let description = [{
    The body of each outermost `scf.forall` on buffers becomes a function
    `void(context, begin, end)` over linearised iterations, handed to
    `attn_parallel_for` of the runtime; what the body captures travels in a
    struct on the caller's stack. Static buffers allocated in the body go to the
    stack of the thread that runs it, as many as fit in `stack-bytes`, the small
    ones first. A loop that is marked
    `attn.kernel`, as `attn-tile` marks those it makes, gives a function with
    that mark, which the passes for register tiles and vectors work on.
  }];
  let options = [
    Option<"stackBytes", "stack-bytes", "int64_t", "1048576",
           "what the buffers of a body may take of a stack">];
  let dependentDialects = ["affine::AffineDialect", "arith::ArithDialect",
    "func::FuncDialect", "LLVM::LLVMDialect", "memref::MemRefDialect",
    "scf::SCFDialect"];
}

def AttnProtectArguments : Pass<"attn-protect-arguments", "func::FuncOp"> {
  let summary = "mark the tensor arguments of public functions as read-only";
  let description = [{
    Bufferization may reuse an argument's memory for a result. The tensors of a
    caller from outside are not to be overwritten: unless an argument says
    otherwise it gets `bufferization.writable = false`.
  }];
}

def AttnDecomposeLinalg : Pass<"attn-decompose-linalg", "func::FuncOp"> {
  let summary = "take composite linalg operations apart";
  let description = [{
    Replaces `linalg.softmax` and other operations of linalg that are made of
    several loops by the `linalg.generic` operations that they consist of, and
    `linalg.pack` and `linalg.unpack` with static tiles by padding or a slice,
    a reshape and a transpose.
  }];
  let dependentDialects = ["arith::ArithDialect", "linalg::LinalgDialect",
    "math::MathDialect", "tensor::TensorDialect"];
}

def AttnLowerComplex : Pass<"attn-lower-complex", "ModuleOp"> {
  let summary = "turn complex numbers into structures, where there are any";
  let description = [{
    Runs upstream's conversions of `complex` to `arith`, `math` and the LLVM
    dialect on a module that holds an operation of `complex`; another module
    stays what it is.
  }];
  let dependentDialects = ["arith::ArithDialect", "complex::ComplexDialect",
    "LLVM::LLVMDialect", "math::MathDialect"];
}

def AttnLowerGather : Pass<"attn-lower-gather", "func::FuncOp"> {
  let summary = "turn tensor.gather and tensor.scatter into copies of slices";
  let description = [{
    A gather becomes loops over its coordinates that copy a slice of the source
    into the result for each, a scatter loops that copy a slice of the source into
    the destination. Coordinates outside of the tensor are undefined behaviour, as
    they are of `tensor.gather` and `tensor.scatter`.

    ```mlir
    %r = tensor.gather %pages[%table] gather_dims([0]) : (tensor<16x32x64xf32>, tensor<4x1xi32>) -> tensor<4x32x64xf32>
    // becomes
    %r = scf.for %i = %c0 to %c4 step %c1 iter_args(%all = %empty) -> (tensor<4x32x64xf32>) {
      %page = tensor.extract %table[%i, %c0] : tensor<4x1xi32>
      %at = arith.index_cast %page : i32 to index
      %slice = tensor.extract_slice %pages[%at, 0, 0] [1, 32, 64] [1, 1, 1] : tensor<16x32x64xf32> to tensor<32x64xf32>
      %next = tensor.insert_slice %slice into %all[%i, 0, 0] [1, 32, 64] [1, 1, 1] : tensor<32x64xf32> into tensor<4x32x64xf32>
      scf.yield %next : tensor<4x32x64xf32>
    }
    ```
  }];
  let dependentDialects = ["arith::ArithDialect", "scf::SCFDialect",
    "tensor::TensorDialect"];
}

def AttnLinalgToLoops : Pass<"attn-linalg-to-loops", "func::FuncOp"> {
  let summary = "lower linalg operations outside kernels to loops";
  let description = [{
    Each `linalg` operation on buffers becomes `scf.for` loops, in an order that
    LLVM's loop vectoriser can work on: a dimension along which all operands are
    contiguous innermost, a parallel one where there is one, and the
    reductions next to it. Reductions get `reassoc`, since `linalg` leaves
    their order open, and products `contract`.

    A `vector.print` of a vector becomes loops that print its elements.

    Kernels, marked `attn.kernel`, are left alone.
  }];
  let dependentDialects = ["affine::AffineDialect", "arith::ArithDialect",
    "linalg::LinalgDialect", "memref::MemRefDialect", "scf::SCFDialect",
    "vector::VectorDialect"];
}

def AttnLowerExpandShape : Pass<"attn-lower-expand-shape", "func::FuncOp"> {
  let summary = "lower memref.expand_shape to several dynamic sizes";
  let description = [{
    `expand-strided-metadata` derives the sizes of a `memref.expand_shape` from
    its source and can do so for one dynamic size of each group. Where a group
    has several, as where a dynamic number of heads splits into KV heads and
    the query heads of each, this pass takes the sizes that the operation
    carries: it becomes a `memref.reinterpret_cast`.
  }];
  let dependentDialects = ["affine::AffineDialect", "memref::MemRefDialect"];
}

def AttnLowerAssertions : Pass<"attn-lower-assertions", "ModuleOp"> {
  let summary = "turn assertions into calls that end the program";
  let description = [{
    Where the condition of an `attn.assert` or `cf.assert` is false, the program
    calls `void attn_fail(const char *message, int64_t count, ...)`, which does
    not return. The message begins with the file, line and column of the operation
    where its location has them; the `count` values of type `int64_t` behind it
    take the places of `{0}`, `{1}` and so on in it.

    ```mlir
    attn.assert %same, "seqlen of value is {0}, expected {1} as in key"(%a, %b)
    // becomes
    scf.if %differs {
      %text = llvm.mlir.addressof @attn_message : !llvm.ptr
      llvm.call @attn_fail(%text, %c2, %a, %b) vararg(...) : (!llvm.ptr, i64, i64, i64) -> ()
    }
    ```
  }];
  let dependentDialects = ["arith::ArithDialect", "LLVM::LLVMDialect",
    "scf::SCFDialect"];
}

def AttnWidenBooleans : Pass<"attn-widen-booleans", "func::FuncOp"> {
  let summary = "load and store vectors of i1 as bytes";
  let description = [{
    A buffer of i1 holds a byte for each element, but LLVM packs a vector of i1
    into bits: a `vector.load` of several would read too few bytes. This
    pass makes it a load of i8 and a truncation, and likewise for
    `vector.maskedload` and `vector.store`. It runs right before the
    conversion to the LLVM dialect, where buffers of i1 and i8 are the same
    (an `unrealized_conversion_cast` stands between them until then).
  }];
  let dependentDialects = ["arith::ArithDialect", "vector::VectorDialect"];
}

#endif // ATTN_CODEGEN_CPU_PASSES_TD
