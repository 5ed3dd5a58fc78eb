//===- AsyncFaultTest.cpp - Faults of barriers and asynchronous work ------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FaultTest.h"

using namespace attn::ptx::test;

namespace {

constexpr const char *tileAndFull =
    ".shared .align 16 .b8 tile[256];\n.shared .align 8 .b64 full;";

// A load of `tile` that the mbarrier `full` awaits: %p1 is the thread that
// issues it, %r1 and %r2 are their addresses.
#define INIT_FULL                                                              \
  R"(
  setp.eq.u32 %p1, %t, 0;
  @%p1 mbarrier.init.shared::cta.b64 [full], 1;
  bar.sync 0;)"
#define LOAD_TILE                                                              \
  R"(
  @%p1 mbarrier.arrive.expect_tx.shared::cta.b64 _, [full], 256;
  @%p1 cp.async.bulk.shared::cta.global.mbarrier::complete_tx::bytes [%r1], [%in], 256, [%r2];)"
#define AWAIT_FULL                                                             \
  R"(
again:
  mbarrier.try_wait.parity.shared::cta.b64 %p2, [full], 0;
  @!%p2 bra again;)"

const FaultCase asyncFaults[] = {
    {"CopyUsedBeforeItsWait",
     R"(
  cp.async.ca.shared.global [%r2], [%a], 4;
  cp.async.commit_group;
  ld.shared.u32 %v, [%r2]; // fault)",
     R"(
  cp.async.ca.shared.global [%r2], [%a], 4;
  cp.async.commit_group;
  cp.async.wait_group 0;
  ld.shared.u32 %v, [%r2];)",
     "ld.shared.u32: read of shared memory at 0x0 in shared array 'tile' of "
     "256 bytes before the cp.async to it was waited for, block (0,0,0), "
     "thread (0,0,0)",
     ".shared .align 4 .b8 tile[256];"},
    {"WaitForTheWrongGroup",
     R"(
  cp.async.ca.shared.global [%r2], [%a], 4;
  cp.async.commit_group;
  cp.async.ca.shared.global [%r2 + 256], [%a], 4;
  cp.async.commit_group;
  cp.async.wait_group 1;
  ld.shared.u32 %v, [%r2 + 256]; // fault)",
     R"(
  cp.async.ca.shared.global [%r2], [%a], 4;
  cp.async.commit_group;
  cp.async.ca.shared.global [%r2 + 256], [%a], 4;
  cp.async.commit_group;
  cp.async.wait_group 1;
  ld.shared.u32 %v, [%r2];)",
     "ld.shared.u32: read of shared memory at 0x100 in shared array 'tile' of "
     "512 bytes before the cp.async to it was waited for, block (0,0,0), "
     "thread (0,0,0)",
     ".shared .align 4 .b8 tile[512];"},
    {"CopyOfAnotherWarpWithoutBarrier",
     R"(
  cp.async.ca.shared.global [%r2], [%a], 4;
  cp.async.wait_all;
  xor.b32 %r3, %t, 32;
  mad.lo.u32 %r4, %r3, 4, %r1;
  setp.ge.u32 %p1, %t, 32;
  @%p1 ld.shared.u32 %v, [%r4]; // fault)",
     R"(
  cp.async.ca.shared.global [%r2], [%a], 4;
  cp.async.wait_all;
  bar.sync 0;
  xor.b32 %r3, %t, 32;
  mad.lo.u32 %r4, %r3, 4, %r1;
  ld.shared.u32 %v, [%r4];)",
     "ld.shared.u32: race: read of shared memory at 0x0 in shared array 'tile' "
     "of 256 bytes is not ordered after the write by warp 0, block (0,0,0), "
     "thread (32,0,0)",
     ".shared .align 4 .b8 tile[256];"},
    {"BulkCopyUsedBeforeItsWait", INIT_FULL R"(
  mov.u32 %r1, tile;
  mov.u32 %r2, full;)" LOAD_TILE R"(
  bar.sync 0;
  mad.lo.u32 %r3, %t, 4, %r1;
  ld.shared.u32 %v, [%r3]; // fault)",
     INIT_FULL R"(
  mov.u32 %r1, tile;
  mov.u32 %r2, full;)" LOAD_TILE AWAIT_FULL R"(
  mad.lo.u32 %r3, %t, 4, %r1;
  ld.shared.u32 %v, [%r3];)",
     "ld.shared.u32: read of shared memory at 0x0 in shared array 'tile' of "
     "256 bytes before the bulk copy to it was waited for, block (0,0,0), "
     "thread (0,0,0)",
     tileAndFull},
    {"BulkCopyThatOneWarpAwaits", INIT_FULL R"(
  mov.u32 %r1, tile;
  mov.u32 %r2, full;
  setp.lt.u32 %p3, %t, 32;
  @%p3 bra other;
  setp.eq.u32 %p1, %t, 32;)" LOAD_TILE AWAIT_FULL R"(
  ret;
other:
  ld.shared.u32 %v, [%r1]; // fault)",
     INIT_FULL R"(
  mov.u32 %r1, tile;
  mov.u32 %r2, full;)" LOAD_TILE AWAIT_FULL R"(
  ld.shared.u32 %v, [%r1];)",
     "ld.shared.u32: race: read of shared memory at 0x0 in shared array 'tile' "
     "of 256 bytes is not ordered after the write by an asynchronous operation "
     "of warp 1, block (0,0,0), thread (0,0,0)",
     tileAndFull},
    // The generic and the asynchronous proxy see each other's writes after a
    // fence only.
    {"SourceOfABulkStoreNotFenced",
     R"(
  st.shared.u32 [%r2], %t;
  bar.sync 0;
  setp.eq.u32 %p1, %t, 0;
  @%p1 cp.async.bulk.global.shared::cta.bulk_group [%out], [%r1], 256; // fault
  @%p1 cp.async.bulk.commit_group;
  @%p1 cp.async.bulk.wait_group.read 0;)",
     R"(
  st.shared.u32 [%r2], %t;
  fence.proxy.async.shared::cta;
  bar.sync 0;
  setp.eq.u32 %p1, %t, 0;
  @%p1 cp.async.bulk.global.shared::cta.bulk_group [%out], [%r1], 256;
  @%p1 cp.async.bulk.commit_group;
  @%p1 cp.async.bulk.wait_group.read 0;)",
     "cp.async.bulk.global.shared::cta.bulk_group: asynchronous read of shared "
     "memory at 0x0 in shared array 'tile' of 256 bytes, but no "
     "fence.proxy.async comes after the write by warp 0, block (0,0,0), thread "
     "(0,0,0)",
     ".shared .align 16 .b8 tile[256];"},
    // The memory model asks for a fence on the way, whoever executes it; one of
    // warp 0 before the barrier is not on the way from warp 1.
    {"SourceOfABulkStoreFencedByOne",
     R"(
  st.shared.u32 [%r2], %t;
  setp.eq.u32 %p1, %t, 0;
  @%p1 fence.proxy.async;
  bar.sync 0;
  @%p1 cp.async.bulk.global.shared::cta.bulk_group [%out], [%r1], 256; // fault
  @%p1 cp.async.bulk.commit_group;
  @%p1 cp.async.bulk.wait_group.read 0;)",
     R"(
  st.shared.u32 [%r2], %t;
  setp.eq.u32 %p1, %t, 0;
  bar.sync 0;
  @%p1 fence.proxy.async;
  @%p1 cp.async.bulk.global.shared::cta.bulk_group [%out], [%r1], 256;
  @%p1 cp.async.bulk.commit_group;
  @%p1 cp.async.bulk.wait_group.read 0;)",
     "cp.async.bulk.global.shared::cta.bulk_group: asynchronous read of shared "
     "memory at 0x80 in shared array 'tile' of 256 bytes, but no "
     "fence.proxy.async comes after the write by warp 1, block (0,0,0), thread "
     "(0,0,0)",
     ".shared .align 16 .b8 tile[256];"},
    {"FenceOfTheOtherSpace",
     R"(
  st.shared.u32 [%r2], %t;
  fence.proxy.async.global;
  bar.sync 0;
  setp.eq.u32 %p1, %t, 0;
  @%p1 cp.async.bulk.global.shared::cta.bulk_group [%out], [%r1], 256; // fault)",
     R"(
  st.shared.u32 [%r2], %t;
  fence.proxy.async.shared::cluster;
  bar.sync 0;
  setp.eq.u32 %p1, %t, 0;
  @%p1 cp.async.bulk.global.shared::cta.bulk_group [%out], [%r1], 256;
  cp.async.bulk.commit_group;
  cp.async.bulk.wait_group.read 0;)",
     "cp.async.bulk.global.shared::cta.bulk_group: asynchronous read of shared "
     "memory at 0x0 in shared array 'tile' of 256 bytes, but no "
     "fence.proxy.async comes after the write by warp 0, block (0,0,0), thread "
     "(0,0,0)",
     ".shared .align 16 .b8 tile[256];"},
    {"BlockLeavesBeforeABulkStore",
     R"(
  st.shared.u32 [%r2], %t;
  fence.proxy.async;
  bar.sync 0;
  setp.eq.u32 %p1, %t, 0;
  @%p1 cp.async.bulk.global.shared::cta.bulk_group [%out], [%r1], 256;
  cp.async.bulk.commit_group;
  ret; // fault)",
     R"(
  st.shared.u32 [%r2], %t;
  fence.proxy.async;
  bar.sync 0;
  setp.eq.u32 %p1, %t, 0;
  @%p1 cp.async.bulk.global.shared::cta.bulk_group [%out], [%r1], 256;
  cp.async.bulk.commit_group;
  cp.async.bulk.wait_group.read 0;
  ret;)",
     "ret: the block leaves the kernel, but no cp.async.bulk.wait_group comes "
     "after the bulk operation of line 24, which reads its shared memory, "
     "block (0,0,0), thread (0,0,0)",
     ".shared .align 16 .b8 tile[256];"},
    // What was read needs no fence, a barrier is enough.
    {"DestinationOfABulkLoadNotFenced",
     R"(
  st.shared.u32 [%r2], %t;)" INIT_FULL R"(
  mov.u32 %r3, full;
  @%p1 mbarrier.arrive.expect_tx.shared::cta.b64 _, [full], 256;
  @%p1 cp.async.bulk.shared::cta.global.mbarrier::complete_tx::bytes [%r1], [%in], 256, [%r3]; // fault)" AWAIT_FULL,
     R"(
  st.shared.u32 [%r2], %t;
  fence.proxy.async;
  setp.eq.u32 %p1, %t, 0;
  @%p1 mbarrier.init.shared::cta.b64 [full], 1;
  ld.shared.u32 %v, [%r2];
  bar.sync 0;
  mov.u32 %r3, full;
  @%p1 mbarrier.arrive.expect_tx.shared::cta.b64 _, [full], 256;
  @%p1 cp.async.bulk.shared::cta.global.mbarrier::complete_tx::bytes [%r1], [%in], 256, [%r3];)" AWAIT_FULL,
     "cp.async.bulk.shared::cta.global.mbarrier::complete_tx::bytes: "
     "asynchronous write of shared memory at 0x0 in shared array 'tile' of 256 "
     "bytes, but no fence.proxy.async comes after the write by warp 0, block "
     "(0,0,0), thread (0,0,0)",
     tileAndFull},
    {"SourceOfABulkStoreOverwritten",
     R"(
  st.shared.u32 [%r2], %t;
  fence.proxy.async;
  bar.sync 0;
  setp.eq.u32 %p1, %t, 0;
  @%p1 cp.async.bulk.global.shared::cta.bulk_group [%out], [%r1], 256;
  @%p1 cp.async.bulk.commit_group;
  bar.sync 0;
  st.shared.u32 [%r2], 5; // fault)",
     R"(
  st.shared.u32 [%r2], %t;
  fence.proxy.async;
  bar.sync 0;
  setp.eq.u32 %p1, %t, 0;
  @%p1 cp.async.bulk.global.shared::cta.bulk_group [%out], [%r1], 256;
  @%p1 cp.async.bulk.commit_group;
  @%p1 cp.async.bulk.wait_group.read 0;
  bar.sync 0;
  st.shared.u32 [%r2], 5;)",
     "st.shared.u32: race: write of shared memory at 0x0 in shared array "
     "'tile' of 256 bytes is not ordered after the read by an asynchronous "
     "operation of warp 0, block (0,0,0), thread (0,0,0)",
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
     "instruction together, but lane 0 waits for the others at line 23, block "
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
    // Since Volta any two bar.warp.sync meet.
    {"SyncsInDifferentBranches",
     R"(
  and.b32 %r3, %t, 16;
  setp.ne.u32 %p1, %r3, 0;
  xor.b32 %r4, %t, 16;
  mad.lo.u32 %r4, %r4, 4, %r1;
  @%p1 bra upper;
  st.shared.u32 [%r2], %t;
  bar.warp.sync 0xffffffff;
  bra done;
upper:
  ld.shared.u32 %v, [%r4]; // fault
  bar.warp.sync 0xffffffff;
done:)",
     R"(
  and.b32 %r3, %t, 16;
  setp.ne.u32 %p1, %r3, 0;
  xor.b32 %r4, %t, 16;
  mad.lo.u32 %r4, %r4, 4, %r1;
  @%p1 bra upper;
  st.shared.u32 [%r2], %t;
  bar.warp.sync 0xffffffff;
  bra done;
