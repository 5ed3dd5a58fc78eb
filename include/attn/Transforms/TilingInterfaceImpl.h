//===- TilingInterfaceImpl.h - Tiling of the attn operations ----*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// attn.sdpa and attn.merge as upstream's TilingInterface, so that
// transform.structured.tile_using_forall and tile-and-fuse apply to them.
//
// The iteration domain of both is batch x query head x query x value head_dim,
// all parallel; a tile attends to every key. A tile of queries gets a
// query_offset, its regions' arguments are shifted, and it loses its schedule,
// which was chosen for the whole. A tile of several query heads must begin with
// a KV head's group and cover whole groups, or lie within one: other tiles, and
// tiles of head_dim where there is an lse, are refused with a diagnostic.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_TRANSFORMS_TILINGINTERFACEIMPL_H
#define ATTN_TRANSFORMS_TILINGINTERFACEIMPL_H

namespace mlir {
class DialectRegistry;
namespace attn {
void registerTilingInterfaceExternalModels(DialectRegistry &registry);
} // namespace attn
} // namespace mlir

#endif // ATTN_TRANSFORMS_TILINGINTERFACEIMPL_H
