//===- FaultTest.cpp - Each fault, and its corrected twin -----------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Harness.h"

#include <numeric>

using namespace attn::ptx;
using namespace attn::ptx::test;

namespace {

/// A kernel that has a fault and one that does not. Both get `input` and
/// `output`, 64 words each, as %in and %out; %t is the thread, %a its word of
/// the input, %o its word of the output.
struct FaultCase {
  const char *name;
  const char *faulty;
  const char *fixed;
  /// What follows `fault.ptx:LINE: error: `, where LINE is the one that ends
  /// with `// fault`.
  const char *message;
  const char *declarations = "";
  LaunchShape shape = {.grid = 1, .block = 64};
};

void PrintTo(const FaultCase &c, std::ostream *os) { *os << c.name; }

std::string kernelText(const FaultCase &c, const char *body) {
  return std::string(".version 8.7\n.target sm_90a\n.address_size 64\n") +
         (std::string(c.declarations).starts_with("\n.global") ||
                  std::string(c.declarations).starts_with("\n.const")
              ? c.declarations
              : "") +
         ".visible .entry test(.param .u64 input, .param .u64 output)\n{\n" +
         (std::string(c.declarations).starts_with("\n.global") ||
                  std::string(c.declarations).starts_with("\n.const")
              ? ""
              : c.declarations) +
         R"(
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
)" + body +
         "\n  ret;\n}\n";
}

unsigned faultLine(const std::string &text) {
  size_t at = text.find("// fault");
  EXPECT_NE(at, std::string::npos) << "no line is marked";
  return std::count(text.begin(), text.begin() + std::min(at, text.size()),
                    '\n') +
         1;
}

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

TEST_P(Fault, IsFound) {
  std::string text = kernelText(GetParam(), GetParam().faulty);
  EXPECT_EQ(run(text), "fault.ptx:" + std::to_string(faultLine(text)) +
                           ": error: " + GetParam().message);
}

TEST_P(Fault, TwinRunsClean) {
  EXPECT_EQ(run(kernelText(GetParam(), GetParam().fixed)), "");
}

