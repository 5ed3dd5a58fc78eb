//===- FaultTest.cpp - Faults of memory and of order ----------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FaultTest.h"

using namespace attn::ptx::test;

TEST_P(Fault, IsFound) {
  std::string text = kernelText(GetParam(), GetParam().faulty);
  EXPECT_EQ(run(text), "fault.ptx:" + std::to_string(faultLine(text)) +
                           ": error: " + GetParam().message);
}

TEST_P(Fault, TwinRunsClean) {
  EXPECT_EQ(run(kernelText(GetParam(), GetParam().fixed)), "");
}

namespace {

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
     "allocation, 4 bytes before global array 'output' of 256 bytes, block "
     "(0,0,0), thread (0,0,0)"},
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
  st.shared.u32 [%r2], %t;
  bar.sync 0;
  ld.shared.u32 %v, [%r2 + 4]; // fault
  st.global.u32 [%o], %v;)",
     R"(
  st.shared.u32 [%r2], %t;
  bar.sync 0;
  ld.shared.u32 %v, [%r2];
  st.global.u32 [%o], %v;)",
     "ld.shared.u32: out-of-bounds read of 4 bytes at 0x100 in shared array "
     "'tile' of 256 bytes, block (0,0,0), thread (63,0,0)",
     ".shared .align 4 .b8 tile[256];"},
    // The register is negative for most threads: 32-bit addresses wrap around.
    {"SharedNegativeBase",
     R"(
  st.shared.u32 [%r2], %t;
  bar.sync 0;
  shl.b32 %r3, %t, 2;
  sub.u32 %r3, %r1, %r3;
  ld.shared.u32 %v, [%r3 + 256]; // fault)",
     R"(
  st.shared.u32 [%r2], %t;
  bar.sync 0;
  shl.b32 %r3, %t, 2;
  sub.u32 %r3, %r1, %r3;
  ld.shared.u32 %v, [%r3 + 252];)",
     "ld.shared.u32: out-of-bounds read of 4 bytes at 0x100 in shared array "
     "'tile' of 256 bytes, block (0,0,0), thread (0,0,0)",
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
     "",
     {.grid = 1, .block = 64},
     ".const .align 4 .u32 table[4] = {1, 2, 3, 4};"},
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

const FaultCase raceFaults[] = {
    {"ReadWithoutBarrier",
     R"(
  setp.lt.u32 %p1, %t, 32;
  @%p1 st.shared.u32 [%r2], %t;
  bar.warp.sync 0xffffffff;
  @!%p1 ld.shared.u32 %v, [%r2 + -128]; // fault)",
     R"(
  setp.lt.u32 %p1, %t, 32;
  @%p1 st.shared.u32 [%r2], %t;
  bar.sync 0;
  @!%p1 ld.shared.u32 %v, [%r2 + -128];)",
     "ld.shared.u32: race: read of shared memory at 0x0 in shared array 'tile' "
     "of 128 bytes is not ordered after the write by warp 0, block (0,0,0), "
     "thread (32,0,0)",
     ".shared .align 4 .b8 tile[128];"},
    {"WriteAfterReadWithoutBarrier",
     R"(
  st.shared.u32 [%r2], %t;
  bar.sync 0;
  xor.b32 %r3, %t, 32;
  mad.lo.u32 %r4, %r3, 4, %r1;
  ld.shared.u32 %v, [%r4]; // fault
  st.shared.u32 [%r2], %v;)",
     R"(
  st.shared.u32 [%r2], %t;
  bar.sync 0;
  xor.b32 %r3, %t, 32;
  mad.lo.u32 %r4, %r3, 4, %r1;
  ld.shared.u32 %v, [%r4];
  bar.sync 0;
  st.shared.u32 [%r2], %v;)",
     "ld.shared.u32: race: read of shared memory at 0x80 in shared array "
     "'tile' of 256 bytes is not ordered after the write by warp 1, block "
     "(0,0,0), thread (0,0,0)",
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
     "atom.shared.add.u32: race: atomic access of shared memory at 0x0 in "
     "shared array 'count' of 4 bytes is not ordered after the write by warp "
     "1, block (0,0,0), thread (0,0,0)",
     ".shared .align 4 .u32 count;"},
};

