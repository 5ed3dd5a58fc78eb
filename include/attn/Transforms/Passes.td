//===- Passes.td - Passes on the attn dialect --------------*- tablegen -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_TRANSFORMS_PASSES_TD
#define ATTN_TRANSFORMS_PASSES_TD

include "mlir/Pass/PassBase.td"

def AttnTile : Pass<"attn-tile"> {
  let summary = "tile attn.sdpa into loops over heads, query tiles and KV tiles";
  let description = [{
    Rewrites every `attn.sdpa` that has a schedule into an `scf.forall` over
    batches, heads and query tiles around an `scf.for` over KV tiles that
    carries the online softmax (running maximum, running sum, unnormalised
    output). The loop's body is `linalg` on tiles: the score matrix exists only
    as one tile at a time. Causal and window masks become the loop's bounds;
    other masks are evaluated over whole tiles in interval arithmetic, so that
    an empty tile is skipped and a full one has no mask code.

    An sdpa without a schedule is left alone: run `attn-choose-schedule` first.
    One with a schedule has operands of f32, f16 or bf16 and static head
    dimensions; with `queries = rows` its heads and queries are static too, and
    `query_tile` is the number of queries.

    The algorithm is that of FlashAttention-2 (Dao, 2023, algorithm 1).
  }];
  let dependentDialects = ["affine::AffineDialect", "arith::ArithDialect",
    "linalg::LinalgDialect", "math::MathDialect", "scf::SCFDialect",
    "tensor::TensorDialect"];
}

def AttnGPUTile : Pass<"attn-gpu-tile"> {
  let summary = "tile attn.sdpa into vectors that a GPU's workgroup holds";
  let description = [{
    Rewrites every `attn.sdpa` that has a `gpu_schedule` into an `scf.forall`
    over batches, heads and query tiles, one workgroup each, around an `scf.for`
    over KV tiles that carries the online softmax. Every tile is a vector of its
    whole shape, such as `vector<64x64xf32>`: `vector.transfer_read` reads it,
    `vector.contract` multiplies, `arith` and `math` do the softmax, `attn.map`
    the variant's scalar code. Which thread holds which element is
    `attn-gpu-distribute`'s business.

    The rows of a tile are the queries of all the query heads that share a KV
    head, the heads of a query next to each other and padded to a power of two;
    where there are more of them than rows, or their number is dynamic, a tile
    has one head. Head dimensions are padded to multiples of 16 by what
    `vector.transfer_read` reads past the end.

    Mask code runs only where a tile needs it: what causal and window masks
    exclude is not in the loop, and interval arithmetic over the tile tells
    whether every position is kept.

    An `attn.merge` of partial results in f32, as split keys give, becomes a
    loop over the parts in a workgroup for each row.

    The algorithm is that of FlashAttention-2 (Dao, 2023, algorithm 1).
  }];
  let dependentDialects = ["affine::AffineDialect", "arith::ArithDialect",
    "gpu::GPUDialect", "linalg::LinalgDialect", "math::MathDialect",
    "scf::SCFDialect", "tensor::TensorDialect", "vector::VectorDialect"];
}

