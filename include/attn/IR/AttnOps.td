//===- AttnOps.td - Operations of the attn dialect ---------*- tablegen -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_IR_ATTNOPS_TD
#define ATTN_IR_ATTNOPS_TD

include "attn/IR/AttnOpBase.td"
include "attn/IR/AttnTileOps.td"

class Attn_RankedTensor<int rank, list<Type> elements> : Type<
    TensorRankOf<elements, [rank]>.predicate,
    TensorRankOf<elements, [rank]>.summary, "::mlir::RankedTensorType">;

def Attn_Tensor5D : Attn_RankedTensor<5, [F32, F16, BF16, F64]>;
def Attn_Tensor4D : Attn_RankedTensor<4, [F32, F16, BF16, F64]>;
def Attn_Lse4D : Attn_RankedTensor<4, [F32, F64]>;
def Attn_Lse3D : Attn_RankedTensor<3, [F32, F64]>;

def Attn_SDPAOp : Attn_Op<"sdpa", [
    AttrSizedOperandSegments, RecursiveMemoryEffects, RecursivelySpeculatable,
    DeclareOpInterfaceMethods<ReifyRankedShapedTypeOpInterface, ["reifyResultShapes"]>]> {
  let summary = "scaled dot-product attention";
  let description = [{
    `o = softmax(score(scale · q kᵀ), over the keys that the mask keeps) · v`,
    and optionally `lse`, the natural logarithm of each row's sum of
    exponentials.

    | value | logical shape | element type |
    |---|---|---|
    | `query` | B × Hq × Sq × D | T: f32, f16, bf16 or f64 |
    | `key` | B × Hkv × Sk × D | T |
    | `value` | B × Hkv × Sk × Dv | T |
    | `output` | B × Hq × Sq × Dv | T or f32 |
    | `lse` | B × Hq × Sq | f32 (f64 where T is f64) |

    Hq is a multiple of Hkv: query head `h` attends to KV head
    `h / (Hq / Hkv)` (multi-head, grouped-query and multi-query attention). Any
    dimension may be dynamic; a fused kernel needs static D and Dv. None of D and
    Dv may be 0. Scores, softmax and accumulation are in f32, or
    in f64 where T is f64.

    For a query `i` and a key `j` of head `h` in batch `b`, in this order:

    1. `s = scale · Σ_d q[b, h, i, d] · k[b, hkv, j, d]`, `scale` = 1/√D unless given;
    2. `softcap(c)`: `s = c · tanh(s / c)`;
    3. `score` region: `s = score(s, b, h, i, j)`;
    4. `alibi(slopes)`: `s += slopes[h] · (j - position(i))`;
    5. `bias(t)`: `s += t[b, h, i, j]`, `t` broadcasting over dimensions of size 1;
    6. the position is dropped where `causal` and `j > position(i)`; where
       `window(left, right)` and `j < position(i) - left` or
       `j > position(i) + right` (-1 leaves a side open); where `keep(t)` and
       `t[b, h, i, j]` is false; or where the `mask` region yields false;
    7. `sinks(t)`: `exp(t[h])` joins the softmax's denominator.

    `position(i)` is `i + query_offset` where that operand is given; else
    `i + Sk - Sq`, or `i` with `causal(top_left)`.

    A row keeps nothing where there are no keys, the mask drops every position, or
    every score is −inf, as a bias may make it; and there is no sink above −inf.
    Scores are kept in units of log2, where a bias beyond ±2.3e38 is infinite. An
    empty row gives 0 and lse −inf, never NaN, whatever the values hold. A `score` region
    is only evaluated where the mask keeps the position: a load in it never reads
    for a position that is dropped or does not exist.

    `layout(query = ..., key = ..., value = ..., output = ...)` says how the type
    of an operand or of the output orders its dimensions, where that is not
    `bhsd`: a tensor of type B × S × H × D is read in place with `bshd`, a key of
    type B × H × D × S with `bhds`. The `lse` is B × H × S always.

    `deterministic` makes the bits of a row independent of the batch it comes in
    and of the number of threads: tiles and splits of the keys, and so the order
    in which a row's scores are summed, follow from the sizes of the op alone.
    They may differ between targets, whose vectors, caches and multiply-adds
    differ, and between a size that is static and the same one given at run
    time. Without it a schedule may split the keys to suit the threads.

    The clauses come in the order of the syntax above.

    `allow_tf32` lets a target round f32 operands of the two products, the
    softmax's weights among them, to tf32: 11 bits of precision, relative errors
    of up to 2⁻¹¹ each, where the products of tensor cores are three times as
    fast as those of f32's accuracy. It is a permission: a CPU computes in f32,
    and for other types it says nothing.

    The regions are those of FlexAttention (Dong et al., 2024); the online
    softmax is that of FlashAttention (Dao et al., 2022).

    Example:

    ```mlir
    %o, %lse = attn.sdpa query(%q) key(%k) value(%v) causal window(1023, 0) softcap(50.0)
        score(%s, %b, %h, %i, %j) {
          %slope = tensor.extract %slopes[%h] : tensor<32xf32>
          %d = arith.subi %j, %i : index
          %di = arith.index_cast %d : index to i32
          %df = arith.sitofp %di : i32 to f32
          %bias = arith.mulf %slope, %df : f32
          %r = arith.addf %s, %bias : f32
          attn.yield %r : f32
        } : (tensor<2x32x?x128xf16>, tensor<2x8x?x128xf16>, tensor<2x8x?x128xf16>)
        -> (tensor<2x32x?x128xf16>, tensor<2x32x?xf32>)
    ```
  }];
  let arguments = (ins
    Attn_Tensor4D:$query,
    Attn_Tensor4D:$key,
    Attn_Tensor4D:$value,
    Optional<Index>:$query_offset,
    Optional<TensorOf<[F32, F16, BF16, F64]>>:$bias,
    Optional<TensorOf<[I1]>>:$keep,
    Optional<TensorOf<[F32, F16, BF16, F64]>>:$alibi,
    Optional<TensorOf<[F32, F16, BF16, F64]>>:$sinks,
    OptionalAttr<F32Attr>:$scale,
    OptionalAttr<Attn_CausalAlignment>:$causal,
    OptionalAttr<DenseI64ArrayAttr>:$window,
    OptionalAttr<F32Attr>:$softcap,
    UnitAttr:$deterministic,
    UnitAttr:$allow_tf32,
    DefaultValuedAttr<Attn_TensorLayout, "TensorLayout::BHSD">:$query_layout,
    DefaultValuedAttr<Attn_TensorLayout, "TensorLayout::BHSD">:$key_layout,
    DefaultValuedAttr<Attn_TensorLayout, "TensorLayout::BHSD">:$value_layout,
    DefaultValuedAttr<Attn_TensorLayout, "TensorLayout::BHSD">:$output_layout,
    OptionalAttr<Attn_ScheduleAttr>:$schedule,
    OptionalAttr<Attn_GPUScheduleAttr>:$gpu_schedule);
  let results = (outs
    Attn_Tensor4D:$output,
    Optional<Attn_Lse3D>:$lse);
  let regions = (region AnyRegion:$score, AnyRegion:$mask);
  let assemblyFormat = [{
    `query` `(` $query `)` `key` `(` $key `)` `value` `(` $value `)`
    (`query_offset` `(` $query_offset^ `)`)?
    (`bias` `(` $bias^ `)`)? (`keep` `(` $keep^ `)`)?
    (`alibi` `(` $alibi^ `)`)? (`sinks` `(` $sinks^ `)`)?
    (`scale` `(` $scale^ `)`)?
    (`causal` `` custom<CausalAlignment>($causal)^)?
    (`window` `(` custom<Window>($window)^ `)`)?
    (`softcap` `(` $softcap^ `)`)?
    (`layout` `(` custom<Layouts>($query_layout, $key_layout, $value_layout, $output_layout)^ `)`)?
    (`deterministic` $deterministic^)?
    (`allow_tf32` $allow_tf32^)?
    (`schedule` `(` $schedule^ `)`)?
    (`gpu_schedule` `(` $gpu_schedule^ `)`)?
    attr-dict
    (`score` `` custom<ScoreRegion>($score)^)?
    (`mask` `` custom<MaskRegion>($mask)^)?
    `:` functional-type(operands, results)
  }];
  let extraClassDeclaration = [{
    /// The dimension of the operand's type that holds the logical dimension.
    static unsigned getDim(TensorLayout layout, LogicalDim dim);

    /// The sizes of the logical dimensions; kDynamic where not static.
    int64_t getStaticSize(Value operand, TensorLayout layout, LogicalDim dim);
    int64_t getStaticBatch();
    int64_t getStaticQueryHeads();
    int64_t getStaticKVHeads();
    int64_t getStaticQuerySeqlen();
    int64_t getStaticKVSeqlen();
    int64_t getStaticHeadDim();
    int64_t getStaticValueHeadDim();

    /// The size of a logical dimension as a value or attribute.
    OpFoldResult getSize(OpBuilder &b, Location loc, Value operand,
                         TensorLayout layout, LogicalDim dim);

    /// Hq / Hkv, the query heads that share a KV head; not less than 1 where
    /// there are none, so that a head may be divided by it.
    OpFoldResult getGroupSize(OpBuilder &b, Location loc);

    /// f64 where the operands are f64, else f32.
    FloatType getAccumulatorType();

    /// Whether scores can be products of pairs along head_dim: queries and keys
    /// are bf16, of a static, even head_dim whose elements are neighbours.
    bool canPairScores();

    bool hasScoreRegion() { return !getScore().empty(); }
    bool hasMaskRegion() { return !getMask().empty(); }
    /// The window's sides; -1 where open.
    int64_t getWindowLeft() { return getWindow() ? (*getWindow())[0] : -1; }
    int64_t getWindowRight() { return getWindow() ? (*getWindow())[1] : -1; }
  }];
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
  let hasCanonicalizer = 1;
}

