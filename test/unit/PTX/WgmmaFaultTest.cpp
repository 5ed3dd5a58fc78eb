//===- WgmmaFaultTest.cpp - Faults of wgmma -------------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FaultTest.h"

using namespace attn::ptx::test;

namespace {

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
    {"OperandsNotFenced",
     WGMMA_FILL R"(
  st.shared.u16 [b], 0;
  bar.sync 0;
  wgmma.fence.sync.aligned;
)" WGMMA_PRODUCT " // fault\n",
     WGMMA_FILL R"(
  st.shared.u16 [b], 0;
  fence.proxy.async.shared::cta;
  bar.sync 0;
  wgmma.fence.sync.aligned;
)" WGMMA_PRODUCT R"(
  wgmma.commit_group.sync.aligned;
  wgmma.wait_group.sync.aligned 0;)",
     "wgmma.mma_async.sync.aligned.m64n8k16.f32.f16.f16: asynchronous read of "
     "shared memory at 0xc00 in shared array 'b' of 256 bytes, but no "
     "fence.proxy.async comes after the write by warp 3, block (0,0,0), thread "
     "(96,0,0)",
     wgmmaSetup,
     {.grid = 1, .block = 128}},
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
     "st.shared.u16: race: write of shared memory at 0xcc0 in shared array 'b' "
     "of 256 bytes is not ordered after the read by an asynchronous operation "
     "of warp 3, block (0,0,0), thread (96,0,0)",
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

ATTN_FAULTS(Wgmma, wgmmaFaults);

} // namespace
