//===- Failure.cpp - How compiled code fails ------------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "cpu/Failure.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"

#include <atomic>
#include <cstdarg>
#include <cstdlib>
#include <cstring>
#include <string>
#include <unistd.h>
#include <utility>

using namespace attnrt;

static void write(llvm::StringRef text) {
  while (!text.empty()) {
    ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
    if (written <= 0)
      return;
    text = text.drop_front(written);
  }
}

static void exitWithLine(llvm::StringRef message) {
  write("error: ");
  write(message);
  write("\n");
  std::_Exit(1);
}

static FailureHandler failureHandler = exitWithLine;

FailureHandler attnrt::setFailureHandler(FailureHandler handler) {
  return std::exchange(failureHandler, handler ? handler : exitWithLine);
}

/// The first failure speaks; other threads that fail wait for the end.
[[noreturn]] static void fail(llvm::StringRef message) {
  static std::atomic_flag hasFailed = ATOMIC_FLAG_INIT;
  while (hasFailed.test_and_set())
    pause();
  failureHandler(message);
  std::_Exit(1);
}

/// The text with {i} replaced by the i-th value.
static std::string format(llvm::StringRef text,
                          llvm::ArrayRef<int64_t> values) {
  std::string result;
  while (!text.empty()) {
    size_t index;
    llvm::StringRef rest = text;
    if (rest.consume_front("{") && !rest.consumeInteger(10, index) &&
        rest.consume_front("}") && index < values.size()) {
      result += std::to_string(values[index]);
      text = rest;
      continue;
    }
    result += text.front();
    text = text.drop_front();
  }
  return result;
}

void attn_fail(const char *message, int64_t count, ...) {
  llvm::SmallVector<int64_t> values;
  va_list list;
  va_start(list, count);
  for (int64_t i = 0; i < count; ++i)
    values.push_back(va_arg(list, int64_t));
  va_end(list);
  fail(format(message, values));
}

static llvm::StringRef describe(int signal) {
  switch (signal) {
  case SIGSEGV:
    return "compiled code crashed: invalid memory access (SIGSEGV)";
  case SIGBUS:
    return "compiled code crashed: invalid memory access (SIGBUS)";
  case SIGILL:
    return "compiled code crashed: invalid instruction (SIGILL)";
  case SIGFPE:
    return "compiled code crashed: invalid integer arithmetic (SIGFPE)";
  default:
    return "compiled code crashed (SIGABRT)";
  }
}

static void failOfSignal(int signal) { fail(describe(signal)); }

CrashGuard::CrashGuard() {
  struct sigaction action;
  std::memset(&action, 0, sizeof(action));
  action.sa_handler = failOfSignal;
  // Where the thread has a second stack: the first may have overflowed.
  action.sa_flags = SA_ONSTACK;
  sigemptyset(&action.sa_mask);
  for (auto [signal, old] : llvm::zip_equal(kSignals, previous))
    sigaction(signal, &action, &old);
}

CrashGuard::~CrashGuard() {
  for (auto [signal, old] : llvm::zip_equal(kSignals, previous))
    sigaction(signal, &old, nullptr);
}
