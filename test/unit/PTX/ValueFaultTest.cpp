//===- ValueFaultTest.cpp - Faults of undefined values --------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FaultTest.h"

using namespace attn::ptx::test;

namespace {

const FaultCase valueFaults[] = {
    {"UninitialisedRegister",
     R"(
  st.global.u32 [%o], %r5; // fault)",
     R"(
  mov.u32 %r5, 7;
  st.global.u32 [%o], %r5;)",
     "st.global.u32: use of uninitialised register '%r5', block (0,0,0), "
     "thread (0,0,0)"},
    // Compilers compute with what they do not choose later.
    {"ComputedFromUninitialised",
     R"(
  setp.lt.u32 %p1, %t, 10;
  @%p1 mov.u32 %r5, 7;
  add.u32 %r6, %r5, 1;
  mul.lo.u32 %r7, %r6, %t;
  mov.u32 %r8, %r7;
  selp.b32 %v, %t, %r8, %p1;
  st.global.u32 [%o], %v; // fault)",
     R"(
  setp.lt.u32 %p1, %t, 10;
  @%p1 mov.u32 %r5, 7;
  add.u32 %r6, %r5, 1;
  mul.lo.u32 %r7, %r6, %t;
  mov.u32 %r8, %r7;
  selp.b32 %v, %r8, %t, %p1;
  st.global.u32 [%o], %v;)",
     "st.global.u32: use of register '%v', which line 21 computed from "
     "uninitialised register '%r5', block (0,0,0), thread (10,0,0)"},
    {"ComparedUninitialised",
     R"(
  setp.lt.u32 %p1, %t, 10;
  @%p1 mov.u32 %r5, 7;
  setp.eq.u32 %p2, %r5, 7;
  or.pred %p3, %p1, %p2;
  @%p3 st.global.u32 [%o], %t; // fault)",
     R"(
  setp.lt.u32 %p1, %t, 10;
  @%p1 mov.u32 %r5, 7;
  setp.eq.u32 %p2, %r5, 7;
  and.pred %p3, %p1, %p2;
  @%p3 st.global.u32 [%o], %t;)",
     "st.global.u32: use of predicate '%p3', which line 21 computed from "
     "uninitialised register '%r5', block (0,0,0), thread (10,0,0)"},
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
  setp.ne.u32 %p1, %t, 40;
  @%p1 st.shared.u32 [%r2], %t;
  bar.sync 0;
  ld.shared.u32 %v, [%r2]; // fault
  st.global.u32 [%o], %v;)",
     R"(
  setp.ne.u32 %p1, %t, 40;
  @%p1 st.shared.u32 [%r2], %t;
  bar.sync 0;
  ld.shared.u32 %v, [%r2];
  @%p1 st.global.u32 [%o], %v;)",
     "ld.shared.u32: read of uninitialised shared memory at 0xa0 in shared "
     "array 'tile' of 256 bytes, which line 24 uses, block (0,0,0), thread "
     "(40,0,0)",
     ".shared .align 4 .b8 tile[256];"},
    // A copy of a struct copies what lies between its members.
    {"PaddingComputedWith",
     R"(
  st.shared.u8 [%r2], %t;
  ld.shared.u8 %v, [%r2+1]; // fault
  add.u32 %v, %v, 1;
  st.global.u32 [%o], %v;)",
     R"(
  st.shared.u8 [%r2], %t;
  ld.shared.v2.u8 {%r5, %r6}, [%r2+2];
  ld.shared.u8 %v, [%r2+1];
  st.shared.v4.u8 [%r2], {%t, %v, %r5, %r6};
  ld.shared.v4.u8 {%r7, %r8, %r9, %r10}, [%r2];
  st.global.v4.u8 [%o], {%r7, %r8, %r9, %r10};)",
     "ld.shared.u8: read of uninitialised shared memory at 0x1 in shared array "
     "'tile' of 256 bytes, which line 23 uses, block (0,0,0), thread (0,0,0)",
     ".shared .align 4 .b8 tile[256];"},
    {"CopiedPaddingComputedWith",
     R"(
  st.shared.u8 [%r2], %t;
  ld.shared.u8 %r5, [%r2+1]; // fault
  st.shared.u8 [%r2+2], %r5;
  ld.shared.u8 %r6, [%r2+2];
  add.u32 %v, %r6, 1;
  st.global.u32 [%o], %v;)",
     R"(
  st.shared.u16 [%r2], %t;
  ld.shared.u8 %r5, [%r2+1];
  st.shared.u8 [%r2+2], %r5;
  ld.shared.u8 %r6, [%r2+2];
  add.u32 %v, %r6, 1;
  st.global.u32 [%o], %v;)",
     "ld.shared.u8: read of uninitialised shared memory at 0x1 in shared array "
     "'tile' of 256 bytes, which line 25 uses, block (0,0,0), thread (0,0,0)",
     ".shared .align 4 .b8 tile[256];"},
    {"PaddingOfLocalInBranch",
     R"(
  st.local.u8 [stack], 5;
  ld.local.u8 %v, [stack+3]; // fault
  setp.eq.u32 %p1, %v, 0;
  @%p1 st.global.u32 [%o], %t;)",
     R"(
  st.local.u8 [stack], 5;
  ld.local.u8 %v, [stack+3];
  setp.eq.u32 %p1, %t, 0;
  @%p1 st.global.u8 [%o], %v;)",
     "ld.local.u8: read of uninitialised local memory at 0x13 in local array "
     "'stack' of 4 bytes, which line 22 uses, block (0,0,0), thread (0,0,0)",
     ".local .align 4 .b8 stack[4];"},
    {"UninitialisedWordReadAsShort",
     R"(
  ld.shared.u16 %v, [%r2]; // fault
  st.global.u16 [%o], %v;)",
     R"(
  st.shared.u8 [%r2+3], %t;
  ld.shared.u16 %v, [%r2];
  st.global.u16 [%o], %v;)",
     "ld.shared.u16: read of uninitialised shared memory at 0x0 in shared "
     "array 'tile' of 256 bytes, which line 21 uses, block (0,0,0), thread "
     "(0,0,0)",
     ".shared .align 4 .b8 tile[256];"},
    // A struct of a float and a double and a char, aligned to 16.
    {"VectorOfPaddingUsed",
     R"(
  st.shared.u8 [%r2], %t;
  ld.shared.v4.u32 {%r5, %r6, %r7, %r8}, [%r1]; // fault
  add.u32 %r6, %r6, %r5;
  st.global.v4.u32 [%in], {%r5, %r6, %r7, %r8};)",
     R"(
  st.shared.u8 [%r2], %t;
  ld.shared.v4.u32 {%r5, %r6, %r7, %r8}, [%r1];
  st.shared.v4.u32 [%r1+16], {%r5, %r6, %r7, %r8};
  ld.shared.v2.u64 {%d1, %d2}, [%r1+16];
  st.global.v2.u64 [%in], {%d1, %d2};
  mov.b64 {%r9, %r10}, %d1;
  prmt.b32 %r11, %r9, %r10, 0x4740;
  shl.b32 %r12, %r11, 24;
  shr.u32 %r13, %r12, 24;
  and.b32 %r14, %r9, 255;
  add.u32 %r15, %r13, %r14;
  st.global.u32 [%o], %r15;)",
     "ld.shared.v4.u32: read of uninitialised shared memory at 0x4 in shared "
     "array 'tile' of 32 bytes, which line 23 uses, block (0,0,0), thread "
     "(0,0,0)",
     ".shared .align 16 .b8 tile[32];",
     {.grid = 1, .block = 1}},
    {"PartOfWordUsed",
     R"(
  st.local.u16 [stack], 5;
  ld.local.u32 %r5, [stack]; // fault
  shr.u32 %v, %r5, 8;
  setp.ne.u32 %p1, %v, 0;
  @%p1 st.global.u32 [%o], %t;)",
     R"(
  st.local.u16 [stack], 5;
  ld.local.u32 %r5, [stack];
  bfe.u32 %v, %r5, 0, 16;
  cvt.u16.u32 %h, %r5;
  cvt.u32.u16 %r6, %h;
  setp.eq.u32 %p1, %v, %r6;
  @%p1 st.global.u32 [%o], %r6;)",
     "ld.local.u32: read of uninitialised local memory at 0x12 in local array "
     "'stack' of 4 bytes, which line 23 uses, block (0,0,0), thread (0,0,0)",
     ".local .align 4 .b8 stack[4]; .reg .b16 %h;"},
    // Half of an array that is copied with the struct around it.
    {"UnusedElementsCopied",
     R"(
  st.local.u32 [stack], %t;
  ld.local.v4.u32 {%r5, %r6, %r7, %r8}, [stack];
  ld.local.v4.u32 {%r9, %r10, %r11, %r12}, [stack+16]; // fault
  st.shared.v4.u32 [%r1], {%r9, %r10, %r11, %r12};
  ld.shared.u32 %v, [%r1+12];
  st.global.u32 [%o], %v;)",
     R"(
  st.local.u32 [stack], %t;
  ld.local.v4.u32 {%r5, %r6, %r7, %r8}, [stack];
  ld.local.v4.u32 {%r9, %r10, %r11, %r12}, [stack+16];
  st.shared.v4.u32 [%r1], {%r9, %r10, %r11, %r12};
  st.shared.v4.u32 [%r1], {%r5, %r6, %r7, %r8};
  ld.shared.u32 %v, [%r1];
  st.global.u32 [%o], %v;)",
     "ld.local.v4.u32: read of uninitialised local memory at 0x2c in local "
     "array 'stack' of 32 bytes, which line 25 uses, block (0,0,0), thread "
     "(0,0,0)",
     ".shared .align 16 .b8 tile[16]; .local .align 16 .b8 stack[32];",
     {.grid = 1, .block = 1}},
    // As code that is not optimised does with an empty struct.
    {"UnwrittenRegisterInLocal",
     R"(
  st.local.u32 [stack], %r5;
  ld.local.u32 %r6, [stack];
  st.local.u32 [stack+4], %r6;
  ld.local.u32 %v, [stack+4];
  st.global.u32 [%o], %v; // fault)",
     R"(
  st.local.u32 [stack], %r5;
  ld.local.u32 %r6, [stack];
  st.local.u32 [stack+4], %r6;
  ld.local.u32 %v, [stack+4];
  st.global.u32 [%o], %t;)",
     "st.global.u32: use of register '%v', which line 19 copied from "
     "uninitialised register '%r5', block (0,0,0), thread (0,0,0)",
     ".local .align 4 .b8 stack[8];"},
    // What a loop that does not run, or the other branch, leaves out of a
    // struct.
    {"UnwrittenRegisterInShared",
     R"(
  st.shared.v2.u16 [%r2], {%t, %r5};
  ld.shared.u32 %r6, [%r2];
  shr.u32 %v, %r6, 16;
  setp.eq.u32 %p1, %v, 0;
  @%p1 st.global.u32 [%o], %t; // fault)",
     R"(
  st.shared.v2.u16 [%r2], {%t, %r5};
  ld.shared.u32 %r6, [%r2];
  and.b32 %v, %r6, 65535;
  st.global.u32 [%o], %v;)",
     "st.global.u32: use of predicate '%p1', which line 20 copied from "
     "uninitialised register '%r5', block (0,0,0), thread (0,0,0)",
     ".shared .align 4 .b8 tile[256];"},
    // Members of 3 and 7 bits, written one after the other.
    {"BitFieldInShared",
     R"(
  ld.shared.u32 %r5, [%r2]; // fault
  bfi.b32 %r5, %t, %r5, 0, 3;
  st.shared.u32 [%r2], %r5;
  ld.shared.u16 %r6, [%r2];
  bfe.u32 %v, %r6, 2, 2;
  setp.eq.u32 %p1, %v, 0;
  @%p1 st.global.u32 [%o], %t;)",
     R"(
  ld.shared.u32 %r5, [%r2];
  bfi.b32 %r5, %t, %r5, 0, 3;
  st.shared.u32 [%r2], %r5;
  ld.shared.u16 %r6, [%r2];
  bfi.b32 %r6, %t, %r6, 3, 7;
  st.shared.u16 [%r2], %r6;
  ld.shared.u16 %r7, [%r2];
  st.shared.u16 [%r2+2], %r7;
  ld.shared.v2.u8 {%r8, %r9}, [%r2+2];
  bfi.b32 %r10, %r9, %r8, 8, 2;
  bfe.u32 %v, %r10, 2, 8;
  setp.eq.u32 %p1, %v, 0;
  @%p1 st.global.u32 [%o], %v;)",
     "ld.shared.u32: read of uninitialised shared memory at 0x0 in shared "
     "array 'tile' of 256 bytes, which line 26 uses, block (0,0,0), thread "
     "(0,0,0)",
     ".shared .align 4 .b8 tile[256];"},
    {"BitFieldInLocal",
     R"(
  ld.local.u8 %r5, [stack]; // fault
  and.b32 %r5, %r5, 240;
  or.b32 %r5, %r5, 5;
  st.local.u8 [stack], %r5;
  ld.local.s8 %v, [stack];
  setp.lt.s32 %p1, %v, 0;
  @%p1 st.global.u32 [%o], %t;)",
     R"(
  ld.local.u8 %r5, [stack];
  and.b32 %r5, %r5, 240;
  or.b32 %r5, %r5, 5;
  st.local.u8 [stack], %r5;
  ld.local.s8 %v, [stack];
  and.b32 %v, %v, 15;
  setp.eq.s32 %p1, %v, 5;
  @%p1 st.global.u32 [%o], %t;)",
     "ld.local.u8: read of uninitialised local memory at 0x10 in local array "
     "'stack' of 1 bytes, which line 25 uses, block (0,0,0), thread (0,0,0)",
     ".local .b8 stack[1];"},
    {"PackedHalfUsed",
     R"(
  st.shared.u16 [%r2], %t;
  ld.shared.u32 %r5, [%r2]; // fault
  add.f16x2 %r6, %r5, %r5;
  st.global.u32 [%o], %r6;)",
     R"(
  st.shared.u16 [%r2], %t;
  ld.shared.u32 %r5, [%r2];
  add.f16x2 %r6, %r5, %r5;
  shfl.sync.idx.b32 %r7, %r6, 3, 31, -1;
  mov.b32 {%h, _}, %r7;
  st.global.u16 [%o], %h;)",
     "ld.shared.u32: read of uninitialised shared memory at 0x2 in shared "
     "array 'tile' of 256 bytes, which line 23 uses, block (0,0,0), thread "
     "(0,0,0)",
     ".shared .align 4 .b8 tile[256]; .reg .b16 %h;"},
    // Lanes that give no address may hold anything.
    {"AddressOfALane",
     R"(
  st.shared.u32 [%r2], %t;
  bar.sync 0;
  setp.lt.u32 %p1, %t, 15;
  @%p1 mov.u32 %r5, %r1;
  ldmatrix.sync.aligned.m8n8.x2.shared.b16 {%r6, %r7}, [%r5]; // fault)",
     R"(
  st.shared.u32 [%r2], %t;
  bar.sync 0;
  setp.lt.u32 %p1, %t, 8;
  @%p1 mov.u32 %r5, %r1;
  ldmatrix.sync.aligned.m8n8.x1.shared.b16 {%r6}, [%r5];
  @%p1 mad.lo.u32 %r8, %t, 16, %r1;
  stmatrix.sync.aligned.m8n8.x1.shared.b16 [%r8], {%r6};)",
     "ldmatrix.sync.aligned.m8n8.x2.shared.b16: use of uninitialised register "
     "'%r5', block (0,0,0), thread (15,0,0)",
     ".shared .align 16 .b8 tile[256];",
     {.grid = 1, .block = 32}},
    // The selector names the second of four lanes.
    {"MetadataOfALane",
     R"(
  and.b32 %r5, %t, 3;
  setp.ne.u32 %p1, %r5, 1;
  @%p1 mov.u32 %r6, 0x44444444;
  mov.f32 %f1, 0f00000000;
  mma.sp.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%f1, %f2, %f3, %f4}, {%t, %t}, {%t, %t}, {%f1, %f1, %f1, %f1}, %r6, 1; // fault)",
     R"(
  and.b32 %r5, %t, 3;
  setp.eq.u32 %p1, %r5, 1;
  @%p1 mov.u32 %r6, 0x44444444;
  mov.f32 %f1, 0f00000000;
  mma.sp.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%f1, %f2, %f3, %f4}, {%t, %t}, {%t, %t}, {%f1, %f1, %f1, %f1}, %r6, 1;)",
     "mma.sp.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32: use of "
     "uninitialised register '%r6', block (0,0,0), thread (1,0,0)",
     "",
     {.grid = 1, .block = 32}},
    {"UsedBytesUninitialised",
     R"(
  st.shared.u8 [%r2], %t;
  .pragma "used_bytes_mask 3";
  ld.shared.u32 %v, [%r2]; // fault
  and.b32 %v, %v, 65535;
  setp.eq.u32 %p1, %v, 0;
  @%p1 st.global.u32 [%o], %v;)",
     R"(
  st.shared.u8 [%r2], %t;
  .pragma "used_bytes_mask 0x1";
  ld.shared.u32 %v, [%r2];
  st.global.u32 [%o], %v;)",
     "ld.shared.u32: read of uninitialised shared memory at 0x1 in shared "
     "array 'tile' of 256 bytes, which line 25 uses, block (0,0,0), thread "
     "(0,0,0)",
     ".shared .align 4 .b8 tile[256];"},
    {"UninitialisedLocal",
     R"(
  ld.local.u32 %v, [stack+4]; // fault
  st.global.u32 [%o], %v;)",
     R"(
  st.local.u32 [stack+4], 5;
  ld.local.u32 %v, [stack+4];
  st.global.u32 [%o], %v;)",
     "ld.local.u32: read of uninitialised local memory at 0x14 in local array "
     "'stack' of 32 bytes, which line 20 uses, block (0,0,0), thread (0,0,0)",
     ".local .align 4 .b8 stack[32];"},
};

ATTN_FAULTS(Values, valueFaults);

} // namespace