const FaultCase memoryFaults[] = {
    {"GlobalReadPastTheEnd",
     R"(
  ld.global.u32 %v, [%a + 4]; // fault
  st.global.u32 [%o], %v;)",
     R"(
  setp.lt.u32 %p1, %t, 63;
  @%p1 ld.global.u32 %v, [%a + 4];
  @%p1 st.global.u32 [%o], %v;)",
     "ld.global.u32: out-of-bounds read of 4 bytes at 0x10000000100 in global "
     "array 'input' of 256 bytes, block (0,0,0), thread (63,0,0)"},
    {"GlobalWriteBefore",
     R"(
  st.global.u32 [%o + -4], %t; // fault)",
     R"(
  st.global.u32 [%o], %t;)",
     "st.global.u32: out-of-bounds write of 4 bytes at 0x100000011fc in no "
     "allocation, 4 bytes before global array 'output' of 256 bytes, block (0,0,0), thread "
     "(0,0,0)"},
    {"GlobalMisaligned",
     R"(
  ld.global.v2.u32 {%v, %r1}, [%in + 4]; // fault)",
     R"(
  ld.global.v2.u32 {%v, %r1}, [%in + 8];)",
     "ld.global.v2.u32: misaligned read of 8 bytes at 0x10000000004 in global "
     "array 'input' of 256 bytes, block (0,0,0), thread (0,0,0)"},
    {"NullPointer",
     R"(
  mov.u64 %d1, 0;
  ld.global.u32 %v, [%d1 + 16]; // fault)",
     R"(
  ld.global.u32 %v, [%in + 16];)",
     "ld.global.u32: null pointer: read of 4 bytes at 0x10 in the null page, "
     "block (0,0,0), thread (0,0,0)"},
    {"SharedReadPastTheEnd",
     R"(
  mov.u32 %r1, tile;
  mad.lo.u32 %r2, %t, 4, %r1;
  st.shared.u32 [%r2], %t;
  bar.sync 0;
  ld.shared.u32 %v, [%r2 + 4]; // fault
  st.global.u32 [%o], %v;)",
     R"(
  mov.u32 %r1, tile;
  mad.lo.u32 %r2, %t, 4, %r1;
  st.shared.u32 [%r2], %t;
  bar.sync 0;
  ld.shared.u32 %v, [%r2];
  st.global.u32 [%o], %v;)",
     "ld.shared.u32: out-of-bounds read of 4 bytes at 0x100 in shared array "
     "'tile' of 256 bytes, block (0,0,0), thread (63,0,0)",
     ".shared .align 4 .b8 tile[256];"},
    {"SharedMisaligned",
     R"(
  mov.u32 %r1, tile;
  st.shared.v4.u32 [%r1 + 8], {%t, %t, %t, %t}; // fault)",
     R"(
  mov.u32 %r1, tile;
  mad.lo.u32 %r1, %t, 16, %r1;
  st.shared.v4.u32 [%r1], {%t, %t, %t, %t};)",
     "st.shared.v4.u32: misaligned write of 16 bytes at 0x8 in shared array "
     "'tile' of 1024 bytes, block (0,0,0), thread (0,0,0)",
     ".shared .align 16 .b8 tile[1024];"},
    {"LocalPastTheEnd",
     R"(
  mov.u64 %d1, stack;
  and.b32 %r1, %t, 15;
  mul.wide.u32 %d2, %r1, 4;
  add.s64 %d3, %d1, %d2;
  st.local.u32 [%d3], %t; // fault)",
     R"(
  mov.u64 %d1, stack;
  and.b32 %r1, %t, 7;
  mul.wide.u32 %d2, %r1, 4;
  add.s64 %d3, %d1, %d2;
  st.local.u32 [%d3], %t;)",
     "st.local.u32: out-of-bounds write of 4 bytes at 0x30 in local array "
     "'stack' of 32 bytes, block (0,0,0), thread (8,0,0)",
     ".local .align 4 .b8 stack[32];"},
    {"ConstantPastTheEnd",
     R"(
  mov.u64 %d1, table;
  add.s64 %d2, %d1, %n;
  ld.const.u32 %v, [%d2]; // fault)",
     R"(
  mov.u64 %d1, table;
  and.b64 %d2, %n, 12;
  add.s64 %d2, %d1, %d2;
  ld.const.u32 %v, [%d2];)",
     "ld.const.u32: out-of-bounds read of 4 bytes at 0x20 in const array "
     "'table' of 16 bytes, block (0,0,0), thread (4,0,0)",
     "\n.const .align 4 .u32 table[4] = {1, 2, 3, 4};\n"},
    {"GenericAddressOfNothing",
     R"(
  mov.u64 %d1, 0x123456789000;
  ld.u32 %v, [%d1]; // fault)",
     R"(
  ld.u32 %v, [%in];)",
     "ld.u32: out-of-bounds read of 4 bytes at 0x123456789000 in no "
     "allocation, block (0,0,0), thread (0,0,0)"},
    {"AtomicMisaligned",
     R"(
  atom.global.add.u64 %d1, [%out + 4], 1; // fault)",
     R"(
  atom.global.add.u64 %d1, [%out + 8], 1;)",
     "atom.global.add.u64: misaligned atomic access of 8 bytes at "
     "0x10000001204 in global array 'output' of 256 bytes, block (0,0,0), "
     "thread (0,0,0)"},
    {"LdmatrixMisaligned",
     R"(
  mov.u32 %r1, tile;
  mad.lo.u32 %r2, %t, 8, %r1;
  st.shared.v2.u32 [%r2], {%t, %t};
  bar.sync 0;
  ldmatrix.sync.aligned.m8n8.x1.shared.b16 {%v}, [%r2]; // fault)",
     R"(
  mov.u32 %r1, tile;
  mad.lo.u32 %r2, %t, 8, %r1;
  st.shared.v2.u32 [%r2], {%t, %t};
  bar.sync 0;
  and.b32 %r3, %t, 7;
  mad.lo.u32 %r2, %r3, 16, %r1;
  ldmatrix.sync.aligned.m8n8.x1.shared.b16 {%v}, [%r2];)",
     "ldmatrix.sync.aligned.m8n8.x1.shared.b16: misaligned read of 16 bytes at "
     "0x108 in shared array 'tile' of 512 bytes, block (0,0,0), thread "
     "(33,0,0)",
     ".shared .align 16 .b8 tile[512];"},
};

const FaultCase valueFaults[] = {
    {"UninitialisedRegister",
     R"(
  add.u32 %v, %r5, 1; // fault)",
     R"(
  mov.u32 %r5, 7;
  add.u32 %v, %r5, 1;)",
     "add.u32: use of uninitialised register '%r5', block (0,0,0), thread "
     "(0,0,0)"},
    {"RegisterOfTheOtherBranch",
     R"(
  setp.lt.u32 %p1, %t, 10;
  @%p1 mov.u32 %r5, 7;
  st.global.u32 [%o], %r5; // fault)",
     R"(
  setp.lt.u32 %p1, %t, 10;
  mov.u32 %r5, 3;
  @%p1 mov.u32 %r5, 7;
  st.global.u32 [%o], %r5;)",
     "st.global.u32: use of uninitialised register '%r5', block (0,0,0), "
     "thread (10,0,0)"},
    {"UninitialisedPredicate",
     R"(
  @%p1 st.global.u32 [%o], %t; // fault)",
     R"(
  setp.lt.u32 %p1, %t, 10;
  @%p1 st.global.u32 [%o], %t;)",
     "st.global.u32: use of uninitialised predicate '%p1', block (0,0,0), "
     "thread (0,0,0)"},
    {"UninitialisedShared",
     R"(
  mov.u32 %r1, tile;
  mad.lo.u32 %r2, %t, 4, %r1;
  setp.ne.u32 %p1, %t, 40;
  @%p1 st.shared.u32 [%r2], %t;
  bar.sync 0;
  ld.shared.u32 %v, [%r2]; // fault)",
     R"(
  mov.u32 %r1, tile;
  mad.lo.u32 %r2, %t, 4, %r1;
  st.shared.u32 [%r2], %t;
  bar.sync 0;
  ld.shared.u32 %v, [%r2];)",
     "ld.shared.u32: read of uninitialised shared memory at 0xa0 in shared "
     "array 'tile' of 256 bytes, block (0,0,0), thread (40,0,0)",
     ".shared .align 4 .b8 tile[256];"},
    {"UninitialisedLocal",
     R"(
  st.local.u16 [stack], 5;
  ld.local.u32 %v, [stack]; // fault)",
     R"(
  st.local.u32 [stack], 5;
  ld.local.u32 %v, [stack];)",
     "ld.local.u32: read of uninitialised local memory at 0x12 in local array "
     "'stack' of 32 bytes, block (0,0,0), thread (0,0,0)",
     ".local .align 4 .b8 stack[32];"},
};

