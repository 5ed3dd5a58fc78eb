//===- OutputFile.h - Files that appear whole or not at all ----*- C++ -*--===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_RUNTIME_SUPPORT_OUTPUTFILE_H
#define ATTN_RUNTIME_SUPPORT_OUTPUTFILE_H

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"

namespace attnrt {

/// Writes `path` by way of a temporary file beside it, renamed when all bytes
/// are written. The error names the path.
llvm::Error writeFile(llvm::StringRef path,
                      llvm::function_ref<void(llvm::raw_ostream &)> write);

/// Whether writeFile could write `path` now. The error is the one it would
/// give.
llvm::Error checkWritable(llvm::StringRef path);

} // namespace attnrt

#endif // ATTN_RUNTIME_SUPPORT_OUTPUTFILE_H