// Within a warp: since Volta its lanes are not in step.
const FaultCase laneFaults[] = {
    {"ReadOfAnotherLaneWithoutSync",
     R"(
  st.shared.u32 [%r2], %t;
  xor.b32 %r3, %t, 1;
  mad.lo.u32 %r4, %r3, 4, %r1;
  ld.shared.u32 %v, [%r4]; // fault)",
     R"(
  st.shared.u32 [%r2], %t;
  xor.b32 %r3, %t, 1;
  mad.lo.u32 %r4, %r3, 4, %r1;
  bar.warp.sync 0xffffffff;
  ld.shared.u32 %v, [%r4];)",
     "ld.shared.u32: race: read of shared memory at 0x4 in shared array 'tile' "
     "of 256 bytes is not ordered after the write by lane 1 of the same warp, "
     "which needs a bar.warp.sync between, block (0,0,0), thread (0,0,0)",
     ".shared .align 4 .b8 tile[256];"},
    {"WriteOverAnotherLanesReadWithoutSync",
     R"(
  st.shared.u32 [%r2], %t;
  xor.b32 %r3, %t, 1;
  mad.lo.u32 %r4, %r3, 4, %r1;
  bar.warp.sync 0xffffffff;
  ld.shared.u32 %v, [%r4];
  st.shared.u32 [%r2], %v; // fault)",
     R"(
  st.shared.u32 [%r2], %t;
  xor.b32 %r3, %t, 1;
  mad.lo.u32 %r4, %r3, 4, %r1;
  bar.warp.sync 0xffffffff;
  ld.shared.u32 %v, [%r4];
  shfl.sync.bfly.b32 %v, %v, 1, 31, 0xffffffff;
  st.shared.u32 [%r2], %v;)",
     "st.shared.u32: race: write of shared memory at 0x0 in shared array "
     "'tile' of 256 bytes is not ordered after the read by lane 1 of the same "
     "warp, which needs a bar.warp.sync between, block (0,0,0), thread (0,0,0)",
     ".shared .align 4 .b8 tile[256];"},
    {"OneLaneFillsForOthersWithoutSync",
     R"(
  and.b32 %r2, %t, 31;
  shr.u32 %r3, %t, 5;
  mov.u32 %r1, tile;
  mad.lo.u32 %r4, %r3, 4, %r1;
  setp.ne.u32 %p1, %r2, 7;
  @%p1 bra read;
  st.shared.u32 [%r4], %t;
read:
  ld.shared.u32 %v, [%r4]; // fault)",
     R"(
  and.b32 %r2, %t, 31;
  shr.u32 %r3, %t, 5;
  mov.u32 %r1, tile;
  mad.lo.u32 %r4, %r3, 4, %r1;
  setp.ne.u32 %p1, %r2, 7;
  @%p1 bra read;
  st.shared.u32 [%r4], %t;
read:
  bar.warp.sync 0xffffffff;
  ld.shared.u32 %v, [%r4];)",
     "ld.shared.u32: race: read of shared memory at 0x0 in shared array 'tile' "
     "of 8 bytes is not ordered after the write by lane 7 of the same warp, "
     "which needs a bar.warp.sync between, block (0,0,0), thread (0,0,0)",
     ".shared .align 4 .b8 tile[8];"},
    {"CopyOfAnotherLaneWithoutSync",
     R"(
  cp.async.ca.shared.global [%r2], [%a], 4;
  cp.async.wait_all;
  xor.b32 %r3, %t, 1;
  mad.lo.u32 %r4, %r3, 4, %r1;
  ld.shared.u32 %v, [%r4]; // fault)",
     R"(
  cp.async.ca.shared.global [%r2], [%a], 4;
  cp.async.wait_all;
  xor.b32 %r3, %t, 1;
  mad.lo.u32 %r4, %r3, 4, %r1;
  bar.warp.sync 0xffffffff;
  ld.shared.u32 %v, [%r4];)",
     "ld.shared.u32: race: read of shared memory at 0x4 in shared array 'tile' "
     "of 256 bytes is not ordered after the write by lane 1 of the same warp, "
     "which needs a bar.warp.sync between, block (0,0,0), thread (0,0,0)",
     ".shared .align 4 .b8 tile[256];"},
};