upper:
  bar.warp.sync 0xffffffff;
  ld.shared.u32 %v, [%r4];
done:)",
     "ld.shared.u32: race: read of shared memory at 0x0 in shared array 'tile' "
     "of 256 bytes is not ordered after the write by lane 0 of the same warp, "
     "which needs a bar.warp.sync between, block (0,0,0), thread (16,0,0)",
     ".shared .align 4 .b8 tile[256];"},
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
  mbarrier.arrive.shared::cta.b64 _, [full];)" AWAIT_FULL,
     "mbarrier.try_wait.parity.shared::cta.b64: deadlock: no warp can go on; "
     "this one waits for phase 0 of the mbarrier at 0x0 in shared array "
     "'full' of 8 bytes, which lacks 1 of 65 arrivals and 0 bytes, block "
     "(0,0,0), thread (0,0,0)",
     ".shared .align 8 .b64 full;"},
    {"MbarrierThatAwaitsTooManyBytes", INIT_FULL R"(
  mov.u32 %r1, tile;
  mov.u32 %r2, full;
  @%p1 mbarrier.arrive.expect_tx.shared::cta.b64 _, [full], 272;
  @%p1 cp.async.bulk.shared::cta.global.mbarrier::complete_tx::bytes [%r1], [%in], 256, [%r2];
again:
  mbarrier.try_wait.parity.shared::cta.b64 %p2, [full], 0; // fault
  @!%p2 bra again;)",
     INIT_FULL R"(
  mov.u32 %r1, tile;
  mov.u32 %r2, full;)" LOAD_TILE AWAIT_FULL,
     "mbarrier.try_wait.parity.shared::cta.b64: deadlock: no warp can go on; "
     "this one waits for phase 0 of the mbarrier at 0x180 in shared "
     "array 'full' of 8 bytes, which lacks 0 of 1 arrivals and 16 bytes, block "
     "(0,0,0), thread (0,0,0)",
     tileAndFull},
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
     "mbarrier.arrive.shared::cta.b64: race: read of shared memory at 0x0 in "
     "shared array 'full' of 8 bytes is not ordered after the write by warp 0, "
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
     "endless loop? --max-steps=N allows N, block (0,0,0), thread (32,0,0)"},
};

