//===- HopperWgmmaTest.cpp - Products with wgmma.mma_async ----------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Harness.h"
#include "Reference.h"

#include "ptx/TensorMap.h"

#include <bit>
#include <functional>

using namespace attn::ptx;
using namespace attn::ptx::reference;
using namespace attn::ptx::test;

namespace {

std::string kernels() { return compiledKernel("hopper_wgmma", "sm_90a"); }

constexpr int rows = 64, columns = 32; // M and N

/// How an operand of `count` rows lies in shared memory.
struct Layout {
  bool isKMajor;
  int swizzleBytes; // 0, 32, 64, 128
  uint64_t leading = 0, stride = 0;
  int size = 0; // bytes of the image

  /// With strides that leave gaps.
  Layout(bool isKMajor, int swizzleBytes, int count)
      : isKMajor(isKMajor), swizzleBytes(swizzleBytes) {
    uint64_t atom = swizzleBytes ? 8 * swizzleBytes : 128;
    if (isKMajor) {
      stride = 2 * atom;
      leading = swizzleBytes ? 16 : stride * (count / 8) + 48;
      size = stride * (count / 8) + (swizzleBytes ? 0 : leading);
    } else if (swizzleBytes) {
      int perAtom = swizzleBytes / 2; // rows
      stride = atom;                  // two groups of eight k
      leading = 3 * atom;
      size = leading * ((count + perAtom - 1) / perAtom) + stride;
    } else {
      stride = atom + 32;
      leading = stride * (count / 8) + 16;
      size = 2 * leading;
    }
  }

  uint64_t descriptor() const {
    uint64_t mode = swizzleBytes == 128  ? 1
                    : swizzleBytes == 64 ? 2
                    : swizzleBytes == 32 ? 3
                                         : 0;
    return mode << 62 | stride / 16 << 32 | leading / 16 << 16;
  }