const FaultCase operandFaults[] = {
    {"Trap",
     R"(
  setp.eq.u32 %p1, %t, 5;
  @%p1 trap; // fault)",
     R"(
  setp.eq.u32 %p1, %t, 64;
  @%p1 trap;)",
     "trap: the kernel trapped, block (0,0,0), thread (5,0,0)"},
    {"BarriersOfOneWarpDiffer",
     R"(
  and.b32 %r3, %t, 1;
  barrier.sync %r3; // fault)",
     R"(
  shr.u32 %r3, %t, 6;
  barrier.sync %r3;)",
     "barrier.sync: threads of the warp name different barriers or counts, "
     "block (0,0,0), thread (1,0,0)"},
    {"BarrierCountOfHalfAWarp",
     R"(
  barrier.sync 1, 48; // fault)",
     R"(
  barrier.sync 1, 64;)",
     "barrier.sync: a barrier count of 48, expected a multiple of the warp "
     "size, block (0,0,0), thread (0,0,0)"},
    {"CopyOfMoreThanItsSize",
     R"(
  mov.u32 %r3, 5;
  cp.async.ca.shared.global [%r2], [%a], 4, %r3; // fault
  cp.async.wait_all;)",
     R"(
  mov.u32 %r3, 3;
  cp.async.ca.shared.global [%r2], [%a], 4, %r3;
  cp.async.wait_all;)",
     "cp.async.ca.shared.global: a source size of 5 bytes exceeds the copy's "
     "4, block (0,0,0), thread (0,0,0)",
     ".shared .align 4 .b8 tile[256];"},
    {"CopyFromAMisalignedAddress",
     R"(
  setp.eq.u32 %p1, %t, 0;
  add.s64 %d1, %in, 4;
  @%p1 cp.async.ca.shared.global [%r1], [%d1], 8; // fault
  cp.async.wait_all;)",
     R"(
  setp.eq.u32 %p1, %t, 0;
  add.s64 %d1, %in, 8;
  @%p1 cp.async.ca.shared.global [%r1], [%d1], 8;
  cp.async.wait_all;)",
     "cp.async.ca.shared.global: misaligned source address of a copy of 8 "
     "bytes, block (0,0,0), thread (0,0,0)",
     ".shared .align 8 .b8 tile[256];"},
    {"BulkCopyOfNoMultipleOf16Bytes",
     R"(
  st.shared.u32 [%r2], %t;
  fence.proxy.async.shared::cta;
  bar.sync 0;
  mov.u32 %r3, 24;
  setp.eq.u32 %p1, %t, 0;
  @!%p1 ret;
  cp.async.bulk.global.shared::cta.bulk_group [%out], [%r1], %r3; // fault
  cp.async.bulk.commit_group;
  cp.async.bulk.wait_group 0;)",
     R"(
  st.shared.u32 [%r2], %t;
  fence.proxy.async.shared::cta;
  bar.sync 0;
  mov.u32 %r3, 32;
  setp.eq.u32 %p1, %t, 0;
  @!%p1 ret;
  cp.async.bulk.global.shared::cta.bulk_group [%out], [%r1], %r3;
  cp.async.bulk.commit_group;
  cp.async.bulk.wait_group 0;)",
     "cp.async.bulk.global.shared::cta.bulk_group: bulk copy of 24 bytes, "
     "expected a positive multiple of 16, block (0,0,0), thread (0,0,0)",
     ".shared .align 16 .b8 tile[256];"},
};

ATTN_FAULTS(Memory, memoryFaults);
ATTN_FAULTS(Lanes, laneFaults);
ATTN_FAULTS(Races, raceFaults);
ATTN_FAULTS(Operands, operandFaults);

} // namespace
