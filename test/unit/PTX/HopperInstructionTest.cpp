//===- HopperInstructionTest.cpp - Small instructions of sm_90 ------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Instruction.h"

using namespace attn::ptx;
using namespace attn::ptx::test;

namespace {

TEST(HopperInstruction, Hints) {
  check1<uint32_t, uint32_t>("griddepcontrol.wait;\n"
                             "griddepcontrol.launch_dependents;\n"
                             "setmaxnreg.dec.sync.aligned.u32 24;\n"
                             "setmaxnreg.inc.sync.aligned.u32 256;\n"
                             "fence.proxy.async;\nfence.proxy.async.global;\n"
                             "fence.mbarrier_init.release.cluster;\n"
                             "fence.acq_rel.cluster;\n"
                             "fence.proxy.async::generic.acquire"
                             ".sync_restrict::shared::cluster.cluster;\n"
                             "fence.proxy.async::generic.release"
                             ".sync_restrict::shared::cta.cluster;\n"
                             "mov.b32 d, a;",
                             [](uint32_t a) { return a; });
}

/// The number of the grid may be read as 32 bits and as 64.
TEST(HopperInstruction, GridId) {
  check1<uint64_t, uint64_t>(
      "{\n.reg .b64 wide;\n.reg .b32 narrow;\n"
      "mov.u64 wide, %gridid;\nmov.u32 narrow, %gridid;\n"
      "createpolicy.cvt.L2.b64 d, a;\n"
      "add.u64 d, a, wide;\ncvt.u64.u32 wide, narrow;\n"
      "add.u64 d, d, wide;\n}",
      [](uint64_t a) { return a; });
}

/// The lowest lane of the mask, whichever lanes the branch has.
TEST(HopperInstruction, Elect) {
  std::vector<uint32_t> lanes(64);
  for (uint32_t i = 0; i < 64; ++i)
    lanes[i] = i % 32;
  check<uint32_t>(
      "{\n.reg .pred low;\nsetp.lt.u32 low, a, 11;\n"
      "@low bra below;\n"
      "elect.sync t0|p, 0xfffff800;\nbra join;\n"
      "below: elect.sync t0|p, 0x000007ff;\n"
      "join: selp.u32 d, 100, 0, p;\nadd.u32 d, d, t0;\n}",
      [](uint32_t lane) {
        uint32_t leader = lane < 11 ? 0 : 11;
        return leader + (lane == leader ? 100 : 0);
      },
      lanes);
}

/// Addresses of a block's own shared memory through the cluster's space.
TEST(HopperInstruction, ClusterAddresses) {
  std::vector<uint32_t> values(64);
  for (uint32_t i = 0; i < 64; ++i)
    values[i] = i * 3 + 1;
  // By 32-bit addresses of the space, then by generic ones.
  check<uint32_t>(
      "{\n.shared .align 4 .b8 tile[256];\n"
      ".reg .b32 own, mapped, rank;\nmov.u32 own, tile;\n"
      "mad.lo.u32 own, t2, 4, own;\nst.shared.u32 [own], a;\n"
      "mapa.shared::cluster.u32 mapped, own, 0;\n"
      "ld.shared::cluster.u32 d, [mapped];\n"
      "getctarank.shared::cluster.u32 rank, mapped;\n"
      "add.u32 d, d, rank;\n}",
      [](uint32_t a) { return a; }, values);
  check<uint32_t>(
      "{\n.shared .align 4 .b8 tile[256];\n"
      ".reg .b64 own, mapped;\n.reg .b32 rank;\n"
      "cvta.shared.u64 own, tile;\nmul.wide.u32 mapped, t2, 4;\n"
      "add.u64 own, own, mapped;\nst.u32 [own], a;\n"
      "mapa.u64 mapped, own, 0;\nld.u32 d, [mapped];\n"
      "getctarank.u64 rank, mapped;\nadd.u32 d, d, rank;\n}",
      [](uint32_t a) { return a; }, values);
}

struct FailingSnippet {
  const char *text;
  const char *message;
};

/// Runs a snippet on one block and returns what follows the line's number.
std::string failureOf(const char *snippet) {
  Runner runner(instructionKernel(snippet, {4}, 4), "snippet.ptx");
  std::string error =
      runner.fault("test", {.grid = 1, .block = 64},
                   runner.zeros<int>(64, "input"), runner.zeros<int>(64), 64);
  size_t at = error.find(": error: ");
  return at == std::string::npos ? error : error.substr(at + 9);
}

TEST(HopperInstruction, Failures) {
  for (FailingSnippet c :
       {FailingSnippet{
            "mov.u32 t0, 0;\nmapa.shared::cluster.u32 d, t0, 1;",
            "mapa.shared::cluster.u32: block 1 of a cluster of 1, block "
            "(0,0,0), thread (0,0,0)"},
        {"mapa.u64 offset, address, 0;\nmov.u32 d, 0;",
         "mapa.u64: the address 0x10000000000 does not lie in shared memory, "
         "block (0,0,0), thread (0,0,0)"},
        {"barrier.cluster.wait.aligned;\nmov.u32 d, 0;",
         "barrier.cluster.wait.aligned: barrier.cluster.wait without an "
         "arrival before it, block (0,0,0), thread (0,0,0)"},
        {"barrier.cluster.arrive.aligned;\nbarrier.cluster.arrive.aligned;\n"
         "mov.u32 d, 0;",
         "barrier.cluster.arrive.aligned: a second arrival at the cluster's "
         "barrier before a wait, block (0,0,0), thread (0,0,0)"},
        {"{\n.shared .align 8 .b64 bar;\nmbarrier.init.shared.b64 [bar], 0;\n"
         "mov.u32 d, 0;\n}",
         "mbarrier.init.shared.b64: arrival count 0, expected 1 to 2^20 - 1, "
         "block (0,0,0), thread (0,0,0)"},
        {"mbarrier.init.b64 [address], 1;\nmov.u32 d, 0;",
         "mbarrier.init.b64: an mbarrier must lie in shared memory, found the "
         "address 0x10000000000 in global array 'input' of 256 bytes, block "
         "(0,0,0), thread (0,0,0)"},
        {"{\n.shared .align 8 .b64 bar;\n.shared .align 16 .b8 tile[64];\n"
         "setp.eq.u32 p, t2, 0;\n@p mbarrier.init.shared.b64 [bar], 1;\n"
         "mov.u32 t0, tile;\nmov.u32 t1, bar;\n"
         "@p cp.async.bulk.shared::cta.global.mbarrier::complete_tx::bytes "
         "[t0], [address], 24, [t1];\nmov.u32 d, 0;\n}",
         "cp.async.bulk.shared::cta.global.mbarrier::complete_tx::bytes: bulk "
         "copy of 24 bytes, expected a positive multiple of 16, block (0,0,0), "
         "thread (0,0,0)"},
        {"{\n.shared .align 8 .b64 bar;\n.shared .align 128 .b8 tile[128];\n"
         "setp.eq.u32 p, t2, 0;\n@p mbarrier.init.shared.b64 [bar], 1;\n"
         "mov.u32 t0, tile;\nmov.u32 t1, bar;\n"
         "@p cp.async.bulk.tensor.1d.shared::cta.global.mbarrier::complete_tx::"
         "bytes [t0], [address, {t2}], [t1];\nmov.u32 d, 0;\n}",
         "cp.async.bulk.tensor.1d.shared::cta.global.mbarrier::complete_tx::"
         "bytes: no tensor map at 0x10000000000 in global array 'input' of 256 "
         "bytes: the box has size 0 in dimension 0, expected 1 to 256, block "
         "(0,0,0), thread (0,0,0)"},
        {"{\n.shared .align 8 .b64 bar;\n.reg .b64 s;\nsetp.eq.u32 p, t2, 0;\n"
         "@p mbarrier.init.shared.b64 [bar], 1;\n"
         "@p mbarrier.arrive.shared.b64 s, [bar];\n"
         "@p mbarrier.arrive.shared.b64 _, [bar];\n"
         "@p mbarrier.test_wait.shared.b64 q, [bar], s;\nmov.u32 d, 0;\n}",
         "mbarrier.test_wait.shared.b64: the state is of phase 0 of the "
         "mbarrier at 0x0, which is in phase 2; only that and the one before "
         "can be waited for, block (0,0,0), thread (0,0,0)"},
        {"{\n.shared .align 8 .b64 bar;\nsetp.eq.u32 p, t2, 0;\n"
         "@p mbarrier.init.shared.b64 [bar], 3;\n"
         "@p mbarrier.arrive.noComplete.shared.b64 _, [bar], 3;\n"
         "mov.u32 d, 0;\n}",
         "mbarrier.arrive.noComplete.shared.b64: the arrival completes the "
         "phase of the mbarrier at 0x0 despite .noComplete, block (0,0,0), "
         "thread (0,0,0)"},
        {"{\n.shared .align 8 .b64 bar;\nsetp.eq.u32 p, t2, 0;\n"
         "@p mbarrier.init.shared.b64 [bar], 3;\n"
         "@p mbarrier.expect_tx.shared.b64 [bar], 1048576;\n"
         "mov.u32 d, 0;\n}",
         "mbarrier.expect_tx.shared.b64: the mbarrier at 0x0 expects 1048576 "
         "bytes in one phase, more than 2^20 - 1, block (0,0,0), thread "
         "(0,0,0)"}})
    EXPECT_EQ(failureOf(c.text), c.message) << c.text;
}

/// Forms that the text alone shows to be wrong.
TEST(HopperInstruction, Rejected) {
  auto error = [](const char *snippet) {
    std::string text = loadError(instructionKernel(snippet, {4}, 4));
    size_t at = text.find(": error: ");
    return at == std::string::npos ? text : text.substr(at + 9);
  };
  EXPECT_EQ(error("griddepcontrol.stop;\nmov.u32 d, 0;"),
            "'griddepcontrol.stop': griddepcontrol needs .launch_dependents or "
            ".wait");
  EXPECT_EQ(error("tensormap.replace.tile.box_dim.global.b1024.b32 [address], "
                  "5, 1;"),
            "'tensormap.replace.tile.box_dim.global.b1024.b32': ordinal 5, "
            "expected 0 to 4");
  EXPECT_EQ(error("tensormap.replace.tile.swizzle_mode.global.b1024.b32 "
                  "[address], 4;"),
            "'tensormap.replace.tile.swizzle_mode.global.b1024.b32': "
            ".swizzle_mode 4 is not supported, expected 0 to 3");
  EXPECT_EQ(error("tensormap.replace.tile.rank.global.b1024.b64 [address], "
                  "offset;"),
            "'tensormap.replace.tile.rank.global.b1024.b64': a field .rank is "
            "of type .b32");
  EXPECT_EQ(error("cp.async.bulk.wait_group;"),
            "'cp.async.bulk.wait_group': 0 operands found, expected 1");
  EXPECT_EQ(error("cp.async.bulk.tensor.2d.shared::cluster.global.im2col."
                  "mbarrier::complete_tx::bytes [t0], [address, {t1, t2}], "
                  "[t3];"),
            "'cp.async.bulk.tensor.2d.shared::cluster.global.im2col.mbarrier::"
            "complete_tx::bytes': unknown or misplaced modifier '.im2col'");
  EXPECT_EQ(error("wgmma.wait_group.aligned 0;"),
            "'wgmma.wait_group.aligned': wgmma needs .sync.aligned");
  EXPECT_EQ(error("st.async.global.u32 [address], t0, [t1];"),
            "'st.async.global.u32': expected "
            ".shared::cluster.mbarrier::complete_tx::bytes");
}

} // namespace