const FaultCase raceFaults[] = {
    {"ReadWithoutBarrier",
     R"(
  mov.u32 %r1, tile;
  mad.lo.u32 %r2, %t, 4, %r1;
  setp.lt.u32 %p1, %t, 32;
  @%p1 st.shared.u32 [%r2], %t;
  bar.warp.sync 0xffffffff;
  @!%p1 ld.shared.u32 %v, [%r2 + -128]; // fault)",
     R"(
  mov.u32 %r1, tile;
  mad.lo.u32 %r2, %t, 4, %r1;
  setp.lt.u32 %p1, %t, 32;
  @%p1 st.shared.u32 [%r2], %t;
  bar.sync 0;
  @!%p1 ld.shared.u32 %v, [%r2 + -128];)",
     "ld.shared.u32: race: read of shared memory at 0x0 is not ordered after "
     "the write by warp 0 in shared array 'tile' of 128 bytes, block (0,0,0), "
     "thread (32,0,0)",
     ".shared .align 4 .b8 tile[128];"},
    {"WriteAfterReadWithoutBarrier",
     R"(
  mov.u32 %r1, tile;
  mad.lo.u32 %r2, %t, 4, %r1;
  st.shared.u32 [%r2], %t;
  bar.sync 0;
  xor.b32 %r3, %t, 32;
  mad.lo.u32 %r4, %r3, 4, %r1;
  ld.shared.u32 %v, [%r4]; // fault
  st.shared.u32 [%r2], %v;)",
     R"(
  mov.u32 %r1, tile;
  mad.lo.u32 %r2, %t, 4, %r1;
  st.shared.u32 [%r2], %t;
  bar.sync 0;
  xor.b32 %r3, %t, 32;
  mad.lo.u32 %r4, %r3, 4, %r1;
  ld.shared.u32 %v, [%r4];
  bar.sync 0;
  st.shared.u32 [%r2], %v;)",
     "ld.shared.u32: race: read of shared memory at 0x80 is not ordered after "
     "the write by warp 1 in shared array 'tile' of 256 bytes, block (0,0,0), "
     "thread (0,0,0)",
     ".shared .align 4 .b8 tile[256];"},
    {"TwoThreadsWriteDifferentValues",
     R"(
  shr.u32 %r2, %t, 1;
  mov.u32 %r1, tile;
  mad.lo.u32 %r2, %r2, 4, %r1;
  st.shared.u32 [%r2], %t; // fault)",
     R"(
  shr.u32 %r2, %t, 1;
  mov.u32 %r1, tile;
  mad.lo.u32 %r3, %r2, 4, %r1;
  st.shared.u32 [%r3], %r2;)",
     "st.shared.u32: race: two threads of the warp write different values to "
     "shared memory at 0x0 in shared array 'tile' of 256 bytes, block (0,0,0), "
     "thread (1,0,0)",
     ".shared .align 4 .b8 tile[256];"},
    {"AtomicAndPlainWrite",
     R"(
  setp.eq.u32 %p1, %t, 0;
  @%p1 st.shared.u32 [count], 0;
  bar.sync 0;
  setp.lt.u32 %p2, %t, 32;
  @%p2 atom.shared.add.u32 %v, [count], 1; // fault
  setp.eq.u32 %p3, %t, 63;
  @%p3 st.shared.u32 [count], 9;)",
     R"(
  setp.eq.u32 %p1, %t, 0;
  @%p1 st.shared.u32 [count], 0;
  bar.sync 0;
  setp.lt.u32 %p2, %t, 32;
  @%p2 atom.shared.add.u32 %v, [count], 1;
  bar.sync 0;
  setp.eq.u32 %p3, %t, 63;
  @%p3 st.shared.u32 [count], 9;)",
     "atom.shared.add.u32: race: atomic access of shared memory at 0x0 is not "
     "ordered after the write by warp 1 in shared array 'count' of 4 bytes, "
     "block (0,0,0), thread (0,0,0)",
     ".shared .align 4 .u32 count;"},
};

