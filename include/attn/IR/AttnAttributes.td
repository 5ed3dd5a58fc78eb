//===- AttnAttributes.td - Attributes of the attn dialect --*- tablegen -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_IR_ATTNATTRIBUTES_TD
#define ATTN_IR_ATTNATTRIBUTES_TD

include "attn/IR/AttnDialect.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"

def Attn_CausalAlignment : I32EnumAttr<"CausalAlignment",
    "which diagonal of a score matrix that is not square is the causal one", [
      I32EnumAttrCase<"BottomRight", 0, "bottom_right">,
      I32EnumAttrCase<"TopLeft", 1, "top_left">]> {
  let cppNamespace = "::mlir::attn";
}

def Attn_TensorLayout : I32EnumAttr<"TensorLayout",
    "the order of batch (b), head (h), sequence (s) and head_dim (d) in a tensor's type", [
      I32EnumAttrCase<"BHSD", 0, "bhsd">,
      I32EnumAttrCase<"BSHD", 1, "bshd">,
      I32EnumAttrCase<"BHDS", 2, "bhds">]> {
  let cppNamespace = "::mlir::attn";
}

def Attn_QueryPlacement : I32EnumAttr<"QueryPlacement",
    "where the queries of a tile lie in a vector", [
      I32EnumAttrCase<"Lanes", 0, "lanes">,
      I32EnumAttrCase<"Rows", 1, "rows">]> {
  let cppNamespace = "::mlir::attn";
}

def Attn_PairedProducts : I32EnumAttr<"PairedProducts",
    "which products of a tile multiply pairs of bf16", [
      I32EnumAttrCase<"None", 0, "none">,
      I32EnumAttrCase<"Scores", 1, "scores">]> {
  let cppNamespace = "::mlir::attn";
}

/// Not printed where it is `none`.
def Attn_PairedProductsParameter : EnumParameter<Attn_PairedProducts> {
  let defaultValue = "::mlir::attn::PairedProducts::None";
}

def Attn_ScheduleAttr : AttrDef<Attn_Dialect, "Schedule"> {
  let mnemonic = "schedule";
  let summary = "how an sdpa is tiled";
  let description = [{
    The shape of the L2 tiles, chosen by `attn-choose-schedule` from a target
    description or pinned by the user.

    - `queries`: `lanes` lays the queries of a tile along the lanes of a
      vector (the scores are computed transposed, so that the row maximum and
      sum need no shuffle; for prefill), `rows` lays the keys and head_dim
      along the lanes and takes the query heads of a KV head together (for
      decode).
    - `query_tile`: queries in a tile, in panels of `query_panel` that share
      registers. With `queries = rows` both are the number of queries per head.
    - `kv_tile`: keys in a step of the loop over keys.
    - `kv_splits`: parts into which the keys of a head are split; the parts are
      joined by `attn.merge` (Flash-Decoding).
    - `paired`: `scores` multiplies queries and keys of bf16 in pairs along
      head_dim, as instructions of dot products of bf16 take them: the queries
      are packed in pairs, unscaled, and the scale multiplies the scores. Each
      product is exact and summed in f32. `none`, the default, widens to f32.
    - `key_align`: a window's first key is rounded down to a multiple of it, so
      that the keys of its tiles fill register tiles. 1 by default.

    Each number is at least 1 and at most 65536.

    Example: `#attn.schedule<queries = lanes, query_tile = 96, query_panel = 48,
    kv_tile = 64, kv_splits = 1>`
  }];
  let parameters = (ins
    EnumParameter<Attn_QueryPlacement>:$queries,
    "int64_t":$query_tile,
    "int64_t":$query_panel,
    "int64_t":$kv_tile,
    "int64_t":$kv_splits,
    Attn_PairedProductsParameter:$paired,
    DefaultValuedParameter<"int64_t", "1">:$key_align);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
}

def Attn_GPUScheduleAttr : AttrDef<Attn_Dialect, "GPUSchedule"> {
  let mnemonic = "gpu_schedule";
  let summary = "how an sdpa is tiled on a GPU";
  let description = [{
    The shape of the tiles of a workgroup (a thread block), chosen by
    `attn-choose-gpu-schedule` from a target description or pinned by the user.

    - `query_tile`: rows of a tile; where query heads share a KV head the rows
      are the queries of all heads of the group.
    - `kv_tile`: keys in a step of the loop over keys.
    - `warps`: warps of the workgroup; they share the rows, at least 16 each, and
      those that are left over the columns of the output.
    - `stages`: buffers of K, and of V, that the loop's copies to shared memory
      rotate through.
    - `kv_splits`: parts into which the keys of a head are split; the parts are
      joined by `attn.merge` (Flash-Decoding).
    - `query_in_registers`: whether a thread holds its queries in registers,
      or reads them from shared memory at every step.
    - `max_registers`: the registers that the assembler may give a thread,
      `.maxnreg` of PTX; 0, or nothing, leaves their number to the assembler.

    Numbers are at most 65536, and but for `max_registers` at least 1;
    `query_tile`, `kv_tile` and `warps` are powers of two.

    Example: `#attn.gpu_schedule<query_tile = 128, kv_tile = 64, warps = 4,
    stages = 2, kv_splits = 1, query_in_registers = true>`
  }];
  let parameters = (ins "int64_t":$query_tile, "int64_t":$kv_tile,
    "int64_t":$warps, "int64_t":$stages, "int64_t":$kv_splits,
    "bool":$query_in_registers,
    DefaultValuedParameter<"int64_t", "0">:$max_registers);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
}

#endif // ATTN_IR_ATTNATTRIBUTES_TD