def AttnChooseGPUSchedule : Pass<"attn-choose-gpu-schedule"> {
  let summary = "give every attn.sdpa a schedule for a GPU";
  let description = [{
    Sets the `gpu_schedule` of every `attn.sdpa` that has none: tile sizes,
    warps and stages from a description of the chip (registers, shared memory)
    and the op's shape. A schedule that is already there, pinned by the user,
    stays, and is an error where the chip cannot hold it. The option `schedule`
    pins fields of all others, such as `query_tile=64,stages=3`, and what it
    leaves open is chosen; its item `print` says of each op what was chosen and
    why: what the schedule asks of the chip, what bounds the workgroups that a
    multiprocessor holds, the next best schedule, and one that would be faster
    where it does not fit. A `max_registers` that was chosen is on
    the op as `attn.chosen_max_registers`, too.

    An sdpa that a GPU cannot run (f64, dynamic head dimensions, a head_dim
    whose tiles exceed the chip's shared memory) is an error that says what was
    asked and what the limit is.

    ```mlir
    %o = attn.sdpa query(%q) key(%k) value(%v) : ...
    // becomes, for sm_89 and head_dim 64:
    %o = attn.sdpa query(%q) key(%k) value(%v)
        gpu_schedule(<query_tile = 128, kv_tile = 64, warps = 4, stages = 2,
                      kv_splits = 1, query_in_registers = true>) : ...
    ```
  }];
  let options = [
    Option<"chip", "chip", "std::string", "\"sm_80\"",
           "the GPU, such as sm_80 or sm_89">,
    ListOption<"schedule", "schedule", "std::string",
               "fields of the schedules to pin, such as query_tile=64, and "
               "print, which says of each op what was chosen and why">];
}

def AttnCheckShapes : Pass<"attn-check-shapes"> {
  let summary = "check dynamic shapes when a program runs";
  let description = [{
    What a verifier checks of static shapes becomes an `attn.assert` where a size
    is dynamic. Of `attn.sdpa`: batch, head_dim, heads and seqlen of the operands,
    that the query heads are a multiple of the KV heads, that masks broadcast, and
    the sizes that the types of the results declare. Of `attn.merge`: that
    partials, lses and results agree. Of `tensor.cast`: the sizes that it
    declares. A kernel takes these for granted; without them it would read and
    write out of bounds.

    ```mlir
    %o = attn.sdpa query(%q) key(%k) value(%v) : (tensor<1x4x8x?xf32>, ...
    // gets before it:
    %same = arith.cmpi eq, %key_head_dim, %query_head_dim : index
    attn.assert %same, "'attn.sdpa' op head_dim of key is {0}, expected {1} as in query: ..."(%key_head_dim, %query_head_dim)
    ```
  }];
  let dependentDialects = ["arith::ArithDialect", "AttnDialect",
    "tensor::TensorDialect"];
}

def AttnCheckTiled : Pass<"attn-check-tiled"> {
  let summary = "check that all attention is loops over tiles";
  let description = [{
    An `attn.sdpa` or `attn.merge` that is left is an error: it has no form on
    buffers. Stages that take tiles begin with it, so that one which is run by
    itself says what comes before it.
  }];
}

def AttnChooseSchedule : Pass<"attn-choose-schedule"> {
  let summary = "give every attn.sdpa a schedule for a CPU";
  let description = [{
    Sets the `schedule` of every `attn.sdpa` that has none: tile sizes from a
    description of the target (registers, lanes, caches) and the op's shape. A
    schedule that is already there, pinned by the user, stays; one that the
    target cannot take, with too many panels for its compiler, is an error. The
    option `schedule` pins fields of all others, such as `kv_tile=128`, and its
    item `print` says of each op what was chosen and why.

    An sdpa whose head dimensions are dynamic, whose operands are f64, or whose
    regions hold loops or values that are no elements of a vector gets no schedule
    and a warning: `attn-decompose` lowers it, and the scores of all positions
    exist at once.

    ```mlir
    %o = attn.sdpa query(%q) key(%k) value(%v) : ...
    // becomes, with AVX-512:
    %o = attn.sdpa query(%q) key(%k) value(%v)
        schedule(<queries = lanes, query_tile = 48, query_panel = 48,
                  kv_tile = 256, kv_splits = 1>) : ...
    ```
  }];
  let options = [
    Option<"targetCPU", "target-cpu", "std::string", "\"host\"",
           "LLVM's name of the CPU, or host">,
    Option<"threads", "threads", "int64_t", "1",
           "threads that the kernel will run on">,
    ListOption<"schedule", "schedule", "std::string",
               "fields of the schedules to pin, such as kv_tile=128, and "
               "print, which says of each op what was chosen and why">];
}

def AttnDecompose : Pass<"attn-decompose"> {
  let summary = "lower every attn operation to plain linalg";
  let description = [{
    Rewrites `attn.sdpa` and `attn.merge` into what they mean, one `linalg`
    operation a step: the products of queries and keys, the final scores (scale,
    softcap, score region, alibi, bias, mask), their maximum, the exponentials,
    the sum, the weights and the products of weights and values. It is the
    definition that tests compare with, not a way to run: the scores of all
    positions exist at once, B x Hq x Sq x Sk elements.

    The heads of a query are split into KV heads and the query heads that share
    one, so that no key or value is repeated. A score region or any other load
    of the variant is evaluated under an `scf.if` where the mask keeps the
    position. Each step's location names it:
    `--mlir-use-nameloc-as-prefix` prints the names.

    A `value` that is infinite or NaN at a position that the mask drops makes
    NaN here, as 0 times it, where its row keeps another; a kernel may skip such a
    position. A row that keeps nothing is 0.
  }];
  let dependentDialects = ["affine::AffineDialect", "arith::ArithDialect",
    "linalg::LinalgDialect", "math::MathDialect", "scf::SCFDialect",
    "tensor::TensorDialect"];
}

def AttnRaise : Pass<"attn-raise"> {
  let summary = "find attention in linalg and make it attn.sdpa";
  let description = [{
    Finds attention that a frontend wrote as products and a softmax, and
    rewrites it to `attn.sdpa`, so that nothing of the score matrix is left. It
    is the inverse of `attn-decompose`, and sees through what frontends put in
    between: contractions as any `linalg` operation, transposes, reshapes,
    broadcasts (a key or value repeated for its group of query heads is read
    once), casts around the softmax, constant factors on query, key or scores.
    A softmax is any of exp, exp2 and powers of a constant over its sum, with or
    without a maximum
    that is subtracted, with zeros in rows without keys, divided before or after
    the product with values, or the exponential of its logarithm. One more score,
    in front of the others, after them or in the sum alone, is a sink, as is the 1
    of `exp(x) / (1 + sum of exp(x))`. The logarithm of the sum becomes `lse`,
    where it is computed anew too.

    A tensor to which the product of queries and keys is added is a bias. Several
    products that are added, as in multi-head latent attention, are one over the
    features of all: queries and keys are joined, at the cost of their size. Keys
    that heads share are repeated there only where other keys or the values are
    those of each head. Several products of the same weights with values are as
    many operations that share query and key: the scores are computed for each of
    them, and stored for none.

    Masks are a selection of, or an addition or a subtraction of, -inf or a
    number that stands for it, also as arithmetic on bits, `(1 - m) * -1e4`; what
    a short form says becomes the short form, an additive tensor `bias`, a
    boolean tensor `keep`, and the rest the regions.

    The numbers that stand for -inf are those from -9984 down: -1e4, as bf16
    rounds it, is what exports of BERT and GPT-2 write, -65504 and -3.4e38 are
    the lowest of f16 and f32, and -1e9 is a habit. Beside a score that is
    larger by 104, 746 in f64, one of these has weight 0, which makes reading it
    as a mask exact unless all scores of a row are about as low. That happens in
    a row of which such a number drops every position: the program gives it the
    mean of all values, or the softmax of scores shifted by a constant, and
    `attn.sdpa` gives it 0. A bias as large as the number, beside it, is not
    weighed against it either. Numbers above, such as the -100 of shifted windows,
    are numbers: they are added.

    A product of masks drops what one of them drops. `scale` and `softcap` are
    numbers of f32: what they do not hold, in a program of f64 or as too large a
    number, the `score` region computes.

    Nothing else changes: scores with another use, a softmax over another
    dimension or a maximum of other data stay what they are. With `explain`
    each softmax that is left gets a remark that says which step failed and
    which operation stopped it.
  }];
  let options = [
    Option<"explain", "explain", "bool", "false",
           "say of each softmax that is not raised why">];
  let statistics = [
    Statistic<"raised", "raised", "attentions found">];
  let dependentDialects = ["AttnDialect", "arith::ArithDialect",
    "linalg::LinalgDialect", "math::MathDialect", "tensor::TensorDialect"];
}

def AttnLowerTosa : Pass<"attn-lower-tosa", "ModuleOp"> {
  let summary = "turn tosa into linalg, where there is any";
  let description = [{
    Runs upstream's conversions of `tosa` to `linalg`, `tensor`, `arith` and
    `scf` on a module that holds an operation of `tosa`; another module
    stays what it is. Programs are not held to a profile or level of the TOSA
    specification.
  }];
  let dependentDialects = ["arith::ArithDialect", "linalg::LinalgDialect",
    "math::MathDialect", "scf::SCFDialect", "tensor::TensorDialect",
    "tosa::TosaDialect"];
}

def AttnLowerTMTensor : Pass<"attn-lower-tm-tensor"> {
  let summary = "turn the scans that torch-mlir exports into loops";
  let description = [{
    torch-mlir writes a cumulative sum as `tm_tensor.scan`, an operation of its
    own. It becomes an `scf.for` over the dimension that combines slices by
    `linalg`.

    ```mlir
    %sums:2 = tm_tensor.scan dimension(1) inclusive(true) ins(%x : tensor<2x8xi64>) ...
    // becomes
    %sums:2 = scf.for %i = %c1 to %c8 step %c1 iter_args(...) -> (tensor<2x8xi64>, tensor<2xi64>)
    ```
  }];
  let dependentDialects = ["arith::ArithDialect", "linalg::LinalgDialect",
    "scf::SCFDialect", "tensor::TensorDialect"];
}

def AttnResolveDynamicShapes : Pass<"attn-resolve-dynamic-shapes"> {
  let summary = "give reshapes and broadcasts of dynamic sizes their structure";
  let description = [{
    Where sizes are not known, torch-mlir computes them: a `view` is a
    `tensor.reshape` to a tensor of sizes, and an `expand` reads a dimension at
    index 0 if its size turns out to be 1. Nothing sees through either. This
    compares the sizes, as products of numbers and of dimensions of tensors:

    - a reshape whose sizes say which dimensions belong together becomes
      `tensor.collapse_shape` and `tensor.expand_shape`;
    - an index `size == 1 ? 0 : i` is `i` where the loop has that size. Where
      the sizes may differ, the tensor itself is brought to the size, by an
      `scf.if` that yields it as it is where it has that size already: nothing
      is copied then, and the heads of K and V are not repeated.

    `int-range-optimizations` has to run before: torch-mlir asks whether a size
    is negative, which it never is.

    ```mlir
    %r = tensor.reshape %x(%sizes) : (tensor<8x?x16xf32>, tensor<4xi64>) -> tensor<2x4x?x16xf32>
    // with %sizes = [2, 4, the size of %x, 16] becomes
    %r = tensor.expand_shape %x [[0, 1], [2], [3]] output_shape [2, 4, %s, 16]
        : tensor<8x?x16xf32> into tensor<2x4x?x16xf32>
    ```
  }];
  let dependentDialects = ["arith::ArithDialect", "linalg::LinalgDialect",
    "scf::SCFDialect", "tensor::TensorDialect"];
}

def AttnPromoteToF64 : Pass<"attn-promote-to-f64"> {
  let summary = "turn every floating-point type into f64";
  let description = [{
    Replaces every floating-point type by f64: of arguments and results of
    functions, of values and blocks, and of constants with their values, those
    in resources too. `arith.extf` and `arith.truncf` vanish: no value is rounded
    to a narrower type on the way. What is left is the same program in double
    precision, which a check of a kernel's errors compares with.

    `scale` and `softcap` of `attn.sdpa` are numbers of type f32 and stay what
    they are. An `arith.bitcast` of a float is an error.

    Example: `func @f(%x: tensor<4xbf16>) -> tensor<4xf32>` becomes
    `func @f(%x: tensor<4xf64>) -> tensor<4xf64>`.
  }];
}

def AttnSampleRows : Pass<"attn-sample-rows"> {
  let summary = "evaluate attention for single queries";
  let description = [{
    Rewrites every `attn.sdpa` into an `scf.forall` over batches, heads and
    queries around an sdpa of one query of one head. After `attn-decompose` the
    memory that scores take is then Sk elements rather than B x Hq x Sq x Sk:
    the reference becomes affordable at long contexts.

    With a `count`, at most that many queries of a head are evaluated, at equal
    distances back from the last; the rows of all others are NaN, in `output`
    and in `lse`.
  }];
  let options = [
    Option<"count", "count", "int64_t", "0",
           "queries of a head to evaluate, 0 for all">];
  let dependentDialects = ["affine::AffineDialect", "arith::ArithDialect",
    "linalg::LinalgDialect", "scf::SCFDialect", "tensor::TensorDialect"];
}

def AttnCountWork : Pass<"attn-count-work", "ModuleOp"> {
  let summary = "make a program report the work of its attention";
  let description = [{
    Before every `attn.sdpa`, counts the score positions that the mask keeps, in
    all heads of all batches, and calls `attn_count_work(kept, head_dims)` with
    that number and D + Dv, both i64. The two products of the sdpa take 2 x kept
    x (D + Dv) floating-point operations, however it is tiled. A program counts
    what it executes: in loops, in functions that it calls, with masks that
    follow from data.

    A mask region or a `keep` tensor is evaluated at each of the B x Hq x Sq x
    Sk positions; causal and window, once for all heads. Without `masks` every
    position counts: the work of the definition, which computes all scores.
  }];
  let options = [
    Option<"masks", "masks", "bool", "true",
           "leave out the positions that a mask drops">];
  let dependentDialects = ["arith::ArithDialect", "func::FuncDialect",
    "scf::SCFDialect", "tensor::TensorDialect"];
}

#endif // ATTN_TRANSFORMS_PASSES_TD