const FaultCase asyncFaults[] = {
    {"CopyUsedBeforeItsWait",
     R"(
  mov.u32 %r1, tile;
  mad.lo.u32 %r2, %t, 4, %r1;
  cp.async.ca.shared.global [%r2], [%a], 4;
  cp.async.commit_group;
  ld.shared.u32 %v, [%r2]; // fault)",
     R"(
  mov.u32 %r1, tile;
  mad.lo.u32 %r2, %t, 4, %r1;
  cp.async.ca.shared.global [%r2], [%a], 4;
  cp.async.commit_group;
  cp.async.wait_group 0;
  ld.shared.u32 %v, [%r2];)",
     "ld.shared.u32: read of shared memory at 0x0 before the cp.async to it "
     "was waited for in shared array 'tile' of 256 bytes, block (0,0,0), "
     "thread (0,0,0)",
     ".shared .align 4 .b8 tile[256];"},
    {"WaitForTheWrongGroup",
     R"(
  mov.u32 %r1, tile;
  mad.lo.u32 %r2, %t, 4, %r1;
  cp.async.ca.shared.global [%r2], [%a], 4;
  cp.async.commit_group;
  cp.async.ca.shared.global [%r2 + 256], [%a], 4;
  cp.async.commit_group;
  cp.async.wait_group 1;
  ld.shared.u32 %v, [%r2 + 256]; // fault)",
     R"(
  mov.u32 %r1, tile;
  mad.lo.u32 %r2, %t, 4, %r1;
  cp.async.ca.shared.global [%r2], [%a], 4;
  cp.async.commit_group;
  cp.async.ca.shared.global [%r2 + 256], [%a], 4;
  cp.async.commit_group;
  cp.async.wait_group 1;
  ld.shared.u32 %v, [%r2];)",
     "ld.shared.u32: read of shared memory at 0x100 before the cp.async to it "
     "was waited for in shared array 'tile' of 512 bytes, block (0,0,0), "
     "thread (0,0,0)",
     ".shared .align 4 .b8 tile[512];"},
    {"CopyOfAnotherWarpWithoutBarrier",
     R"(
  mov.u32 %r1, tile;
  mad.lo.u32 %r2, %t, 4, %r1;
  cp.async.ca.shared.global [%r2], [%a], 4;
  cp.async.wait_all;
  xor.b32 %r3, %t, 32;
  mad.lo.u32 %r4, %r3, 4, %r1;
  setp.ge.u32 %p1, %t, 32;
  @%p1 ld.shared.u32 %v, [%r4]; // fault)",
     R"(
  mov.u32 %r1, tile;
  mad.lo.u32 %r2, %t, 4, %r1;
  cp.async.ca.shared.global [%r2], [%a], 4;
  cp.async.wait_all;
  bar.sync 0;
  xor.b32 %r3, %t, 32;
  mad.lo.u32 %r4, %r3, 4, %r1;
  ld.shared.u32 %v, [%r4];)",
     "ld.shared.u32: race: read of shared memory at 0x0 is not ordered after "
     "the write by warp 0 in shared array 'tile' of 256 bytes, block (0,0,0), "
     "thread (32,0,0)",
     ".shared .align 4 .b8 tile[256];"},
    {"BulkCopyUsedBeforeItsWait",
     R"(
  setp.eq.u32 %p1, %t, 0;
  @%p1 mbarrier.init.shared::cta.b64 [full], 1;
  bar.sync 0;
  mov.u32 %r1, tile;
  mov.u32 %r2, full;
  @%p1 mbarrier.arrive.expect_tx.shared::cta.b64 _, [full], 256;
  @%p1 cp.async.bulk.shared::cta.global.mbarrier::complete_tx::bytes [%r1], [%in], 256, [%r2];
  bar.sync 0;
  mad.lo.u32 %r3, %t, 4, %r1;
  ld.shared.u32 %v, [%r3]; // fault)",
     R"(
  setp.eq.u32 %p1, %t, 0;
  @%p1 mbarrier.init.shared::cta.b64 [full], 1;
  bar.sync 0;
  mov.u32 %r1, tile;
  mov.u32 %r2, full;
  @%p1 mbarrier.arrive.expect_tx.shared::cta.b64 _, [full], 256;
  @%p1 cp.async.bulk.shared::cta.global.mbarrier::complete_tx::bytes [%r1], [%in], 256, [%r2];
again:
  mbarrier.try_wait.parity.shared::cta.b64 %p2, [full], 0;
  @!%p2 bra again;
  mad.lo.u32 %r3, %t, 4, %r1;
  ld.shared.u32 %v, [%r3];)",
     "ld.shared.u32: read of shared memory at 0x0 before the bulk copy to it "
     "was waited for in shared array 'tile' of 256 bytes, block (0,0,0), "
     "thread (0,0,0)",
     ".shared .align 16 .b8 tile[256];\n.shared .align 8 .b64 full;"},
    {"BulkCopyThatOneWarpAwaits",
     R"(
  setp.eq.u32 %p1, %t, 0;
  @%p1 mbarrier.init.shared::cta.b64 [full], 1;
  bar.sync 0;
  mov.u32 %r1, tile;
  mov.u32 %r2, full;
  setp.lt.u32 %p3, %t, 32;
  @%p3 bra other;
  setp.eq.u32 %p1, %t, 32;
  @%p1 mbarrier.arrive.expect_tx.shared::cta.b64 _, [full], 256;
  @%p1 cp.async.bulk.shared::cta.global.mbarrier::complete_tx::bytes [%r1], [%in], 256, [%r2];
again:
  mbarrier.try_wait.parity.shared::cta.b64 %p2, [full], 0;
  @!%p2 bra again;
  ret;
other:
  ld.shared.u32 %v, [%r1]; // fault)",
     R"(
  setp.eq.u32 %p1, %t, 0;
  @%p1 mbarrier.init.shared::cta.b64 [full], 1;
  bar.sync 0;
  mov.u32 %r1, tile;
  mov.u32 %r2, full;
  @%p1 mbarrier.arrive.expect_tx.shared::cta.b64 _, [full], 256;
  @%p1 cp.async.bulk.shared::cta.global.mbarrier::complete_tx::bytes [%r1], [%in], 256, [%r2];
again:
  mbarrier.try_wait.parity.shared::cta.b64 %p2, [full], 0;
  @!%p2 bra again;
  ld.shared.u32 %v, [%r1];)",
     "ld.shared.u32: race: read of shared memory at 0x0 is not ordered after "
     "the write by an asynchronous operation of warp 1 in shared array 'tile' "
     "of 256 bytes, block (0,0,0), thread (0,0,0)",
     ".shared .align 16 .b8 tile[256];\n.shared .align 8 .b64 full;"},
    {"SourceOfABulkStoreOverwritten",
     R"(
  mov.u32 %r1, tile;
  mad.lo.u32 %r2, %t, 4, %r1;
  st.shared.u32 [%r2], %t;
  fence.proxy.async;
  bar.sync 0;
  setp.eq.u32 %p1, %t, 0;
  @%p1 cp.async.bulk.global.shared::cta.bulk_group [%out], [%r1], 256;
  @%p1 cp.async.bulk.commit_group;
  bar.sync 0;
  st.shared.u32 [%r2], 5; // fault)",
     R"(
  mov.u32 %r1, tile;
  mad.lo.u32 %r2, %t, 4, %r1;
  st.shared.u32 [%r2], %t;
  fence.proxy.async;
  bar.sync 0;
  setp.eq.u32 %p1, %t, 0;
  @%p1 cp.async.bulk.global.shared::cta.bulk_group [%out], [%r1], 256;
  @%p1 cp.async.bulk.commit_group;
  @%p1 cp.async.bulk.wait_group.read 0;
  bar.sync 0;
  st.shared.u32 [%r2], 5;)",
     "st.shared.u32: race: write of shared memory at 0x0 is not ordered after "
     "the read by an asynchronous operation of warp 0 in shared array 'tile' "
     "of 256 bytes, block (0,0,0), thread (0,0,0)",
     ".shared .align 16 .b8 tile[256];"},
};