  /// The byte of element (row, k), by the ISA's table of canonical layouts.
  int offsetOf(int row, int k, int elementBytes) const {
    int t = 16 / elementBytes; // elements in 128 bits
    int chunks = swizzleBytes / 16;
    int64_t offset;               // in bytes
    if (isKMajor && swizzleBytes) // ((8,m),(T,2k)):((w T,SBO),(1,T))
      offset = row % 8 * swizzleBytes + row / 8 * stride + k * elementBytes;
    else if (isKMajor) // ((8,m),(T,2k)):((1T,SBO),(1,LBO))
      offset = row % 8 * 16 + row / 8 * stride + k % t * elementBytes +
               k / t * leading;
    else if (swizzleBytes) // ((T,w,m),(8,k)):((1,T,LBO),(w T,SBO))
      offset = row % t * elementBytes + row / t % chunks * 16 +
               row / t / chunks * leading + k % 8 * swizzleBytes +
               k / 8 * stride;
    else // ((T,1,m),(8,k)):((1,T,SBO),(1T,LBO))
      offset = row % t * elementBytes + row / t * stride + k % 8 * 16 +
               k / 8 * leading;
    // Swizzle<B, 4, 3>.
    int bits = swizzleBytes ? swizzleBytes / 16 - 1 : 0;
    return int(offset ^ ((offset >> 7 & bits) << 4));
  }
};

struct Operands {
  uint64_t descriptorA, descriptorB, a, b;
  int bytesA, bytesB;
};

/// An element type: its size, and the patterns that tests use of it.
struct Element {
  int bytes;
  std::function<uint32_t(int)> pattern;
  std::function<double(uint32_t)> value;
};

Element smallFloat(Format format, int bytes, double scale = 0.5) {
  return {bytes,
          [=](int i) { return encode((i * 7919 % 13 - 6) * scale, format); },
          [=](uint32_t bits) { return decode(bits, format); }};
}
const Element f16 = smallFloat(kF16, 2), bf16 = smallFloat(kBF16, 2),
              e4m3 = smallFloat(kE4M3, 1), e5m2 = smallFloat(kE5M2, 1, 1);
const Element tf32 = {
    4,
    // The lower bits do not count.
    [](int i) {
      return bitCast<uint32_t>(float(i * 7919 % 13 - 6) / 2) | 0x1abc;
    },
    [](uint32_t bits) { return double(bitCast<float>(bits & ~0x1fffu)); }};
const Element s8 = {1, [](int i) { return uint8_t(i * 101); },
                    [](uint32_t b) { return double(int8_t(b)); }};
const Element u8 = {1, [](int i) { return uint8_t(i * 101); },
                    [](uint32_t b) { return double(b); }};

struct Product {
  std::string kernel;
  Element a, b;
  bool aKMajor = true, bKMajor = true;
  bool aInRegisters = false;
  double sign = 1;
};

/// Runs a product with operands of these swizzles and compares with sums in
/// double, which are exact for the patterns. T is the accumulator.
template <typename T>
void check(
    const Product &p, int swizzleA, int swizzleB, bool scale,
    const std::function<double(const std::vector<T> &, int)> &read,
    const std::function<std::vector<T>(const std::vector<double> &)> &write) {
  int depth = 32 / p.a.bytes;
  Runner runner(kernels());
  Layout layoutA(p.aKMajor, swizzleA, rows),
      layoutB(p.bKMajor, swizzleB, columns);
  auto fill = [&](const Layout &layout, const Element &element, int count,
                  int seed, std::vector<double> &values) {
    std::vector<uint8_t> image(layout.size, 0xcd);
    for (int r = 0; r < count; ++r)
      for (int k = 0; k < depth; ++k) {
        uint32_t bits = element.pattern(r * depth + k + seed);
        values.push_back(element.value(bits));
        std::memcpy(&image[layout.offsetOf(r, k, element.bytes)], &bits,
                    element.bytes);
      }
    return image;
  };
  std::vector<double> a, b, c(rows * columns);
  std::vector<uint8_t> imageA = fill(layoutA, p.a, rows, 0, a),
                       imageB = fill(layoutB, p.b, columns, 3, b);
  if (p.aInRegisters) {
    imageA.assign(rows * 32, 0);
    for (int i = 0; i < rows * depth; ++i) {
      uint32_t bits = p.a.pattern(i);
      std::memcpy(&imageA[i * p.a.bytes], &bits, p.a.bytes);
    }
  }
  for (int i = 0; i < rows * columns; ++i)
    c[i] = i % 23 - 11;
  Operands operands = {layoutA.descriptor(),
                       layoutB.descriptor(),
                       runner.upload(imageA, "A").address,
                       runner.upload(imageB, "B").address,
                       int(imageA.size()),
                       int(imageB.size())};
  std::vector<T> start = write(c);
  auto out = runner.zeros<T>(start.size());
  uint32_t shared =
      (imageA.size() + 1023) / 1024 * 1024 + (imageB.size() + 15) / 16 * 16;
  Totals totals =
      runner.launch(p.kernel, {.grid = 1, .block = 128, .shared = shared},
                    operands, runner.upload(start), out, int(scale));
  std::vector<T> got = runner.read(out);
  int bad = 0;
  for (int i = 0; i < rows && bad < 4; ++i)
    for (int j = 0; j < columns && bad < 4; ++j) {
      double sum = scale ? c[i * columns + j] : 0;
      for (int k = 0; k < depth; ++k)
        sum += p.sign * a[i * depth + k] * b[j * depth + k];
      double value = read(got, i * columns + j);
      if (value != sum) {
        ++bad;
        ADD_FAILURE() << p.kernel << ", swizzles " << swizzleA << " and "
                      << swizzleB << ": element (" << i << ", " << j << ") is "
                      << value << ", expected " << sum;
      }
    }
  EXPECT_EQ(totals.of("wgmma").mmaFlops, 2ull * rows * columns * depth);
}

/// Every pair of swizzles, with and without the accumulator.
template <typename T, typename Read, typename Write>
void checkAll(const Product &p, const Read &read, const Write &write) {
  for (int swizzleA : {0, 32, 64, 128}) {
    if (p.aInRegisters && swizzleA)
      continue;
    for (int swizzleB : {0, 32, 64, 128})
      check<T>(p, swizzleA, swizzleB, (swizzleA + swizzleB) % 3 != 0, read,
               write);
  }
}

void checkF32(const Product &p) {
  checkAll<float>(
      p, [](const std::vector<float> &v, int i) { return double(v[i]); },
      [](const std::vector<double> &v) {
        return std::vector<float>(v.begin(), v.end());
      });
}

void checkS32(const Product &p) {
  checkAll<int>(
      p, [](const std::vector<int> &v, int i) { return double(v[i]); },
      [](const std::vector<double> &v) {
        return std::vector<int>(v.begin(), v.end());
      });
}

TEST(Wgmma, Majorness) {
  checkF32({"f16KK", f16, f16});
  checkF32({"f16KN", f16, f16, true, false});
  checkF32({"f16MK", f16, f16, false, true});
  checkF32({"f16MN", f16, f16, false, false});
  checkF32({"bf16MN", bf16, bf16, false, false});
}

TEST(Wgmma, Negation) {
  checkF32({"f16Negated", f16, f16, true, true, false, -1});
  checkF32({"bf16KK", bf16, bf16, true, true, false, -1});
}

TEST(Wgmma, Types) {
  checkF32({"tf32KK", tf32, tf32});
  checkF32({"e4m3e5m2KK", e4m3, e5m2});
  checkF32({"e5m2e4m3KK", e5m2, e4m3});
  checkS32({"s8u8KK", s8, u8});
  checkS32({"u8s8Saturated", u8, s8});
}

TEST(Wgmma, HalfSum) {
  checkAll<uint16_t>(
      Product{"f16SumKK", f16, f16},
      [](const std::vector<uint16_t> &v, int i) { return decode(v[i], kF16); },
      [](const std::vector<double> &v) {
        std::vector<uint16_t> bits;
        for (double x : v)
          bits.push_back(encode(x, kF16));
        return bits;
      });
}

TEST(Wgmma, Registers) {
  checkF32({"f16Registers", f16, f16, true, true, true});
  checkF32({"f16RegistersN", f16, f16, true, false, true});
  checkF32({"tf32Registers", tf32, tf32, true, true, true});
  checkF32({"e4m3Registers", e4m3, e4m3, true, true, true});
}

/// Bits are counted where both operands have them: bytes as elements do not
/// tell, so the sums are formed here.
TEST(Wgmma, Bits) {
  Runner runner(kernels());
  Layout a(true, 0, rows), b(true, 128, columns);
  std::vector<uint8_t> imageA(a.size), imageB(b.size);
  auto byte = [](int row, int k) { return uint8_t(row * 59 + k * k * 7); };
  for (int k = 0; k < 32; ++k) {
    for (int r = 0; r < rows; ++r)
      imageA[a.offsetOf(r, k, 1)] = byte(r, k);
    for (int r = 0; r < columns; ++r)
      imageB[b.offsetOf(r, k, 1)] = byte(r + 100, k);
  }
  Operands operands = {a.descriptor(),
                       b.descriptor(),
                       runner.upload(imageA).address,
                       runner.upload(imageB).address,
                       a.size,
                       b.size};
  auto out = runner.zeros<int>(rows * columns);
  runner.launch("bitsKK",
                {.grid = 1,
                 .block = 128,
                 .shared = uint32_t((a.size + 1023) / 1024 * 1024 + b.size)},
                operands, runner.zeros<int>(rows * columns), out, 1);
  std::vector<int> got = runner.read(out);
  for (int i = 0; i < rows; ++i)
    for (int j = 0; j < columns; ++j) {
      int count = 0;
      for (int k = 0; k < 32; ++k)
        count += std::popcount(unsigned(byte(i, k) & byte(j + 100, k)));
      ASSERT_EQ(got[i * columns + j], count) << i << ", " << j;
    }
}

/// Producer and consumer warpgroups over a ring of stages that tensor maps
/// fill: the shape of every Hopper kernel.
TEST(Wgmma, Pipeline) {
  constexpr int m = 128, n = 128, k = 320;
  std::vector<double> a, b;
  std::vector<uint16_t> aBits, bBits;
  for (int i = 0; i < m * k; ++i) {
    aBits.push_back(f16.pattern(i));
    a.push_back(f16.value(aBits.back()));
  }
  for (int i = 0; i < k * n; ++i) {
    bBits.push_back(f16.pattern(i + 5));
    b.push_back(f16.value(bBits.back()));
  }
  auto map = [](uint64_t address, uint64_t width, uint64_t height) {
    TensorMap map;
    map.type = TensorType::F16;
    map.rank = 2;
    map.address = address;
    map.dims = {width, height};
    map.strides = {width * 2};
    map.box = {64, 64};
    map.swizzle = TensorSwizzle::Bytes128;
    return llvm::cantFail(encodeTensorMap(map));
  };
  for (int seed = 0; seed < 3; ++seed) {
    Runner runner(kernels());
    if (seed)
      runner.options.seed = seed;
    auto out = runner.zeros<float>(m * n);
    Totals totals = runner.launch(
        "gemmPipeline",
        {.grid = {n / 64, m / 64}, .block = 256, .shared = 6 * 8192 + 48},
        map(runner.upload(aBits).address, k, m),
        map(runner.upload(bBits).address, n, k), out, n, k);
    std::vector<float> got = runner.read(out);
    int bad = 0;
    for (int i = 0; i < m && bad < 4; ++i)
      for (int j = 0; j < n && bad < 4; ++j) {
        double sum = 0;
        for (int l = 0; l < k; ++l)
          sum += a[i * k + l] * b[l * n + j];
        if (got[i * n + j] != sum) {
          ++bad;
          ADD_FAILURE() << "element (" << i << ", " << j << ") is "
                        << got[i * n + j] << ", expected " << sum;
        }
      }
    EXPECT_EQ(totals.of("wgmma").mmaFlops, 2ull * m * n * k);
    // Each of the four tiles of 64 x 64 reads its rows of A and columns of B,
    // which the tensor maps have written.
    constexpr uint64_t tileBytes = 4ull * 2 * 64 * k * 2;
    EXPECT_EQ(totals.of("wgmma", "shared").bytesRead, tileBytes);
    EXPECT_EQ(totals.of("cp.async.bulk.tensor").bytesWritten, tileBytes);
  }
}

} // namespace
