//===- FailureTest.cpp - Tests of how compiled code fails -----------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "cpu/Failure.h"

#include "gtest/gtest.h"

#include <csignal>
#include <unistd.h>

using namespace attnrt;

namespace {

TEST(Failure, MessageHoldsValues) {
  EXPECT_EXIT(
      attn_fail("{1} is not {0}, {2} is none", 2, int64_t(7), int64_t(-3)),
      testing::ExitedWithCode(1), "^error: -3 is not 7, \\{2\\} is none\n$");
}

TEST(Failure, BracesOfATextStay) {
  EXPECT_EXIT(attn_fail("{0} {x} {", 0), testing::ExitedWithCode(1),
              "^error: \\{0\\} \\{x\\} \\{\n$");
}

TEST(Failure, HandlerEndsTheProcess) {
  EXPECT_EXIT(
      {
        setFailureHandler([](llvm::StringRef message) { _exit(5); });
        attn_fail("a", 0);
      },
      testing::ExitedWithCode(5), "");
}

TEST(Failure, CrashIsAFailureWhileGuarded) {
  EXPECT_EXIT(
      {
        CrashGuard guard;
        raise(SIGABRT);
      },
      testing::ExitedWithCode(1),
      "^error: compiled code crashed \\(SIGABRT\\)\n$");
  EXPECT_EXIT(
      {
        {
          CrashGuard guard;
        }
        raise(SIGABRT);
      },
      testing::KilledBySignal(SIGABRT), "");
}

} // namespace