const FaultCase barrierFaults[] = {
    {"BarrierInADivergentBranch",
     R"(
  setp.lt.u32 %p1, %t, 16;
  @%p1 bra skip;
  bar.sync 0; // fault
skip:
  st.global.u32 [%o], %t;)",
     R"(
  setp.lt.u32 %p1, %t, 16;
  @%p1 bra skip;
  mov.u32 %r1, 1;
skip:
  bar.sync 0;)",
     "bar.sync: divergence: all threads of the warp must execute this "
     "instruction together, but lane 0 waits for the others at line 22, block "
     "(0,0,0), thread (16,0,0)"},
    {"BarrierThatNeverCompletes",
     R"(
  setp.lt.u32 %p1, %t, 32;
  @%p1 bra skip;
  bar.sync 1, 64; // fault
skip:)",
     R"(
  setp.lt.u32 %p1, %t, 32;
  @%p1 bra skip;
  bar.sync 1, 32;
skip:)",
     "bar.sync: deadlock: no warp can go on; this one waits for barrier 1, "
     "where 32 of 64 threads have arrived, block (0,0,0), thread (32,0,0)"},
    {"BarriersInDifferentOrder",
     R"(
  setp.lt.u32 %p1, %t, 32;
  @%p1 bra other;
  bar.sync 1, 64;
  bar.sync 2, 64;
  ret;
other:
  bar.sync 2, 64; // fault
  bar.sync 1, 64;)",
     R"(
  setp.lt.u32 %p1, %t, 32;
  @%p1 bra other;
  bar.sync 1, 64;
  bar.sync 2, 64;
  ret;
