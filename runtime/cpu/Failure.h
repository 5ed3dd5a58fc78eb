//===- Failure.h - How compiled code fails ---------------------*- C++ -*--===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_RUNTIME_CPU_FAILURE_H
#define ATTN_RUNTIME_CPU_FAILURE_H

#include "llvm/ADT/StringRef.h"

#include <array>
#include <csignal>
#include <cstdint>

namespace attnrt {

/// Called with one line, without its end, where compiled code cannot go on;
/// must not return. It may run in a signal handler, where memory cannot be
/// allocated. The default prints the line and ends the process with status 1.
using FailureHandler = void (*)(llvm::StringRef message);
FailureHandler setFailureHandler(FailureHandler handler);

/// While one lives, a signal that kills is a failure that names it: code that
/// destroys the heap must not reach handlers that allocate, which would wait
/// for the heap's lock for ever.
class CrashGuard {
public:
  CrashGuard();
  ~CrashGuard();
  CrashGuard(const CrashGuard &) = delete;
  CrashGuard &operator=(const CrashGuard &) = delete;

private:
  static constexpr int kSignals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};
  std::array<struct sigaction, std::size(kSignals)> previous;
};

} // namespace attnrt

/// What a failed assertion of compiled code calls: `message` is a text in which
/// {0}, {1} and so on stand for the `count` values, each an int64_t, behind it.
extern "C" [[noreturn]] void attn_fail(const char *message, int64_t count, ...);

#endif // ATTN_RUNTIME_CPU_FAILURE_H
