//===- InitAll.h - Registration of everything -------------------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a tool registers: one place, so that all of them know the same.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_INITALL_H
#define ATTN_INITALL_H

namespace mlir {
class DialectRegistry;
namespace attn {

/// The attn dialect with the interfaces of its operations, and all of
/// upstream's dialects and extensions.
void registerAllDialects(DialectRegistry &registry);

/// The project's passes and pipelines, and all of upstream's.
void registerAllPasses();

} // namespace attn
} // namespace mlir

#endif // ATTN_INITALL_H