other:
  bar.sync 1, 64;
  bar.sync 2, 64;)",
     "bar.sync: deadlock: no warp can go on; this one waits for barrier 2, "
     "where 32 of 64 threads have arrived, block (0,0,0), thread (0,0,0)"},
    {"ShuffleWithoutItsPartners",
     R"(
  setp.lt.u32 %p1, %t, 16;
  @%p1 bra skip;
  shfl.sync.idx.b32 %v, %t, 0, 31, 0xffffffff; // fault
skip:
  bar.warp.sync 0xffffffff;)",
     R"(
  shfl.sync.idx.b32 %v, %t, 0, 31, 0xffffffff;
  bar.warp.sync 0xffffffff;)",
     "shfl.sync.idx.b32: deadlock: no warp can go on; this one waits for the "
     "lanes 0xffff that its member mask names, block (0,0,0), thread (16,0,0)",
     "",
     {.grid = 1, .block = 32}},
    {"MbarrierThatNeverCompletes",
     R"(
  setp.eq.u32 %p1, %t, 0;
  @%p1 mbarrier.init.shared::cta.b64 [full], 65;
  bar.sync 0;
  mbarrier.arrive.shared::cta.b64 _, [full];
again:
  mbarrier.try_wait.parity.shared::cta.b64 %p2, [full], 0; // fault
  @!%p2 bra again;)",
     R"(
  setp.eq.u32 %p1, %t, 0;
  @%p1 mbarrier.init.shared::cta.b64 [full], 64;
  bar.sync 0;
  mbarrier.arrive.shared::cta.b64 _, [full];
again:
  mbarrier.try_wait.parity.shared::cta.b64 %p2, [full], 0;
  @!%p2 bra again;)",
     "mbarrier.try_wait.parity.shared::cta.b64: deadlock: no warp can go on; "
     "this one waits for phase 0 of the mbarrier at 0x0, where 64 of 65 "
     "arrivals have come and 0 bytes are awaited, block (0,0,0), thread "
     "(0,0,0)",
     ".shared .align 8 .b64 full;"},
    {"MbarrierThatAwaitsTooManyBytes",
     R"(
  setp.eq.u32 %p1, %t, 0;
  @%p1 mbarrier.init.shared::cta.b64 [full], 1;
  bar.sync 0;
  mov.u32 %r1, tile;
  mov.u32 %r2, full;
  @%p1 mbarrier.arrive.expect_tx.shared::cta.b64 _, [full], 272;
  @%p1 cp.async.bulk.shared::cta.global.mbarrier::complete_tx::bytes [%r1], [%in], 256, [%r2];
again:
  mbarrier.try_wait.parity.shared::cta.b64 %p2, [full], 0; // fault
  @!%p2 bra again;)",
     R"(
  setp.eq.u32 %p1, %t, 0;
  @%p1 mbarrier.init.shared::cta.b64 [full], 1;
  bar.sync 0;
  mov.u32 %r1, tile;
  mov.u32 %r2, full;
  @%p1 mbarrier.arrive.expect_tx.shared::cta.b64 _, [full], 256;
  @%p1 cp.async.bulk.shared::cta.global.mbarrier::complete_tx::bytes [%r1], [%in], 256, [%r2];
again:
  mbarrier.try_wait.parity.shared::cta.b64 %p2, [full], 0;
  @!%p2 bra again;)",
     "mbarrier.try_wait.parity.shared::cta.b64: deadlock: no warp can go on; "
     "this one waits for phase 0 of the mbarrier at 0x180, where 1 of 1 "
     "arrivals have come and 16 bytes are awaited, block (0,0,0), thread "
     "(0,0,0)",
     ".shared .align 16 .b8 tile[256];\n.shared .align 8 .b64 full;"},
    {"MbarrierNotInitialised",
     R"(
  mbarrier.arrive.shared::cta.b64 _, [full]; // fault)",
     R"(
  setp.eq.u32 %p1, %t, 0;
  @%p1 mbarrier.init.shared::cta.b64 [full], 64;
  bar.sync 0;
  mbarrier.arrive.shared::cta.b64 _, [full];)",
     "mbarrier.arrive.shared::cta.b64: no mbarrier was initialised at 0x0 in "
     "shared array 'full' of 8 bytes, block (0,0,0), thread (0,0,0)",
     ".shared .align 8 .b64 full;"},
    {"MbarrierUsedBeforeTheBarrier",
     R"(
  setp.eq.u32 %p1, %t, 0;
  @%p1 mbarrier.init.shared::cta.b64 [full], 64;
  mbarrier.arrive.shared::cta.b64 _, [full]; // fault)",
     R"(
  setp.eq.u32 %p1, %t, 0;
  @%p1 mbarrier.init.shared::cta.b64 [full], 64;
  bar.sync 0;
  mbarrier.arrive.shared::cta.b64 _, [full];)",
     "mbarrier.arrive.shared::cta.b64: race: read of shared memory at 0x0 is "
     "not ordered after the write by warp 0 in shared array 'full' of 8 bytes, "
     "block (0,0,0), thread (32,0,0)",
     ".shared .align 8 .b64 full;"},
    {"MbarrierWithTooManyArrivals",
     R"(
  setp.eq.u32 %p1, %t, 0;
  @%p1 mbarrier.init.shared::cta.b64 [full], 32;
  bar.sync 0;
  mbarrier.arrive.shared::cta.b64 _, [full], 33; // fault)",
     R"(
  setp.eq.u32 %p1, %t, 0;
  @%p1 mbarrier.init.shared::cta.b64 [full], 33;
  bar.sync 0;
  mbarrier.arrive.shared::cta.b64 _, [full], 33;)",
     "mbarrier.arrive.shared::cta.b64: 33 arrivals at the mbarrier at 0x0, "
     "whose phase has only 32 pending of 32, block (0,0,0), thread (32,0,0)",
     ".shared .align 8 .b64 full;"},
    {"MbarrierInitialisedTwice",
     R"(
  setp.eq.u32 %p1, %t, 0;
  @%p1 mbarrier.init.shared::cta.b64 [full], 32;
  @%p1 mbarrier.init.shared::cta.b64 [full], 16; // fault)",
     R"(
  setp.eq.u32 %p1, %t, 0;
  @%p1 mbarrier.init.shared::cta.b64 [full], 32;
  @%p1 mbarrier.inval.shared::cta.b64 [full];
  @%p1 mbarrier.init.shared::cta.b64 [full], 16;)",
     "mbarrier.init.shared::cta.b64: the mbarrier at 0x0 is initialised "
     "already; mbarrier.inval comes first, block (0,0,0), thread (0,0,0)",
     ".shared .align 8 .b64 full;"},
    {"EndlessLoop",
     R"(
  mov.u32 %r1, 0;
again:
  add.u32 %r1, %r1, 1; // fault
  setp.ne.u32 %p1, %r1, 0xffffffff;
  bra again;)",
     R"(
  mov.u32 %r1, 0;
