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
    | `causal` with Sq ≠ Sk | `bottom_right` (the default): query `i` sees keys `j ≤ i + Sk - Sq`; `top_left`: `j ≤ i`; with `query_offset`: `j ≤ i + offset` | bottom right: FlashAttention ≥ 2.1, ONNX Attention with a past; top left: PyTorch `is_causal`, ONNX Attention without a past | |
    | softcap and mask | softcap first, then the mask | ONNX Attention (errata of opset 23), FlashAttention, FlexAttention | |
    | lse | natural logarithm of the sum of exponentials of the scaled scores | FlashAttention, PyTorch | FlashInfer: base 2 |
    | a row with nothing kept | output 0, lse −inf | FlashAttention, FlexAttention | PyTorch's math path: NaN |
    | type of the softmax | f32, whatever the inputs are | FlashAttention, cuDNN | ONNX: `softmax_precision` |
    | sinks | a logit per head that joins the softmax's denominator and has no value | gpt-oss, ggml | |
  }];
  let useDefaultAttributePrinterParser = 1;
}

#endif // ATTN_IR_ATTNDIALECT_TD