def Attn_MergeOp : Attn_Op<"merge", [Pure,
    DeclareOpInterfaceMethods<ReifyRankedShapedTypeOpInterface, ["reifyResultShapes"]>]> {
  let summary = "joins partial attention results by their lse";
  let description = [{
    Joins the results of attention over N disjoint sets of keys into the result
    over their union (Flash-Decoding's second step, cascade inference, ring
    attention): with `w_n = exp(lse_n - logsumexp_m lse_m)`,
    `o = Σ_n w_n · o_n` and `lse = logsumexp_n lse_n`. A part whose weight
    is 0, as that of lse −inf, adds nothing, whatever it holds; where all lses are
    −inf the output is 0 and lse −inf. An lse in f32 that is beyond 2^24 no longer
    tells how many keys share the largest score: parts with the same one then
    weigh the same.

    | value | shape | element type |
    |---|---|---|
    | `partials` | N × B × H × S × Dv | f32, f16, bf16 or f64 |
    | `partial_lses` | N × B × H × S | f32 or f64, natural logarithm |
    | `output` | B × H × S × Dv | f32, f16, bf16 or f64 |
    | `lse` (optional) | B × H × S | as `partial_lses` |

    Example:

    ```mlir
    %o = attn.merge %parts, %lses : (tensor<4x1x32x1x128xf32>, tensor<4x1x32x1xf32>) -> tensor<1x32x1x128xf16>
    ```
  }];
  let arguments = (ins
    Attn_Tensor5D:$partials,
    Attn_Lse4D:$partial_lses);
  let results = (outs
    Attn_Tensor4D:$output,
    Optional<Attn_Lse3D>:$lse);
  let assemblyFormat = "$partials `,` $partial_lses attr-dict `:` functional-type(operands, results)";
  let hasCanonicalizer = 1;
  let hasVerifier = 1;
}

