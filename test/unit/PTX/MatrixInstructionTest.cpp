//===- MatrixInstructionTest.cpp - mma, ldmatrix and movmatrix ------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Harness.h"
#include "Reference.h"

#include <bit>
#include <functional>
#include <sstream>

using namespace attn::ptx;
using namespace attn::ptx::reference;
using namespace attn::ptx::test;

namespace {

/// An element type of a matrix: its bits and what they stand for.
struct Element {
  int bits;
  std::function<uint64_t(int)> pattern;
  std::function<double(uint64_t)> value;
};

Element ofFormat(Format format, int bits, double scale) {
  return {bits,
          [=](int i) { return encode((i * 7919 % 11 - 5) * scale, format); },
          [=](uint64_t b) { return decode(uint32_t(b), format); }};
}
Element ofInteger(int bits, bool isSigned) {
  return {bits, [=](int i) { return uint64_t(i) * 101 & ((1u << bits) - 1); },
          [=](uint64_t b) {
            return isSigned && b >> (bits - 1) & 1
                       ? double(b) - double(1u << bits)
                       : double(b);
          }};
}
const Element f16 = ofFormat(kF16, 16, 0.5), bf16 = ofFormat(kBF16, 16, 0.5),
              e4m3 = ofFormat(kE4M3, 8, 0.5), e5m2 = ofFormat(kE5M2, 8, 1),
              s8 = ofInteger(8, true), u8 = ofInteger(8, false),
              s4 = ofInteger(4, true), u4 = ofInteger(4, false);
const Element f32 = {
    32, [](int i) { return bitCast<uint32_t>(float(i * 7919 % 11 - 5) / 2); },
    [](uint64_t b) { return double(bitCast<float>(uint32_t(b))); }};
const Element f64 = {
    64, [](int i) { return bitCast<uint64_t>(double(i * 7919 % 11 - 5) / 3); },
    [](uint64_t b) { return bitCast<double>(b); }};
const Element s32 = {32, [](int i) { return uint64_t(uint32_t(i * 77 - 400)); },
                     [](uint64_t b) { return double(int32_t(uint32_t(b))); }};

struct Shape {
  int m, n, k;
};

/// Where element `index` of a lane's fragment lies.
using Place = std::function<std::pair<int, int>(int lane, int index)>;

// The fragments of m16n8kK and m8n8kK. `width` elements share a register of 32
// bits, and rows of A and columns of B go in steps of four registers.

Place placeA(Shape s, int width) {
  bool tall = s.m == 16;
  return [=](int lane, int index) {
    int within = index % width, reg = index / width;
    int row = lane / 4 + (tall ? reg % 2 * 8 : 0);
    int step = tall ? reg / 2 : reg;
    return std::pair(row, lane % 4 * width + within + step * 4 * width);
  };
}
Place placeB(int width) {
  return [=](int lane, int index) {
    int within = index % width, reg = index / width;
    return std::pair(lane % 4 * width + within + reg * 4 * width, lane / 4);
  };
}
std::pair<int, int> placeC(int lane, int index) {
  return {lane / 4 + index / 2 * 8, lane % 4 * 2 + index % 2};
}

struct Mma {
  std::string text; // after mma.sync.aligned.
  Shape shape;
  Element a, b, c;
  std::string sparse = ""; // .sp, if half of A is zero
  int selector = 0;
};

/// Where the elements of A that are there lie in a row of a sparse one, and
/// how the metadata says so: two of four columns or, of elements of 32 bits,
/// one of two.
class Sparsity {
public:
  explicit Sparsity(const Mma &t) : t(t) {}
  int column(int row, int stored) const {
    if (t.a.bits == 32)
      return stored * 2 + second(row, stored);
    auto [low, high] = pair(row, stored / 2);
    return stored / 2 * 4 + (stored % 2 ? high : low);
  }
  /// Of the lanes that are not selected, garbage.
  uint32_t metadata(int lane) const {
    int columns = t.a.bits == 32 ? 8 : 16, threads = t.shape.k / columns;
    int thread = lane % 4 - t.selector * threads;
    if (thread < 0 || thread >= threads)
      return 0xffffffffu;
    uint32_t word = 0;
    for (int half = 0; half < 2; ++half)
      for (int n = 0; n < 4; ++n) {
        int row = lane / 4 + 8 * half, chunk = thread * 4 + n;
        auto [low, high] = pair(row, chunk);
        uint32_t bits = t.a.bits == 32 ? (second(row, chunk) ? 0b1110 : 0b0100)
                                       : low | high << 2;
        word |= bits << (16 * half + 4 * n);
      }
    return word;
  }

private:
  bool second(int row, int chunk) const { return (row * 3 + chunk) % 5 < 2; }
  std::pair<int, int> pair(int row, int chunk) const {
    static constexpr std::pair<int, int> pairs[] = {
        {0, 1}, {0, 2}, {0, 3}, {1, 2}, {1, 3}, {2, 3}, {3, 0}, {2, 1}};
    // Their order is free without ordered_metadata.
    return pairs[(row * 5 + chunk * 3) % (t.sparse == ".sp" ? 8 : 6)];
  }
  const Mma &t;
};

/// Registers of one lane's fragment, as many bits as the file `bits` wide
/// holds.
std::vector<uint64_t> pack(const std::vector<uint64_t> &elements, int bits,
                           int registerBits) {
  int width = std::max(1, registerBits / bits);
  std::vector<uint64_t> registers((elements.size() + width - 1) / width);
  for (size_t i = 0; i < elements.size(); ++i)
    registers[i / width] |= elements[i] << (i % width * bits);
  return registers;
}

/// Runs the instruction on one warp: each lane reads its registers of A, B and
/// C as 64-bit words and writes those of D.
void check(const Mma &t) {
  int registerBits = t.a.bits == 64 ? 64 : 32;
  int width = std::max(1, 32 / t.a.bits);
  auto [m, n, k] = t.shape;
  bool isSparse = !t.sparse.empty();
  Sparsity sparsity(t);
  int countA = m * (isSparse ? k / 2 : k) / 32, countB = k * n / 32,
      countC = m * n / 32;
  int regsA = std::max(1, countA * t.a.bits / registerBits),
      regsB = std::max(1, countB * t.b.bits / registerBits),
      cBits = t.c.bits == 64 ? 64 : 32,
      regsC = std::max(1, countC * t.c.bits / cBits);
  std::ostringstream text;
  auto type = [](int bits) { return bits == 64 ? ".b64" : ".b32"; };
  text << ".version 8.7\n.target sm_90a\n.address_size 64\n"
          ".visible .entry test(.param .u64 in, .param .u64 out)\n{\n"
          ".reg .b64 p, q, o, w;\n.reg .b32 t;\n"
       << ".reg " << type(registerBits) << " a<16>, b<16>, e<1>;\n.reg "
       << type(cBits) << " c<8>, d<8>;\n"
       << "ld.param.u64 p, [in];\nld.param.u64 q, [out];\nmov.u32 t, %tid.x;\n"
       << "mul.wide.u32 o, t, " << (regsA + regsB + regsC + isSparse) * 8
       << ";\nadd.s64 p, p, o;\nmul.wide.u32 o, t, " << regsC * 8
       << ";\nadd.s64 q, q, o;\n";
  int at = 0;
  auto load = [&](char name, int count, int bits) {
    for (int i = 0; i < count; ++i, ++at) {
      text << "ld.global.u64 w, [p + " << at * 8 << "];\n";
      if (bits == 64)
        text << "mov.b64 " << name << i << ", w;\n";
      else
        text << "cvt.u32.u64 " << name << i << ", w;\n";
    }
  };
  load('a', regsA, registerBits);
  load('b', regsB, registerBits);
  load('c', regsC, cBits);
  load('e', isSparse, 32);
  auto list = [&](char name, int count) {
    text << "{";
    for (int i = 0; i < count; ++i)
      text << (i ? ", " : "") << name << i;
    text << "}";
  };
  text << "mma" << t.sparse << ".sync.aligned." << t.text << " ";
  list('d', regsC);
  text << ", ";
  list('a', regsA);
  text << ", ";
  list('b', regsB);
  text << ", ";
  list('c', regsC);
  if (isSparse)
    text << ", e0, " << t.selector;
  text << ";\n";
  for (int i = 0; i < regsC; ++i) {
    if (cBits == 64)
      text << "mov.b64 w, d" << i << ";\n";
    else
      text << "cvt.u64.u32 w, d" << i << ";\n";
    text << "st.global.u64 [q + " << i * 8 << "], w;\n";
  }
  text << "ret;\n}\n";

  Place a = placeA(t.shape, width), b = placeB(width);
  std::vector<double> matrixA(m * k), matrixB(k * n), matrixC(m * n);
  std::vector<uint64_t> in;
  for (int lane = 0; lane < 32; ++lane) {
    std::vector<uint64_t> elements;
    auto append = [&](int bits, int total) {
      std::vector<uint64_t> registers = pack(elements, bits, total);
      in.insert(in.end(), registers.begin(), registers.end());
      elements.clear();
    };
    for (int i = 0; i < countA; ++i) {
      auto [row, column] = a(lane, i);
      if (isSparse)
        column = sparsity.column(row, column);
      elements.push_back(t.a.pattern(row * k + column));
      matrixA[row * k + column] = t.a.value(elements.back());
    }
    append(t.a.bits, registerBits);
    for (int i = 0; i < countB; ++i) {
      auto [row, column] = b(lane, i);
      elements.push_back(t.b.pattern(row * n + column + 3));
      matrixB[row * n + column] = t.b.value(elements.back());
    }
    append(t.b.bits, registerBits);
    for (int i = 0; i < countC; ++i) {
      auto [row, column] = placeC(lane, i);
      elements.push_back(t.c.pattern(row * n + column + 7));
      matrixC[row * n + column] = t.c.value(elements.back());
    }
    append(t.c.bits, cBits);
    if (isSparse)
      in.push_back(sparsity.metadata(lane));
  }
  Runner runner(text.str(), "mma.ptx");
  auto out = runner.zeros<uint64_t>(32 * regsC);
  Totals totals =
      runner.launch("test", {.grid = 1, .block = 32}, runner.upload(in), out);
  std::vector<uint64_t> got = runner.read(out);
  int perRegister = std::max(1, cBits / t.c.bits), bad = 0;
  for (int lane = 0; lane < 32; ++lane)
    for (int i = 0; i < countC; ++i) {
      auto [row, column] = placeC(lane, i);
      double sum = matrixC[row * n + column];
      for (int l = 0; l < k; ++l)
        sum += matrixA[row * k + l] * matrixB[l * n + column];
      uint64_t bits =
          got[lane * regsC + i / perRegister] >> (i % perRegister * t.c.bits);
      if (t.c.bits < 64)
        bits &= (uint64_t(1) << t.c.bits) - 1;
      double value = t.c.value(bits);
      bool good =
          t.c.bits == 64 ? std::fabs(value - sum) <= 1e-12 : value == sum;
      if (!good && ++bad < 4)
        ADD_FAILURE() << t.text << ": element (" << row << ", " << column
                      << ") is " << value << ", expected " << sum;
    }
  EXPECT_EQ(totals.of("mma").mmaFlops, 2ull * m * n * k) << t.text;
  EXPECT_EQ(totals.of("mma").mmaOps, 1u) << t.text;
}

TEST(MatrixInstruction, MmaF16) {
  check({"m16n8k8.row.col.f32.f16.f16.f32", {16, 8, 8}, f16, f16, f32});
  check({"m16n8k16.row.col.f32.f16.f16.f32", {16, 8, 16}, f16, f16, f32});
  check({"m16n8k8.row.col.f16.f16.f16.f16", {16, 8, 8}, f16, f16, f16});
  check({"m16n8k16.row.col.f16.f16.f16.f16", {16, 8, 16}, f16, f16, f16});
}

TEST(MatrixInstruction, MmaBF16AndTF32) {
  check({"m16n8k8.row.col.f32.bf16.bf16.f32", {16, 8, 8}, bf16, bf16, f32});
  check({"m16n8k16.row.col.f32.bf16.bf16.f32", {16, 8, 16}, bf16, bf16, f32});
  check({"m16n8k4.row.col.f32.tf32.tf32.f32", {16, 8, 4}, f32, f32, f32});
  check({"m16n8k8.row.col.f32.tf32.tf32.f32", {16, 8, 8}, f32, f32, f32});
}

TEST(MatrixInstruction, MmaSparse) {
  for (const char *variant : {".sp", ".sp::ordered_metadata"}) {
    for (int selector = 0; selector < 4; ++selector) {
      check({"m16n8k16.row.col.f32.f16.f16.f32",
             {16, 8, 16},
             f16,
             f16,
             f32,
             variant,
             selector});
      check({"m16n8k16.row.col.f16.f16.f16.f16",
             {16, 8, 16},
             f16,
             f16,
             f16,
             variant,
             selector});
      check({"m16n8k8.row.col.f32.tf32.tf32.f32",
             {16, 8, 8},
             f32,
             f32,
             f32,
             variant,
             selector});
    }
    for (int selector = 0; selector < 2; ++selector) {
      check({"m16n8k32.row.col.f32.f16.f16.f32",
             {16, 8, 32},
             f16,
             f16,
             f32,
             variant,
             selector});
      check({"m16n8k32.row.col.f32.bf16.bf16.f32",
             {16, 8, 32},
             bf16,
             bf16,
             f32,
             variant,
             selector});
      check({"m16n8k16.row.col.f32.tf32.tf32.f32",
             {16, 8, 16},
             f32,
             f32,
             f32,
             variant,
             selector});
    }
  }
}

std::string sparseText(const char *instruction, const char *metadata) {
  return std::string(".version 8.7\n.target sm_80\n.address_size 64\n"
                     ".visible .entry test() {\n.reg .b32 a<4>, b<4>, e;\n"
                     ".reg .f32 c<4>;\nmov.b32 a0, 0;\nmov.b32 a1, 0;\n"
                     "mov.b32 b0, 0;\nmov.b32 b1, 0;\nmov.f32 c0, 0f00000000;"
                     "\nmov.f32 c1, c0;\nmov.f32 c2, c0;\nmov.f32 c3, c0;\n"
                     "mov.b32 e, ") +
         metadata + ";\n" + instruction + "\nret;\n}\n";
}

constexpr const char *sparse =
    "mma.sp.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {c0, c1, c2, c3}, "
    "{a0, a1}, {b0, b1}, {c0, c1, c2, c3}, e, 0;";
constexpr const char *ordered =
    "mma.sp::ordered_metadata.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 "
    "{c0, c1, c2, c3}, {a0, a1}, {b0, b1}, {c0, c1, c2, c3}, e, 0;";

TEST(MatrixInstruction, SparseErrors) {
  auto fault = [](const char *instruction, const char *metadata) {
    Runner runner(sparseText(instruction, metadata), "mma.ptx");
    return runner.fault("test", {.grid = 1, .block = 32});
  };
  EXPECT_EQ(fault(sparse, "0x44444444"), "");
  EXPECT_EQ(fault(sparse, "0x41444444"), "");
  EXPECT_EQ(fault(sparse, "0x44445444"),
            "mma.ptx:16: error: mma.sp.sync.aligned.m16n8k16.row.col.f32.f16."
            "f16.f32: the metadata 0x44445444 has the indices 1 and 1 for "
            "columns 12 to 15 of row 0, expected different ones, block "
            "(0,0,0), thread (0,0,0)");
  EXPECT_EQ(fault(ordered, "0x44444444"), "");
  EXPECT_EQ(fault(ordered, "0x41444444"),
            "mma.ptx:16: error: mma.sp::ordered_metadata.sync.aligned.m16n8k16."
            "row.col.f32.f16.f16.f32: the metadata 0x41444444 has the indices "
            "1 and 0 for columns 8 to 11 of row 8, expected the lower one "
            "first, block (0,0,0), thread (0,0,0)");
  std::string selector = sparse;
  selector.replace(selector.find("e, 0"), 4, "e, 4");
  EXPECT_EQ(loadError(sparseText(selector.c_str(), "0")),
            "test.ptx:16: error: 'mma.sp.sync.aligned.m16n8k16.row.col.f32.f16."
            "f16.f32': a sparsity selector of 4, expected 0 to 3");
  EXPECT_EQ(loadError(sparseText("mma.sp.sync.aligned.m16n8k32.row.col.s32.s8."
                                 "s8.s32 {c0, c1, c2, c3}, {a0, a1}, {b0, b1}, "
                                 "{c0, c1, c2, c3}, e, 0;",
                                 "0")),
            "test.ptx:16: error: 'mma.sp.sync.aligned.m16n8k32.row.col.s32.s8."
            "s8.s32': sparse shape m16n8k32 with .s8 and .s8");
}

TEST(MatrixInstruction, MmaFP8) {
  check({"m16n8k32.row.col.f32.e4m3.e4m3.f32", {16, 8, 32}, e4m3, e4m3, f32});
  check({"m16n8k32.row.col.f32.e5m2.e4m3.f32", {16, 8, 32}, e5m2, e4m3, f32});
  check({"m16n8k16.row.col.f32.e4m3.e5m2.f32", {16, 8, 16}, e4m3, e5m2, f32});
}

TEST(MatrixInstruction, MmaDouble) {
  check({"m8n8k4.row.col.f64.f64.f64.f64", {8, 8, 4}, f64, f64, f64});
  check({"m16n8k4.row.col.f64.f64.f64.f64", {16, 8, 4}, f64, f64, f64});
  check({"m16n8k8.row.col.f64.f64.f64.f64", {16, 8, 8}, f64, f64, f64});
  check({"m16n8k16.row.col.f64.f64.f64.f64", {16, 8, 16}, f64, f64, f64});
}

TEST(MatrixInstruction, MmaIntegers) {
  check({"m8n8k16.row.col.s32.s8.s8.s32", {8, 8, 16}, s8, s8, s32});
  check({"m16n8k16.row.col.s32.u8.s8.s32", {16, 8, 16}, u8, s8, s32});
  check({"m16n8k32.row.col.s32.s8.u8.s32", {16, 8, 32}, s8, u8, s32});
  check({"m16n8k32.row.col.satfinite.s32.u8.u8.s32", {16, 8, 32}, u8, u8, s32});
  check({"m8n8k32.row.col.s32.s4.s4.s32", {8, 8, 32}, s4, s4, s32});
  check({"m16n8k32.row.col.s32.u4.s4.s32", {16, 8, 32}, u4, s4, s32});
  check({"m16n8k64.row.col.s32.s4.u4.s32", {16, 8, 64}, s4, u4, s32});
}

/// One warp that fills shared memory with the numbers of its halfwords, runs a
/// snippet that writes r0 to r3 and stores them.
std::vector<uint32_t> runMatrixSnippet(const std::string &snippet) {
  std::string text = R"(.version 8.7
.target sm_90a
.address_size 64
.visible .entry test(.param .u64 out)
{
.reg .b64 q, o;
.reg .b32 t, at, base, v, r0, r1, r2, r3;
.shared .align 16 .b8 tile[512];
ld.param.u64 q, [out];
mov.u32 t, %tid.x;
mov.u32 base, tile;
mul.wide.u32 o, t, 16;
add.s64 q, q, o;
// Halfword i holds i: lane t writes words 4t to 4t + 3.
mad.lo.u32 at, t, 16, base;
mul.lo.u32 v, t, 0x80008;
add.u32 r0, v, 0x10000;
add.u32 r1, v, 0x30002;
add.u32 r2, v, 0x50004;
add.u32 r3, v, 0x70006;
st.shared.v4.b32 [at], {r0, r1, r2, r3};
bar.warp.sync 0xffffffff;
mov.u32 r0, 0;
mov.u32 r1, 0;
mov.u32 r2, 0;
mov.u32 r3, 0;
)" + snippet + R"(
st.global.v4.b32 [q], {r0, r1, r2, r3};
ret;
}
)";
  Runner runner(text, "matrix.ptx");
  auto out = runner.zeros<uint32_t>(128);
  runner.launch("test", {.grid = 1, .block = 32}, out);
  return runner.read(out);
}

