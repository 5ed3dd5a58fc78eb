//===- ParserTest.cpp - Errors of PTX text, and text that is not PTX ------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Harness.h"
#include "Reference.h"

#include "llvm/ADT/StringExtras.h"

#include <random>

using namespace attn::ptx;
using namespace attn::ptx::reference;
using namespace attn::ptx::test;

namespace {

constexpr const char *header =
    ".version 8.7\n.target sm_90a\n.address_size 64\n";

/// The error of a kernel with this body, whose first line is line 7.
std::string bodyError(const std::string &body) {
  return loadError(std::string(header) +
                   ".visible .entry test(.param .u64 p)\n{\n"
                   ".reg .pred %p<4>; .reg .b32 %r<8>; .reg .b64 %d<8>; "
                   ".reg .b16 %h<4>; .reg .f32 %f<8>;\n" +
                   body + "\nret;\n}\n");
}

struct ErrorCase {
  const char *body;
  const char *message; // after "test.ptx:7: error: "
};

class ParserError : public testing::TestWithParam<ErrorCase> {};

TEST_P(ParserError, IsNamed) {
  EXPECT_EQ(bodyError(GetParam().body),
            std::string("test.ptx:7: error: ") + GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    PTX, ParserError,
    testing::Values(
        ErrorCase{"frobnicate.s32 %r0, %r1;",
                  "unknown instruction 'frobnicate.s32'"},
        ErrorCase{"add.q32 %r0, %r1, %r2;", "'add.q32': a type is missing"},
        ErrorCase{"add.s32 %r0, %r1;",
                  "'add.s32': 2 operands found, expected 3"},
        ErrorCase{"add.s32 %r0, %r1, %r9;",
                  "'add.s32': '%r9' is not a declared register"},
        ErrorCase{
            "add.s32 %d0, %r1, %r2;",
            "'add.s32': destination '%d0' is of type .b64, expected .s32"},
        ErrorCase{"add.s32.wide %r0, %r1, %r2;",
                  "'add.s32.wide': unknown or misplaced modifier '.wide'"},
        ErrorCase{"bra nowhere;", "'bra': label 'nowhere' is not defined"},
        ErrorCase{"ld.global.u32 %r0, %r1;",
                  "'ld.global.u32': an address in brackets is expected"},
        ErrorCase{"ld.global.u32 %r0, [%r1];",
                  "'ld.global.u32': address register '%r1' has 32 bits, "
                  "expected 64 in space global"},
        ErrorCase{"mov.u32 %r0, missing;",
                  "'mov.u32': 'missing' is not declared"},
        ErrorCase{"@%r0 mov.u32 %r1, %r2;",
                  "'%r0' is not a predicate register"},
        ErrorCase{".reg .b33 %x;", "unknown type '.b33'"},
        ErrorCase{"mov.u32 %r0, 0x;", "'0x' is not a 64-bit integer"},
        ErrorCase{"call missing, (%r0);", "'call': 'missing' is not declared"},
        ErrorCase{"setmaxnreg.inc.sync.aligned.u32 20;",
                  "'setmaxnreg.inc.sync.aligned.u32': 20 registers, expected a "
                  "multiple of 8 from 24 to 256"},
        ErrorCase{"wgmma.mma_async.sync.aligned.m64n12k16.f32.f16.f16 "
                  "{%f0, %f1, %f2, %f3}, %d0, %d1, 1, 1, 1, 0, 0;",
                  "'wgmma.mma_async.sync.aligned.m64n12k16.f32.f16.f16': n is "
                  "12, expected a multiple of 8 up to 256"},
        ErrorCase{"wgmma.mma_async.sync.aligned.m64n8k16.f32.f16.bf16 "
                  "{%f0, %f1, %f2, %f3}, %d0, %d1, 1, 1, 1, 0, 0;",
                  "'wgmma.mma_async.sync.aligned.m64n8k16.f32.f16.bf16': no "
                  "product of .f16 and .bf16 has a .f32 result"},
        ErrorCase{"wgmma.mma_async.sync.aligned.m64n8k16.f32.f16.f16 "
                  "{%f0, %f1}, %d0, %d1, 1, 1, 1, 0, 0;",
                  "'wgmma.mma_async.sync.aligned.m64n8k16.f32.f16.f16': d must "
                  "be a vector of 4 registers"},
        ErrorCase{"wgmma.mma_async.sync.aligned.m64n8k16.f32.f16.f16 "
                  "{%f0, %f1, %f2, %f3}, %d0, %d1, 1, 2, 1, 0, 0;",
                  "'wgmma.mma_async.sync.aligned.m64n8k16.f32.f16.f16': "
                  "operand 5 is 2, expected 1 or -1"},
        ErrorCase{"cp.async.bulk.tensor.2d.shared::cluster.global"
                  ".mbarrier::complete_tx::bytes [%r0], [%d0, {%r1}], [%r2];",
                  "'cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::"
                  "complete_tx::bytes': expected 2 coordinates"},
        ErrorCase{
            "cp.async.bulk.shared::cluster.global.bulk_group [%r0], "
            "[%d0], %r1;",
            "'cp.async.bulk.shared::cluster.global.bulk_group': a copy to "
            "shared memory completes by .mbarrier::complete_tx::bytes"},
        ErrorCase{"mbarrier.frob.shared.b64 [%r0];",
                  "'mbarrier.frob.shared.b64': unknown operation of mbarrier"},
        ErrorCase{
            "barrier.cluster.sync;",
            "'barrier.cluster.sync': barrier.cluster needs .arrive or .wait"},
        ErrorCase{"mma.sync.aligned.m16n8k99.row.col.f32.f16.f16.f32 "
                  "{%f0, %f1, %f2, %f3}, {%r0, %r1}, {%r2}, "
                  "{%f0, %f1, %f2, %f3};",
                  "'mma.sync.aligned.m16n8k99.row.col.f32.f16.f16.f32': an "
                  "unknown shape"}),
    [](const auto &info) { return std::to_string(info.index); });

TEST(ParserError, Module) {
  EXPECT_EQ(loadError(""),
            "test.ptx:1: error: the text ends where .version is expected");
  EXPECT_EQ(loadError("hello"),
            "test.ptx:1: error: found 'hello', expected .version");
  EXPECT_EQ(bodyError("add.s32 %r0, %r1, %r2"),
            "test.ptx:8: error: found 'ret', expected ';'");
  EXPECT_EQ(loadError(std::string(header) + ".visible .entry f() { ret; "),
            "test.ptx:4: error: the text ends where an instruction is "
            "expected");
  EXPECT_EQ(loadError(std::string(header) + "/* open"),
            "test.ptx:4: error: the comment does not end");
  EXPECT_EQ(loadError(std::string(header) + ".file 1 \"open\n.loc 1 1\n\"\n"),
            "test.ptx:4: error: a string without its closing quote");
  EXPECT_EQ(loadError(std::string(header) +
                      ".visible .entry f() { l: ret; l: ret; }"),
            "test.ptx:4: error: label 'l' is defined twice");
  EXPECT_EQ(loadError(std::string(header) + ".visible .entry f() { ret; }\n"
                                            ".visible .entry f() { ret; }"),
            "test.ptx:5: error: function 'f' is defined twice");
}

//===----------------------------------------------------------------------===//
// Launching
//===----------------------------------------------------------------------===//

TEST(Launch, Arguments) {
  Runner runner(std::string(header) +
                    ".visible .entry k(.param .u64 a, .param .u32 b)\n"
                    ".reqntid 64\n{ ret; }\n",
                "launch.ptx");
  auto buffer = runner.zeros<int>(4);
  EXPECT_EQ(runner.fault("k", {.grid = 1, .block = 64}, buffer, 1), "");
  EXPECT_EQ(runner.fault("missing", {.grid = 1, .block = 64}, buffer, 1),
            "launch.ptx: error: no kernel 'missing', it has k");
  EXPECT_EQ(runner.fault("k", {.grid = 1, .block = 64}, buffer),
            "launch.ptx: error: kernel 'k': 1 arguments, expected 2");
  EXPECT_EQ(runner.fault("k", {.grid = 1, .block = 64}, buffer, 1ll),
            "launch.ptx: error: kernel 'k': argument 1 has 8 bytes, parameter "
            "'b' has 4");
  EXPECT_EQ(runner.fault("k", {.grid = 1, .block = 32}, buffer, 1),
            "launch.ptx: error: kernel 'k': a block of 32x1x1 threads, "
            "expected 64x1x1 (.reqntid)");
  EXPECT_EQ(runner.fault("k", {.grid = 0, .block = 64}, buffer, 1),
            "launch.ptx: error: kernel 'k': a grid of 0x1x1 blocks, expected "
            "at least one");
  EXPECT_EQ(runner.fault("k", {.grid = 1, .block = 64, .shared = 1u << 30},
                         buffer, 1),
            "launch.ptx: error: kernel 'k': 1073741824 bytes of shared "
            "memory, expected at most 232448 on sm_90a");
}

TEST(Launch, FreedBuffer) {
  Runner runner(std::string(header) + ".visible .entry k(.param .u64 a)\n"
                                      "{\n.reg .b64 %d; .reg .b32 %r;\n"
                                      "ld.param.u64 %d, [a];\n"
                                      "ld.global.u32 %r, [%d];\nret; }\n",
                "launch.ptx");
  auto buffer = runner.zeros<int>(4, "x");
  EXPECT_EQ(runner.fault("k", {.grid = 1, .block = 1}, buffer), "");
  ASSERT_FALSE(runner.getDevice().free(buffer.address));
  EXPECT_EQ(runner.fault("k", {.grid = 1, .block = 1}, buffer),
            "launch.ptx:8: error: ld.global.u32: use after free: read of 4 "
            "bytes at 0x10000000000 in freed array 'x' of 16 bytes, block "
            "(0,0,0), thread (0,0,0)");
  EXPECT_EQ(llvm::toString(runner.getDevice().free(buffer.address)),
            "0x10000000000 is the address of array 'x' of 16 bytes, which is "
            "freed already");
  Buffer<int> other = runner.zeros<int>(4, "y");
  EXPECT_EQ(llvm::toString(runner.getDevice().free(other.address + 4)),
            "0x" + llvm::utohexstr(other.address + 4, true) +
                " is not the address of an allocation, but lies 4 bytes into "
                "array 'y' of 16 bytes");
  EXPECT_EQ(llvm::toString(runner.getDevice().free(64)),
            "0x40 is not the address of an allocation");
}

//===----------------------------------------------------------------------===//
// Fuzzing
//===----------------------------------------------------------------------===//

/// A text with some of its bytes, tokens and lines changed.
std::string mutate(std::string text, std::mt19937 &random) {
  static const std::string tokens[] = {"{",
                                       "}",
                                       "[",
                                       "]",
                                       "(",
                                       ")",
                                       ";",
                                       ",",
                                       "@",
                                       "!",
                                       "|",
                                       "<",
                                       ">",
                                       ":",
                                       ".",
                                       "%",
                                       "+",
                                       "-",
                                       "0x",
                                       "0f",
                                       "0d",
                                       "_",
                                       "\"",
                                       "/*",
                                       "//",
                                       std::string(1, 0),
                                       ".reg",
                                       ".pred",
                                       ".entry",
                                       ".func",
                                       ".shared",
                                       ".param",
                                       ".b64",
                                       ".v4",
                                       "99999999999999999999",
                                       "-9223372036854775808",
                                       "0xffffffffffffffff",
                                       "wgmma",
                                       "mma",
                                       "cp.async.bulk",
                                       ".branchtargets",
                                       "call"};
  int changes = 1 + random() % 4;
  for (int i = 0; i < changes && !text.empty(); ++i) {
    size_t at = random() % text.size();
    switch (random() % 6) {
    case 0:
      text[at] = char(random());
      break;
    case 1:
      text.erase(at, 1 + random() % 12);
      break;
    case 2:
      text.insert(at, tokens[random() % std::size(tokens)]);
      break;
    case 3: { // a piece of itself
      size_t from = random() % text.size();
      text.insert(at, text.substr(from, random() % 60));
      break;
    }
    case 4:
      text.resize(at);
      break;
    case 5: { // one line replaces another
      size_t from = random() % text.size();
      size_t begin = text.rfind('\n', from), end = text.find('\n', from);
      if (begin == std::string::npos || end == std::string::npos)
        break;
      size_t to = text.find('\n', at);
      if (to != std::string::npos)
        text.insert(to, text.substr(begin, end - begin));
      break;
    }
    }
  }
  return text;
}

/// The text of an error, which must be one line.
std::string expectOneLine(llvm::Error error) {
  std::string text = llvm::toString(std::move(error));
  EXPECT_FALSE(text.empty());
  EXPECT_EQ(text.find('\n'), std::string::npos) << text;
  return text;
}

/// Any text either loads or gives one line that names the file; what loads
/// either runs or gives one.
void fuzz(const std::string &text, unsigned seed, int rounds) {
  std::mt19937 random(seed);
  for (int i = 0; i < rounds; ++i) {
    std::string mutated = mutate(text, random);
    Device device;
    llvm::Expected<const Module *> module = device.load(mutated, "fuzz.ptx");
    if (!module) {
      std::string error = expectOneLine(module.takeError());
      EXPECT_TRUE(llvm::StringRef(error).starts_with("fuzz.ptx:")) << error;
      continue;
    }
    for (const std::string &name : (*module)->getKernelNames()) {
      llvm::Expected<Kernel> kernel = (*module)->getKernel(name);
      if (!kernel) {
        expectOneLine(kernel.takeError());
        continue;
      }
      std::vector<Argument> arguments;
      llvm::Expected<uint64_t> buffer = device.allocate(4096, "buffer");
      ASSERT_TRUE(bool(buffer));
      for (const Parameter &p : kernel->getParameters()) {
        if (p.size > 1 << 16)
          break;
        std::vector<uint8_t> bytes(p.size);
        if (p.size == 8)
          std::memcpy(bytes.data(), &*buffer, 8);
        else if (!bytes.empty())
          bytes[0] = 3;
        arguments.push_back(Argument::bytes(bytes));
      }
      LaunchOptions options;
      options.maxSteps = 3000;
      options.threads = 1;
      llvm::Expected<LaunchStats> stats = device.launch(
          *kernel, {1, 1, 1}, {64, 1, 1}, 1024, arguments, options);
      if (!stats)
        expectOneLine(stats.takeError());
    }
  }
}

TEST(Fuzz, Snippets) {
  std::string text = std::string(header) + R"(
.const .align 4 .u32 table[4] = {1, 2, 3, 4};
.shared .align 16 .b8 tile[512];
.func (.param .b32 r) helper (.param .b32 a)
{
  .reg .b32 x;
  ld.param.b32 x, [a];
  add.s32 x, x, 1;
  st.param.b32 [r], x;
  ret;
}
.visible .entry test(.param .u64 p, .param .u32 n)
{
  .reg .pred %p<4>; .reg .b32 %r<8>; .reg .b64 %d<8>; .reg .f32 %f<8>;
  ld.param.u64 %d0, [p];
  ld.param.u32 %r0, [n];
  mov.u32 %r1, %tid.x;
  mad.wide.u32 %d1, %r1, 4, %d0;
  ld.global.u32 %r2, [%d1];
  setp.lt.s32 %p0|%p1, %r2, %r0;
  @%p0 bra $L1;
  {
  .param .b32 a0;
  .param .b32 r0;
  st.param.b32 [a0], %r2;
  call.uni (r0), helper, (a0);
  ld.param.b32 %r3, [r0];
  }
  st.global.u32 [%d1], %r3;
$L1:
  mov.u32 %r4, tile;
  mad.lo.u32 %r5, %r1, 4, %r4;
  cp.async.ca.shared.global [%r5], [%d1], 4;
  cp.async.wait_all;
  bar.sync 0;
  ld.shared.v2.u32 {%r6, %r7}, [tile + 8];
  shfl.sync.bfly.b32 %r3|%p2, %r6, 1, 31, 0xffffffff;
  ld.const.u32 %r2, [table + 4];
  cvt.rn.f32.s32 %f0, %r2;
  ex2.approx.ftz.f32 %f1, %f0;
  fma.rn.f32 %f2, %f1, 0f3F800000, %f0;
  vote.sync.ballot.b32 %r0, %p2, 0xffffffff;
  mov.b64 %d2, {%r6, %r7};
  atom.global.add.u32 %r1, [%d0], 1;
  prmt.b32 %r2, %r3, %r0, 0x3210;
  ret;
}
)";
  ASSERT_EQ(loadError(text), "");
  fuzz(text, 1, 3000);
}

TEST(Fuzz, Hopper) {
  std::string text = R"(
.version 8.7
.target sm_90a
.address_size 64
.visible .entry test(.param .align 64 .b8 map[128], .param .u64 p)
    .reqnctapercluster 1
{
  .shared .align 1024 .b8 a[8192];
  .shared .align 1024 .b8 b[2048];
  .shared .align 8 .b64 full;
  .reg .pred %p<4>; .reg .b32 %r<8>; .reg .b64 %d<8>; .reg .f32 %f<8>;
  ld.param.u64 %d0, [p];
  mov.u32 %r0, %tid.x;
  mov.u32 %r1, a;
  mov.u32 %r2, full;
  setp.eq.u32 %p0, %r0, 0;
  @%p0 mbarrier.init.shared::cta.b64 [full], 1;
  fence.mbarrier_init.release.cluster;
  mad.lo.u32 %r3, %r0, 16, %r1;
  st.shared.v4.u32 [%r3], {%r0, %r0, %r0, %r0};
  fence.proxy.async.shared::cta;
  barrier.cluster.arrive.release.aligned;
  barrier.cluster.wait.acquire.aligned;
  @%p0 mbarrier.arrive.expect_tx.shared::cta.b64 %d1, [full], 2048;
  @%p0 cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [%r1], [%d0], 1024, [%r2];
  @%p0 cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes.multicast::cluster [%r1+1024], [%d0], 1024, [%r2], 1;
wait:
  mbarrier.try_wait.parity.shared::cta.b64 %p1, [full], 0;
  @!%p1 bra wait;
  mov.u64 %d2, map;
  cvta.param.u64 %d2, %d2;
  @%p0 prefetch.tensormap [%d2];
  @%p0 cp.async.bulk.tensor.2d.shared::cluster.global.tile.mbarrier::complete_tx::bytes [%r1], [%d2, {%r0, %r0}], [%r2];
  @%p0 cp.async.bulk.global.shared::cta.bulk_group [%d0], [%r1], 512;
  cp.async.bulk.commit_group;
  cp.async.bulk.wait_group.read 0;
  shr.u32 %r4, %r1, 4;
  cvt.u64.u32 %d3, %r4;
  or.b64 %d3, %d3, 0x0000001000080000;
  mov.f32 %f0, 0f00000000; mov.f32 %f1, %f0; mov.f32 %f2, %f0; mov.f32 %f3, %f0;
  setmaxnreg.inc.sync.aligned.u32 160;
  wgmma.fence.sync.aligned;
  wgmma.mma_async.sync.aligned.m64n8k16.f32.f16.f16 {%f0, %f1, %f2, %f3}, %d3, %d3, 1, 1, 1, 0, 0;
  wgmma.mma_async.sync.aligned.m64n8k32.f32.e4m3.e5m2 {%f0, %f1, %f2, %f3}, {%r0, %r0, %r0, %r0}, %d3, 1, 1, 1;
  wgmma.commit_group.sync.aligned;
  wgmma.wait_group.sync.aligned 0;
  mapa.shared::cluster.u32 %r5, %r2, 0;
  mbarrier.arrive.release.cluster.shared::cluster.b64 _, [%r5];
  st.async.shared::cluster.mbarrier::complete_tx::bytes.u32 [%r1], %r0, [%r2];
  stmatrix.sync.aligned.m8n8.x2.shared.b16 [%r3], {%r0, %r1};
  elect.sync %r6|%p2, 0xffffffff;
  @%p2 st.global.f32 [%d0], %f0;
  ret;
}
)";
  ASSERT_EQ(loadError(text), "");
  fuzz(text, 4, 3000);
}

TEST(Fuzz, TritonTma) {
  fuzz(readFile(std::string(ATTN_PTX_TRITON) + "/attn_tma_sm90_causal.ptx"), 5,
       30);
  fuzz(readFile(std::string(ATTN_PTX_TRITON) + "/matmul_cluster_sm90.ptx"), 6,
       60);
}

TEST(Fuzz, Triton) {
  fuzz(readFile(std::string(ATTN_PTX_TRITON) + "/attn_sm80_causal.ptx"), 2, 60);
}

/// Not PTX at all.
TEST(Fuzz, Noise) {
  std::mt19937 random(3);
  for (int i = 0; i < 500; ++i) {
    std::string text = i % 2 ? header : "";
    for (int n = random() % 300; n > 0; --n)
      text += char(i % 3 ? 32 + random() % 96 : random());
    std::string error = loadError(text);
    EXPECT_TRUE(error.empty() ||
                llvm::StringRef(error).starts_with("test.ptx:"))
        << error;
  }
}

} // namespace