// %r5 is the rank of the block, %r8 the thread's word of `tile` in the other,
// which has been written.
#define ATTN_PEER                                                              \
  R"(
  mov.u32 %r5, %cluster_ctarank;
  xor.b32 %r6, %r5, 1;
  st.shared.u32 [%r2], %t;
  barrier.cluster.arrive.aligned;
  barrier.cluster.wait.aligned;
  mapa.shared::cluster.u32 %r8, %r2, %r6;)"
#define ATTN_CLUSTER_BARRIER                                                   \
  R"(
  barrier.cluster.arrive.aligned;
  barrier.cluster.wait.aligned;)"

// The blocks run in the order of their ranks.
const FaultCase clusterFaults[] = {
    {"BlockLeavesWhileAPeerReads",
     ATTN_PEER R"(
  setp.eq.u32 %p1, %r5, 0;
  @%p1 ld.shared::cluster.u32 %v, [%r8];
  ret; // fault)",
     ATTN_PEER R"(
  setp.eq.u32 %p1, %r5, 0;
  @%p1 ld.shared::cluster.u32 %v, [%r8];)" ATTN_CLUSTER_BARRIER,
     "ret: the block leaves the kernel, but nothing orders before it what "
     "block (0,0,0) of the cluster does to its shared memory at line 27, block "
     "(1,0,0), thread (0,0,0)",
     ".shared .align 4 .b8 tile[256];",
     {.grid = 2, .block = 64},
     "",
     ".reqnctapercluster 2"},
    {"PeerReadsAfterTheBlockHasLeft",
     ATTN_PEER R"(
  setp.eq.u32 %p1, %r5, 1;
  @%p1 nanosleep.u32 100;
  @%p1 ld.shared::cluster.u32 %v, [%r8]; // fault)",
     ATTN_PEER R"(
  setp.eq.u32 %p1, %r5, 1;
  @%p1 nanosleep.u32 100;
  @%p1 ld.shared::cluster.u32 %v, [%r8];)" ATTN_CLUSTER_BARRIER,
     "ld.shared::cluster.u32: access to the shared memory of block (0,0,0) of "
     "the cluster, which has left the kernel, block (1,0,0), thread (32,0,0)",
     ".shared .align 4 .b8 tile[256];",
     {.grid = 2, .block = 64},
     "",
     ".reqnctapercluster 2"},
};

ATTN_FAULTS(Clusters, clusterFaults);

ATTN_FAULTS(Async, asyncFaults);
ATTN_FAULTS(Barriers, barrierFaults);

} // namespace
