//===- FaultTest.h - Kernels with faults and their twins --------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_TEST_UNIT_PTX_FAULTTEST_H
#define ATTN_TEST_UNIT_PTX_FAULTTEST_H

#include "Harness.h"

#include <algorithm>
#include <numeric>

namespace attn::ptx::test {

/// A kernel that has a fault and one that does not. Both get `input` and
/// `output`, 64 words each, as %in and %out; %t is the thread, %a its word of
/// the input, %o its word of the output. Where a shared array `tile` is
/// declared, %r1 is its address and %r2 that of the thread's word.
struct FaultCase {
  const char *name;
  const char *faulty;
  const char *fixed;
  /// What follows `fault.ptx:LINE: error: `, where LINE is the one that ends
  /// with `// fault`.
  const char *message;
  const char *declarations = ""; // in the kernel
  LaunchShape shape = {.grid = 1, .block = 64};
  const char *globals = "";    // outside of it
  const char *directives = ""; // of the kernel
};

inline void PrintTo(const FaultCase &c, std::ostream *os) { *os << c.name; }

inline std::string kernelText(const FaultCase &c, const char *body) {
  bool hasTile =
      std::string(c.declarations).find(" tile[") != std::string::npos;
  return std::string(".version 8.7\n.target sm_90a\n.address_size 64\n") +
         c.globals +
         "\n.visible .entry test(.param .u64 input, .param .u64 output) " +
         c.directives + "\n{\n" + c.declarations + R"(
  .reg .pred %p<8>;
  .reg .b32 %t, %v, %r<32>;
  .reg .b64 %in, %out, %a, %o, %n, %d<16>;
  .reg .f32 %f<32>;
  ld.param.u64 %in, [input];
  ld.param.u64 %out, [output];
  mov.u32 %t, %tid.x;
  mul.wide.u32 %n, %t, 4;
  add.s64 %a, %in, %n;
  add.s64 %o, %out, %n;
)" + (hasTile ? "  mov.u32 %r1, tile;\n  mad.lo.u32 %r2, %t, 4, %r1;" : "") +
         body + "\n  ret;\n}\n";
}

inline unsigned faultLine(const std::string &text) {
  size_t at = text.find("// fault");
  EXPECT_NE(at, std::string::npos) << "no line is marked";
  return std::count(text.begin(), text.begin() + std::min(at, text.size()),
                    '\n') +
         1;
}

/// Runs both kernels of a case.
class Fault : public testing::TestWithParam<FaultCase> {
protected:
  std::string run(const std::string &text) {
    Runner runner(text, "fault.ptx");
    runner.options.maxSteps = 100000;
    std::vector<int> in(64);
    std::iota(in.begin(), in.end(), 0);
    return runner.fault("test", GetParam().shape, runner.upload(in, "input"),
                        runner.zeros<int>(64, "output"));
  }
};

#define ATTN_FAULTS(NAME, CASES)                                               \
  INSTANTIATE_TEST_SUITE_P(                                                    \
      NAME, Fault, testing::ValuesIn(CASES),                                   \
      [](const auto &info) { return std::string(info.param.name); })

} // namespace attn::ptx::test

#endif // ATTN_TEST_UNIT_PTX_FAULTTEST_H