again:
  add.u32 %r1, %r1, 1;
  setp.ne.u32 %p1, %r1, 1000;
  @%p1 bra again;)",
     "add.u32: the step limit of 100000 warp instructions is exceeded; an "
     "endless loop?, block (0,0,0), thread (32,0,0)"},
};

const char *const wgmmaSetup = R"(
  .shared .align 1024 .b8 a[2048];
  .shared .align 1024 .b8 b[256];
)";

// Fills both operands with zeros; %d1 and %d2 describe them.
#define WGMMA_FILL                                                             \
  R"(
  mov.u32 %r1, a;
  mov.u32 %r2, b;
  mad.lo.u32 %r3, %t, 16, %r1;
  mov.u32 %r4, 0;
  st.shared.v4.u32 [%r3], {%r4, %r4, %r4, %r4};
  mad.lo.u32 %r3, %t, 2, %r2;
  st.shared.u16 [%r3], 0;
  fence.proxy.async;
  shr.u32 %r5, %r1, 4;
  cvt.u64.u32 %d1, %r5;
  or.b64 %d1, %d1, 0x0000001000080000;
  shr.u32 %r5, %r2, 4;
  cvt.u64.u32 %d2, %r5;
  or.b64 %d2, %d2, 0x0000001000080000;
  mov.f32 %f0, 0f00000000;
  mov.f32 %f1, %f0;
  mov.f32 %f2, %f0;
  mov.f32 %f3, %f0;
)"
#define WGMMA_PROLOGUE WGMMA_FILL "  bar.sync 0;\n"
#define WGMMA_PRODUCT                                                          \
  "  wgmma.mma_async.sync.aligned.m64n8k16.f32.f16.f16 "                       \
  "{%f0, %f1, %f2, %f3}, %d1, %d2, 1, 1, 1, 0, 0;"

