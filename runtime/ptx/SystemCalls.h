//===- SystemCalls.h - Functions that CUDA's system provides ----*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_RUNTIME_PTX_SYSTEMCALLS_H
#define ATTN_RUNTIME_PTX_SYSTEMCALLS_H

#include "ptx/Exec.h"

namespace attn::ptx {

/// The parameter memory of a call of a function without a body.
struct SystemCall {
  const Function *callee = nullptr;
  uint32_t frame = 0; // begin of its parameters in the lanes' memory
};
using SystemCallFn = Status (*)(Exec &e, const SystemCall &call);

/// vprintf, __assertfail, malloc and free; null for others.
SystemCallFn findSystemCall(llvm::StringRef name);

} // namespace attn::ptx

#endif // ATTN_RUNTIME_PTX_SYSTEMCALLS_H
