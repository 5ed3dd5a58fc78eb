//===- TargetTest.cpp - What .target allows -------------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Harness.h"

#include "ptx/Target.h"

using namespace attn::ptx;
using namespace attn::ptx::test;

namespace {

struct TargetCase {
  const char *instruction;
  const char *lowest; // target that has it
  const char *below;  // one that has not
  const char *needed; // as the message says it
};

const char *const orHigher = nullptr; // `lowest` or higher

// As ptxas has it.
const TargetCase cases[] = {
    {"match.any.sync.b32 %r1, %r2, -1;", "sm_70", "sm_60", orHigher},
    {"nanosleep.u32 %r1;", "sm_70", "sm_62", orHigher},
    {"atom.global.add.noftz.f16 %h1, [%d1], %h2;", "sm_70", "sm_62", orHigher},
    {"atom.global.add.f64 %g1, [%d1], %g2;", "sm_60", "sm_53", orHigher},
    {"atom.acquire.gpu.global.add.u32 %r1, [%d1], %r2;", "sm_70", "sm_60",
     orHigher},
    {"ldmatrix.sync.aligned.m8n8.x1.shared.b16 {%r1}, [%r2];", "sm_75", "sm_72",
     orHigher},
    {"movmatrix.sync.aligned.m8n8.trans.b16 %r1, %r2;", "sm_75", "sm_72",
     orHigher},
    {"tanh.approx.f32 %f1, %f2;", "sm_75", "sm_72", orHigher},
    {"ex2.approx.f16 %h1, %h2;", "sm_75", "sm_72", orHigher},
    {"ld.global.L2::128B.u32 %r1, [%d1];", "sm_75", "sm_72", orHigher},
    {"mma.sync.aligned.m16n8k8.row.col.f32.f16.f16.f32 {%f1, %f2, %f3, %f4}, "
     "{%r1, %r2}, {%r3}, {%f1, %f2, %f3, %f4};",
     "sm_75", "sm_72", orHigher},
    {"mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%f1, %f2, %f3, %f4}, "
     "{%r1, %r2, %r3, %r4}, {%r5, %r6}, {%f1, %f2, %f3, %f4};",
     "sm_80", "sm_75", orHigher},
    {"mma.sync.aligned.m16n8k8.row.col.f32.bf16.bf16.f32 {%f1, %f2, %f3, %f4}, "
     "{%r1, %r2}, {%r3}, {%f1, %f2, %f3, %f4};",
     "sm_80", "sm_75", orHigher},
    {"mma.sync.aligned.m16n8k32.row.col.f32.e4m3.e5m2.f32 {%f1, %f2, %f3, "
     "%f4}, {%r1, %r2, %r3, %r4}, {%r5, %r6}, {%f1, %f2, %f3, %f4};",
     "sm_89", "sm_86", orHigher},
    {"mma.sync.aligned.m16n8k4.row.col.f64.f64.f64.f64 {%g1, %g2, %g3, %g4}, "
     "{%g5, %g6}, {%g7}, {%g1, %g2, %g3, %g4};",
     "sm_90", "sm_80", orHigher},
    {"cp.async.ca.shared.global [%r1], [%d1], 4;", "sm_80", "sm_75", orHigher},
    {"cp.async.wait_all;", "sm_80", "sm_75", orHigher},
    {"redux.sync.add.u32 %r1, %r2, -1;", "sm_80", "sm_75", orHigher},
    {"mbarrier.init.shared.b64 [%r1], 1;", "sm_80", "sm_75", orHigher},
    {"cvt.rn.bf16.f32 %h1, %f1;", "sm_80", "sm_75", orHigher},
    {"cvt.rna.tf32.f32 %r1, %f1;", "sm_80", "sm_75", orHigher},
    {"fma.rn.bf16x2 %r1, %r2, %r3, %r4;", "sm_80", "sm_75", orHigher},
    {"max.f16x2 %r1, %r2, %r3;", "sm_80", "sm_75", orHigher},
    {"max.NaN.f32 %f1, %f2, %f3;", "sm_80", "sm_75", orHigher},
    {"createpolicy.fractional.L2::evict_first.b64 %d1;", "sm_80", "sm_75",
     orHigher},
    {"min.xorsign.abs.f32 %f1, %f2, %f3;", "sm_86", "sm_80", orHigher},
    {"cvt.rn.satfinite.e4m3x2.f32 %h1, %f1, %f2;", "sm_89", "sm_86", orHigher},
    {"add.rn.bf16 %h1, %h2, %h3;", "sm_90", "sm_89", orHigher},
    {"add.s16x2 %r1, %r2, %r3;", "sm_90", "sm_89", orHigher},
    {"elect.sync %r1|%p1, -1;", "sm_90", "sm_89", orHigher},
    {"barrier.cluster.arrive;", "sm_90", "sm_89", orHigher},
    {"mapa.shared::cluster.u32 %r1, %r2, %r3;", "sm_90", "sm_89", orHigher},
    {"ld.shared::cluster.u32 %r1, [%r2];", "sm_90", "sm_89", orHigher},
    {"mbarrier.try_wait.parity.shared.b64 %p1, [%r1], %r2;", "sm_90", "sm_89",
     orHigher},
    {"cp.async.bulk.commit_group;", "sm_90", "sm_89", orHigher},
    {"mov.u32 %r1, %clusterid.x;", "sm_90", "sm_89", orHigher},
    {"cvt.rn.bf16.s32 %h1, %r1;", "sm_90", "sm_89", orHigher},
    {"fence.proxy.async;", "sm_90", "sm_89", orHigher},
    {"stmatrix.sync.aligned.m8n8.x1.shared.b16 [%r1], {%r2};", "sm_90", "sm_89",
     orHigher},
    {"griddepcontrol.wait;", "sm_90", "sm_89", orHigher},
    {"ld.global.v8.b32 {%r1, %r2, %r3, %r4, %r5, %r6, %r7, %r8}, [%d1];",
     "sm_100", "sm_90a", orHigher},
    {"setmaxnreg.inc.sync.aligned.u32 64;", "sm_90a", "sm_90",
     "sm_90a or a higher one with such a suffix"},
    {"wgmma.fence.sync.aligned;", "sm_90a", "sm_90", "sm_90a"},
    {"wgmma.fence.sync.aligned;", "sm_90a", "sm_100a", "sm_90a"},
};

std::string text(const TargetCase &c, const char *target) {
  return std::string(".version 8.8\n.target ") + target + R"(
.address_size 64
.visible .entry k() {
  .reg .pred %p<2>;
  .reg .b16 %h<4>;
  .reg .b32 %r<9>;
  .reg .b64 %d<2>;
  .reg .f32 %f<5>;
  .reg .f64 %g<8>;
)" + c.instruction +
         "\n  ret;\n}\n";
}

TEST(Target, Instructions) {
  for (const TargetCase &c : cases) {
    EXPECT_EQ(loadError(text(c, c.lowest)), "") << c.instruction;
    llvm::StringRef name = llvm::StringRef(c.instruction).split(' ').first;
    std::string needed =
        c.needed ? c.needed : std::string(c.lowest) + " or higher";
    EXPECT_EQ(loadError(text(c, c.below)),
              "test.ptx:11: error: '" + name.rtrim(';').str() +
                  "' needs .target " + needed + ", found " + c.below);
  }
}

TEST(Target, Names) {
  for (const char *name :
       {"sm_75", "sm_80", "sm_86", "sm_90", "sm_90a", "sm_100f", "sm_120a"})
    EXPECT_EQ(parseTarget(name).value().getName(), name);
  for (const char *name : {"sm_81", "sm_90b", "sm_80a", "sm_90f", "sm_", "90",
                           "gfx90a", "sm_90aa", ""})
    EXPECT_FALSE(parseTarget(name)) << name;
}

TEST(Target, ChipLimits) {
  const ChipLimits &chip = chipLimits(*parseTarget("sm_80"));
  EXPECT_EQ(chip.residentBlocks(1024, 0), 2u * 108);
  EXPECT_EQ(chip.residentBlocks(128, 0), 16u * 108);
  EXPECT_EQ(chip.residentBlocks(32, 0), 32u * 108);
  EXPECT_EQ(chip.residentBlocks(128, 166912), 108u);
  EXPECT_EQ(chip.residentBlocks(128, 40960), 4u * 108);
}

} // namespace
