//===- AttnDialect.td - The attn dialect -------------------*- tablegen -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_IR_ATTNDIALECT_TD
#define ATTN_IR_ATTNDIALECT_TD

include "mlir/IR/DialectBase.td"

def Attn_Dialect : Dialect {
  let name = "attn";
  let cppNamespace = "::mlir::attn";
  let summary = "Scaled dot-product attention and what surrounds it";
  let description = [{
    Attention on tensors, `softmax(Q Kᵀ / √d) V`, as one operation whose
    variants are regions and operands rather than flags. The logical shape of
    every operand is `[batch, heads, seqlen, head_dim]`.

    Systems disagree silently on a few points. This dialect's choices, and who
    shares them:

    | question | here | the same | otherwise |
    |---|---|---|---|
    | `causal` with Sq ≠ Sk | `bottom_right` (the default): query `i` sees keys `j ≤ i + Sk - Sq` | FlashAttention since 2.1, ONNX Attention with a past | `causal(top_left)`, `j ≤ i`: PyTorch `is_causal`, ONNX Attention without a past; `query_offset(n)`, `j ≤ i + n`: a cache with room to spare |
    | what a window counts | `window(left, right)`: keys on each side of the query's position, itself not counted, -1 for an open side | FlashAttention | a size that counts the query itself, as in Hugging Face's `sliding_window = n`: `causal window(n - 1, 0)` |
    | softcap and mask | softcap first, then the mask | ONNX Attention (errata of opset 23), FlashAttention, FlexAttention | |
    | ALiBi | `slope · (j - position(i))`, signed | ggml and the paper, for causal masks | FlashAttention: `-slope · abs(j - position(i))`, the same for keys up to the query; a `score` region says it |
    | query heads of a KV head | consecutive: `h / (Hq / Hkv)` | PyTorch `enable_gqa`, FlashAttention, ONNX, ggml | |
    | lse | natural logarithm of the sum of exponentials of the final scores, sinks included | FlashAttention, PyTorch | FlashInfer: base 2 |
    | a row with nothing kept | output 0, lse −inf | FlexAttention, PyTorch since 2.5 | FlashAttention-2: output 0, lse +inf; PyTorch before 2.5: NaN |
    | type of the softmax | f32, whatever the inputs are | FlashAttention, cuDNN | ONNX: `softmax_precision` |
    | sinks | a logit per query head, neither scaled nor capped, that joins the softmax's denominator and has no value | gpt-oss, ggml | |
    | order of the sums | free, unless `deterministic` | | |
    | products of f32 | as accurate as f32's, unless `allow_tf32` | PyTorch's `allow_tf32` (false for matmuls), ONNX | Triton's `tl.dot`: `input_precision = "tf32"` |
  }];
  let useDefaultAttributePrinterParser = 1;
  // Canonicalization makes their operations.
  let dependentDialects = ["arith::ArithDialect", "linalg::LinalgDialect",
    "tensor::TensorDialect"];
}

#endif // ATTN_IR_ATTNDIALECT_TD