uint32_t pairOf(int low, int high) { return uint32_t(high) << 16 | low; }

TEST(MatrixInstruction, LoadMatrix) {
  // Rows are given by lanes 0 to 7, 8 to 15, …; here in reverse, so that the
  // row of matrix i is the halfwords 8 * (31 - (8 i + row)).
  for (bool transposed : {false, true})
    for (int count : {1, 2, 4}) {
      std::string registers = count == 1   ? "{r0}"
                              : count == 2 ? "{r0, r1}"
                                           : "{r0, r1, r2, r3}";
      std::vector<uint32_t> got = runMatrixSnippet(
          "sub.u32 v, 31, t;\nmad.lo.u32 at, v, 16, base;\n"
          "ldmatrix.sync.aligned.m8n8.x" +
          std::to_string(count) + (transposed ? ".trans" : "") +
          ".shared.b16 " + registers + ", [at];");
      auto element = [](int matrix, int row, int column) {
        return 8 * (31 - (8 * matrix + row)) + column;
      };
      for (int lane = 0; lane < 32; ++lane)
        for (int i = 0; i < 4; ++i) {
          int row = lane / 4, column = lane % 4 * 2;
          uint32_t expected =
              i >= count ? 0
              : transposed
                  ? pairOf(element(i, column, row), element(i, column + 1, row))
                  : pairOf(element(i, row, column),
                           element(i, row, column + 1));
          EXPECT_EQ(got[lane * 4 + i], expected)
              << "x" << count << ", lane " << lane << ", register " << i;
        }
    }
}

TEST(MatrixInstruction, MoveMatrix) {
  std::vector<uint32_t> got =
      runMatrixSnippet("mad.lo.u32 at, t, 4, base;\nld.shared.b32 v, [at];\n"
                       "movmatrix.sync.aligned.m8n8.trans.b16 r0, v;");
  for (int lane = 0; lane < 32; ++lane) {
    int row = lane / 4, column = lane % 4 * 2;
    EXPECT_EQ(got[lane * 4], pairOf(column * 8 + row, (column + 1) * 8 + row));
  }
}

} // namespace