def Attn_AssertOp : Attn_Op<"assert", [MemoryEffects<[MemWrite]>]> {
  let summary = "ends the program with a message where a condition fails";
  let description = [{
    What a verifier is to static shapes, this op is to sizes that only a run
    tells: where `condition` is false, the program ends with an error that
    begins with the op's location and holds `message`, in which `{0}`, `{1}` and
    so on stand for `values`.

    Example:

    ```mlir
    attn.assert %same, "seqlen of value is {0}, expected {1} as in key"(%values, %keys)
    ```
  }];
  let arguments = (ins I1:$condition, StrAttr:$message, Variadic<Index>:$values);
  let assemblyFormat = "$condition `,` $message (`(` $values^ `)`)? attr-dict";
  let hasCanonicalizeMethod = 1;
}

def Attn_YieldOp : Attn_Op<"yield", [Pure, ReturnLike, Terminator,
    ParentOneOf<["SDPAOp", "MapOp"]>]> {
  let summary = "ends a score or mask region, or the body of attn.map";
  let description = [{
    Yields the score (f32, or f64 in an f64 sdpa) of a `score` region, the
    keep bit (i1) of a `mask` region, or the element of an `attn.map`.

    Example: `attn.yield %s : f32`
  }];
  let arguments = (ins AnyType:$result);
  let assemblyFormat = "$result attr-dict `:` type($result)";
}

#endif // ATTN_IR_ATTNOPS_TD
