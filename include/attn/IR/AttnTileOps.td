//===- AttnTileOps.td - Operations on tiles ----------------*- tablegen -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_IR_ATTNTILEOPS_TD
#define ATTN_IR_ATTNTILEOPS_TD

include "attn/IR/AttnOpBase.td"

def Attn_MapOp : Attn_Op<"map", [RecursiveMemoryEffects, RecursivelySpeculatable,
    SingleBlock]> {
  let summary = "applies scalar code to every element of a tile";
  let description = [{
    A tile is a vector that the threads of a GPU's workgroup hold together.
    `attn.map` evaluates its body once for each position of the result: the
    arguments are the elements of the inputs there, then the position, one
    index for each dimension. It is how the scalar regions of `attn.sdpa`, with
    their loads from captured tensors, reach a tile.

    | value | type |
    |---|---|
    | `inputs` | vectors of the result's shape, or of a prefix of it, which broadcasts along the other dimensions |
    | `result` | a vector of the type that the body yields |

    A position of the result that no memory stands behind (past the last query
    or key) is evaluated as well: the body guards its loads.

    Positions do not wrap. An `arith.addi` or `arith.subi` of `index` or `i32` in
    the body that has `overflow<nsw>` promises more than the flag says elsewhere:
    its value stays 2^16, more than any tile has of rows or columns, away from
    both ends of i32 at every position of the tile. So a thread may add up what
    all of its elements share and keep the rest as a constant: `x + c <= y` as `x
    <= y - c`, where `x` is no value of the program. `attn-gpu-narrow-positions`
    sets the flag on what integer-range analysis shows to leave this room and
    takes it off all other sums, those of a region of `attn.sdpa` included, whose
    flags promise less.

    Example, a causal mask:

    ```mlir
    %masked = attn.map %scores : (vector<64x64xf32>) -> vector<64x64xf32> {
    ^bb0(%score: f32, %row: index, %column: index):
      %query = arith.addi %first_query, %row : index
      %key = arith.addi %first_key, %column : index
      %keep = arith.cmpi sle, %key, %query : index
      %result = arith.select %keep, %score, %minus_infinity : f32
      attn.yield %result : f32
    }
    ```
  }];
  let arguments = (ins Variadic<AnyVectorOfNonZeroRank>:$inputs);
  let results = (outs AnyVectorOfNonZeroRank:$result);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "($inputs^)? attr-dict `:` functional-type($inputs, $result) $body";
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
}

def Attn_AnyOp : Attn_Op<"any", [Pure]> {
  let summary = "whether an element of a tile that a warp holds is true";
  let description = [{
    True in the threads of each warp that holds a true element of the tile; the
    warps need not agree. What it guards may leave a tile as it is where no
    element that it depends on is true, and saves the warp the work: the result
    is the same however the tile lies over the warps.

    Example, factors that are 1 for most rows:

    ```mlir
    %any = attn.any %is_not_one : vector<64xi1>
    %scaled = scf.if %any -> (vector<64x64xf32>) {
      %product = arith.mulf %tile, %factors : vector<64x64xf32>
      scf.yield %product : vector<64x64xf32>
    } else {
      scf.yield %tile : vector<64x64xf32>
    }
    ```
  }];
  let arguments = (ins VectorOfNonZeroRankOf<[I1]>:$tile);
  let results = (outs I1:$result);
  let assemblyFormat = "$tile attr-dict `:` type($tile)";
}

def Attn_AsyncCopyOp : Attn_Op<"async_copy", [AttrSizedOperandSegments]> {
  let summary = "starts a copy of a tile from global to shared memory";
  let description = [{
    All threads of the workgroup together copy the tile of `source` that starts
    at `source_indices` and has the shape of one tile of `destination`, the
    last two dimensions of a shared buffer whose first one is the stage.
    Positions outside `source` are filled with zeros. The copy belongs to the
    group that the next `nvgpu.device_async_create_group` closes, and is
    complete after the wait for that group and a barrier (`cp.async`, PTX ISA
    9.7.9.25).

    | value | shape | memory |
    |---|---|---|
    | `source` | rows x columns, strided | global |
    | `destination` | stages x tile rows x tile columns | workgroup |

    `in_bounds` says that the whole tile lies inside `source`; `where` gives a
    condition without which nothing is read and the tile becomes zeros.

    Example:

    ```mlir
    attn.async_copy %key[%first_key, %c0], %shared[%stage] : memref<?x64xf16, strided<[64, 1], offset: ?>>, memref<2x64x64xf16, #gpu.address_space<workgroup>>
    ```
  }];
  let arguments = (ins
    Arg<AnyMemRef, "", [MemRead]>:$source,
    Variadic<Index>:$source_indices,
    Arg<AnyMemRef, "", [MemWrite]>:$destination,
    Index:$stage,
    Optional<I1>:$condition,
    UnitAttr:$in_bounds);
  let assemblyFormat = [{
    $source `[` $source_indices `]` `,` $destination `[` $stage `]`
    (`in_bounds` $in_bounds^)? (`where` `(` $condition^ `)`)? attr-dict `:` type($source) `,` type($destination)
  }];
  let hasVerifier = 1;
}

#endif // ATTN_IR_ATTNTILEOPS_TD