const FaultCase wgmmaFaults[] = {
    {"ResultUsedBeforeItsWait",
     WGMMA_PROLOGUE "  wgmma.fence.sync.aligned;\n" WGMMA_PRODUCT R"(
  wgmma.commit_group.sync.aligned;
  st.global.f32 [%out], %f2; // fault)",
     WGMMA_PROLOGUE "  wgmma.fence.sync.aligned;\n" WGMMA_PRODUCT R"(
  wgmma.commit_group.sync.aligned;
  wgmma.wait_group.sync.aligned 0;
  st.global.f32 [%out], %f2;)",
     "st.global.f32: use of register '%f2' before the wgmma that writes it was "
     "waited for, block (0,0,0), thread (96,0,0)",
     wgmmaSetup,
     {.grid = 1, .block = 128}},
    {"ResultOfAGroupThatIsStillInFlight",
     WGMMA_PROLOGUE "  wgmma.fence.sync.aligned;\n" WGMMA_PRODUCT R"(
  wgmma.commit_group.sync.aligned;
  wgmma.wait_group.sync.aligned 1;
  st.global.f32 [%out], %f2; // fault)",
     WGMMA_PROLOGUE "  wgmma.fence.sync.aligned;\n" WGMMA_PRODUCT R"(
  wgmma.commit_group.sync.aligned;
  wgmma.commit_group.sync.aligned;
  wgmma.wait_group.sync.aligned 1;
  st.global.f32 [%out], %f2;)",
     "st.global.f32: use of register '%f2' before the wgmma that writes it was "
     "waited for, block (0,0,0), thread (96,0,0)",
     wgmmaSetup,
     {.grid = 1, .block = 128}},
    {"AccumulatorWrittenInFlight",
     WGMMA_PROLOGUE "  wgmma.fence.sync.aligned;\n" WGMMA_PRODUCT R"(
  wgmma.commit_group.sync.aligned;
  mov.f32 %f1, 0f3F800000;
  wgmma.wait_group.sync.aligned 0; // fault)",
     WGMMA_PROLOGUE "  wgmma.fence.sync.aligned;\n" WGMMA_PRODUCT R"(
  wgmma.commit_group.sync.aligned;
  wgmma.wait_group.sync.aligned 0;
  mov.f32 %f1, 0f3F800000;)",
     "wgmma.wait_group.sync.aligned: register '%f1' was written before the "
     "wgmma that writes it was waited for, block (0,0,0), thread (96,0,0)",
     wgmmaSetup,
     {.grid = 1, .block = 128}},
    {"ProductWithoutFence",
     WGMMA_PROLOGUE WGMMA_PRODUCT " // fault\n",
     WGMMA_PROLOGUE "  wgmma.fence.sync.aligned;\n" WGMMA_PRODUCT,
     "wgmma.mma_async.sync.aligned.m64n8k16.f32.f16.f16: no wgmma.fence comes "
     "before the first wgmma.mma_async, block (0,0,0), thread (96,0,0)",
     wgmmaSetup,
     {.grid = 1, .block = 128}},
    {"OperandOverwrittenInFlight",
     WGMMA_PROLOGUE "  wgmma.fence.sync.aligned;\n" WGMMA_PRODUCT R"(
  wgmma.commit_group.sync.aligned;
  mad.lo.u32 %r3, %t, 2, %r2;
  st.shared.u16 [%r3], 1; // fault)",
     WGMMA_PROLOGUE "  wgmma.fence.sync.aligned;\n" WGMMA_PRODUCT R"(
  wgmma.commit_group.sync.aligned;
  wgmma.wait_group.sync.aligned 0;
  bar.sync 0;
  mad.lo.u32 %r3, %t, 2, %r2;
  st.shared.u16 [%r3], 1;)",
     "st.shared.u16: race: write of shared memory at 0xcc0 is not ordered "
     "after the read by an asynchronous operation of warp 3 in shared array "
     "'b' of 256 bytes, block (0,0,0), thread (96,0,0)",
     wgmmaSetup,
     {.grid = 1, .block = 128}},
    {"OperandOutOfBounds",
     WGMMA_PROLOGUE R"(
  or.b64 %d2, %d2, 0x0000001000400000;
  wgmma.fence.sync.aligned;
)" WGMMA_PRODUCT " // fault\n",
     WGMMA_PROLOGUE "  wgmma.fence.sync.aligned;\n" WGMMA_PRODUCT,
     "wgmma.mma_async.sync.aligned.m64n8k16.f32.f16.f16: out-of-bounds read of "
     "16 bytes of a matrix at 0x1080 in shared array 'b' of 256 bytes, block "
     "(0,0,0), thread (96,0,0)",
     wgmmaSetup,
     {.grid = 1, .block = 128}},
    {"WarpBeyondTheWarpgroup",
     R"(
  mov.u64 %d1, 0;
  mov.u64 %d2, 0;
  setp.lt.u32 %p1, %t, 128;
  @%p1 bra done;
  mov.f32 %f0, 0f00000000;
  mov.f32 %f1, %f0;
  mov.f32 %f2, %f0;
  mov.f32 %f3, %f0;
  wgmma.fence.sync.aligned;
)" WGMMA_PRODUCT " // fault\ndone:\n",
     R"(
  setp.ge.u32 %p1, %t, 128;
  @%p1 bra done;
)" WGMMA_FILL "  bar.sync 1, 128;\n  wgmma.fence.sync.aligned;\n" WGMMA_PRODUCT
     "\ndone:\n",
     "wgmma.mma_async.sync.aligned.m64n8k16.f32.f16.f16: a warpgroup needs "
     "four "
     "warps, the last one of the block has 1, block (0,0,0), thread (128,0,0)",
     wgmmaSetup,
     {.grid = 1, .block = 160}},
};

auto nameOf = [](const auto &info) { return std::string(info.param.name); };
INSTANTIATE_TEST_SUITE_P(Memory, Fault, testing::ValuesIn(memoryFaults),
                         nameOf);
INSTANTIATE_TEST_SUITE_P(Values, Fault, testing::ValuesIn(valueFaults), nameOf);
INSTANTIATE_TEST_SUITE_P(Races, Fault, testing::ValuesIn(raceFaults), nameOf);
INSTANTIATE_TEST_SUITE_P(Async, Fault, testing::ValuesIn(asyncFaults), nameOf);
INSTANTIATE_TEST_SUITE_P(Barriers, Fault, testing::ValuesIn(barrierFaults),
                         nameOf);
INSTANTIATE_TEST_SUITE_P(Wgmma, Fault, testing::ValuesIn(wgmmaFaults), nameOf);

} // namespace
