//===- TMTensor.td - torch-mlir's operations beside linalg -*- tablegen -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_IMPORT_TMTENSOR_TD
#define ATTN_IMPORT_TMTENSOR_TD

include "mlir/IR/OpBase.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def TMTensor_Dialect : Dialect {
  let name = "tm_tensor";
  let cppNamespace = "::mlir::attn::tm_tensor";
  let summary = "what torch-mlir exports beside upstream's dialects";
  let description = [{
    torch-mlir lowers most of PyTorch to `linalg`, and cumulative sums to
    `tm_tensor.scan`, which is none of upstream's operations. This is as much of
    its dialect as such programs need to be read: `attn-lower-tm-tensor` turns
    it into loops.
  }];
}

def TMTensor_ScanOp : Op<TMTensor_Dialect, "scan",
    [Pure, AttrSizedOperandSegments, SingleBlock]> {
  let summary = "every partial result of a reduction along a dimension";
  let description = [{
    With the combination of an element and what was accumulated before as
    region: with `inclusive`, element 0 of the result is that of the input and
    element k is `combine(input[k], result[k - 1])`; else element 0 is the
    initial accumulator and element k is `combine(input[k - 1], result[k - 1])`.
    The second result is the last accumulator.

    | value | shape |
    |---|---|
    | `inputs` | one tensor |
    | `outputs` | a tensor of its type, not read, and the initial accumulator: the same without the dimension |
    | `results` | as `outputs` |

    Example:

    ```mlir
    %sums:2 = tm_tensor.scan dimension(1) inclusive(true)
        ins(%x : tensor<2x8xi64>) outs(%init, %acc : tensor<2x8xi64>, tensor<2xi64>) {
    ^bb0(%element: i64, %before: i64):
      %sum = arith.addi %element, %before : i64
      tm_tensor.yield %sum : i64
    } -> tensor<2x8xi64>, tensor<2xi64>
    ```
  }];
  let arguments = (ins
    Variadic<AnyRankedTensor>:$inputs,
    Variadic<AnyRankedTensor>:$outputs,
    I64Attr:$dimension,
    BoolAttr:$inclusive);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let regions = (region SizedRegion<1>:$combiner);
  let assemblyFormat = [{
    `dimension` `(` $dimension `)` `inclusive` `(` $inclusive `)` attr-dict
    `ins` `(` $inputs `:` type($inputs) `)`
    `outs` `(` $outputs `:` type($outputs) `)` $combiner
    `->` type($results)
  }];
  let hasVerifier = 1;
}

def TMTensor_YieldOp : Op<TMTensor_Dialect, "yield",
    [Pure, ReturnLike, Terminator, HasParent<"ScanOp">]> {
  let summary = "ends the region of a scan";
  let arguments = (ins AnyType:$value);
  let assemblyFormat = "$value attr-dict `:` type($value)";
}

#endif // ATTN_IMPORT_TMTENSOR_TD
