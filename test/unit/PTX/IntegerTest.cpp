//===- IntegerTest.cpp - Integer intrinsics against the CPU ---------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Harness.h"
#include "Reference.h"

#include <bit>

using namespace attn::ptx;
using namespace attn::ptx::reference;
using namespace attn::ptx::test;

namespace {

class Integer : public KernelTest {};

/// Byte n of a 64-bit value, PTX's prmt in its default mode.
uint32_t permute(uint32_t a, uint32_t b, uint32_t selector) {
  uint64_t bytes = uint64_t(b) << 32 | a;
  uint32_t result = 0;
  for (int i = 0; i < 4; ++i) {
    uint32_t nibble = selector >> (4 * i) & 15;
    uint32_t byte = bytes >> (8 * (nibble & 7)) & 0xff;
    if (nibble & 8)
      byte = byte & 0x80 ? 0xff : 0;
    result |= byte << (8 * i);
  }
  return result;
}

/// The ISA's definition, bit by bit.
uint32_t extract(uint32_t a, uint32_t b, uint32_t c, bool isSigned) {
  uint32_t position = b & 0xff, length = c & 0xff;
  uint32_t sign = 0;
  if (isSigned && length)
    sign = a >> std::min(position + length - 1, 31u) & 1;
  uint32_t result = 0;
  for (uint32_t i = 0; i < 32; ++i)
    result |= (i < length && position + i < 32 ? a >> (position + i) & 1 : sign)
              << i;
  return result;
}

uint32_t insert(uint32_t a, uint32_t b, uint32_t position, uint32_t length) {
  uint32_t result = b;
  for (uint32_t i = 0; i < length && position + i < 32; ++i) {
    result &= ~(1u << (position + i));
    result |= (a >> i & 1) << (position + i);
  }
  return result;
}

template <typename A, typename B>
uint32_t dotBytes(uint32_t a, uint32_t b, uint32_t c) {
  for (int i = 0; i < 4; ++i)
    c += uint32_t(A(a >> (8 * i))) * uint32_t(B(b >> (8 * i)));
  return c;
}

template <typename A, typename B>
uint32_t dotHalves(uint32_t a, uint32_t b, uint32_t c, bool high) {
  using HalfA = std::conditional_t<std::is_signed_v<A>, int16_t, uint16_t>;
  for (int i = 0; i < 2; ++i)
    c += uint32_t(int32_t(HalfA(a >> (16 * i)))) *
         uint32_t(int32_t(B(b >> (8 * i + (high ? 16 : 0)))));
  return c;
}

uint32_t nthSetBit(uint32_t mask, uint32_t base, int offset) {
  // Table of the ISA: offset 0 tests base itself; n > 0 finds the n-th set bit
  // from base upwards, n < 0 downwards.
  if (offset == 0)
    return mask >> base & 1 ? base : ~0u;
  int position = int(base), step = offset < 0 ? -1 : 1;
  int wanted = offset < 0 ? -offset : offset;
  for (; position >= 0 && position < 32; position += step)
    if (mask >> position & 1 && --wanted == 0)
      return position;
  return ~0u;
}

int32_t saturate(int64_t v) {
  return int32_t(std::clamp<int64_t>(v, INT32_MIN, INT32_MAX));
}

uint32_t reverse(uint32_t v) {
  uint32_t r = 0;
  for (int i = 0; i < 32; ++i)
    r |= (v >> i & 1) << (31 - i);
  return r;
}

uint32_t signExtend(uint32_t v, uint32_t bits) {
  bits &= 31; // .wrap
  if (bits == 0)
    return 0;
  return uint32_t(int32_t(v << (32 - bits)) >> (32 - bits));
}

uint32_t bitMask(uint32_t position, uint32_t length) {
  uint32_t result = 0;
  for (uint32_t i = 0; i < 32; ++i)
    if (i >= position && i - position < length)
      result |= 1u << i;
  return result;
}

TEST_P(Integer, Words) {
  Runner runner(kernelFile("integer"));
  constexpr int threads = 256, results = 40;
  std::vector<uint32_t> in = randomBits(3 * threads, 11);
  // Small values, ends and single bits beside random words.
  const uint32_t corners[] = {0,   1, 31,         32,     33,   0x80000000,
                              ~0u, 5, 0x7fffffff, 0xff00, 0x80, 64};
  for (int i = 0; i < 3 * threads; ++i)
    if (in[i] % 3 == 0)
      in[i] = corners[in[i] / 3 % std::size(corners)];
  auto out = runner.zeros<uint32_t>(threads * results);
  runner.launch("integers32", {.grid = 2, .block = threads / 2},
                runner.upload(in), out);
  std::vector<uint32_t> got = runner.read(out);
  for (int t = 0; t < threads; ++t) {
    uint32_t a = in[3 * t], b = in[3 * t + 1], c = in[3 * t + 2];
    int32_t sa = a, sb = b, sc = c;
    uint64_t ba = uint64_t(b) << 32 | a;
    auto low24 = [](uint32_t v) { return int64_t(int32_t(v << 8) >> 8); };
    const uint32_t expected[results] = {
        permute(a, b, c & 0x7777),
        permute(a, b, c),
        extract(a, b, c, false),
        extract(a, b, c, true),
        insert(a, b, c & 63, b >> 5 & 63),
        a ^ b ^ c,
        // One bit of the table for each of (a, b, c).
        [&] {
          uint32_t r = 0;
          for (int i = 0; i < 32; ++i)
            r |=
                (0xb8u >> ((a >> i & 1) * 4 + (b >> i & 1) * 2 + (c >> i & 1)) &
                 1)
                << i;
          return r;
        }(),
        uint32_t(ba << (c & 31) >> 32),
        uint32_t(c >= 32 ? a : ba << c >> 32),
        uint32_t(ba >> (c & 31)),
        uint32_t(c >= 32 ? b : ba >> c),
        uint32_t(std::countl_zero(a)),
        uint32_t(std::popcount(a)),
        reverse(a),
        a ? uint32_t(std::countr_zero(a)) + 1 : 0,
        a ? 31 - uint32_t(std::countl_zero(a)) : ~0u,
        // The shift that brings the highest bit that is no sign to bit 31.
        [&] {
          uint32_t v = sa < 0 ? ~a : a;
          return v ? uint32_t(std::countl_zero(v)) : ~0u;
        }(),
        uint32_t(uint64_t(a) * b >> 32),
        uint32_t(int64_t(sa) * sb >> 32),
        uint32_t(low24(a) * low24(b)),
        uint32_t(uint64_t(a & 0xffffff) * (b & 0xffffff)) + c,
        uint32_t(std::abs(int64_t(sa) - sb)) + c,
        uint32_t(std::abs(int64_t(a) - int64_t(b))) + c,
        dotBytes<int8_t, int8_t>(a, b, c),
        dotBytes<uint8_t, uint8_t>(a, b, c),
        dotHalves<int16_t, int8_t>(a, b, c, false),
        dotHalves<uint16_t, uint8_t>(a, b, c, true),
        uint32_t((int64_t(sa) + sb) >> 1),
        uint32_t((int64_t(sa) + sb + 1) >> 1),
        b >= 32 ? 0 : a << b,
        uint32_t(sa >> std::min(c, 31u)),
        sb == 0                       ? 0
        : sa == INT32_MIN && sb == -1 ? 0
                                      : uint32_t(sa / sb),
        b ? a % b : 0,
        uint32_t(std::min(sa, sb)) + std::max(a, b),
        uint32_t(saturate(int64_t(sa) + sb)),
        uint32_t(saturate(int64_t(sa) - sb)),
        nthSetBit(a, b & 31, sc % 4),
        signExtend(a, b),
        bitMask(a & 63, b & 63),
        uint32_t(sa < 0 ? 0 - a : a) - c * 3,
    };
    for (int i = 0; i < results; ++i)
      EXPECT_EQ(got[t * results + i], expected[i])
          << std::hex << "result " << std::dec << i << " of " << std::hex << a
          << ", " << b << ", " << c;
  }
}

TEST_P(Integer, Quadwords) {
  Runner runner(kernelFile("integer"));
  constexpr int threads = 128, results = 16;
  std::vector<uint32_t> words = randomBits(6 * threads, 12);
  std::vector<uint64_t> in(3 * threads);
  const uint64_t corners[] = {0, 1, ~0ull, 1ull << 63, 1ull << 32, 1000};
  for (int i = 0; i < 3 * threads; ++i) {
    in[i] = uint64_t(words[2 * i]) << 32 | words[2 * i + 1];
    if (in[i] % 4 == 0)
      in[i] = corners[in[i] / 4 % std::size(corners)];
    if (in[i] % 4 == 1)
      in[i] >>= 40;
  }
  auto out = runner.zeros<uint64_t>(threads * results);
  runner.launch("integers64", {.grid = 1, .block = threads}, runner.upload(in),
                out);
  std::vector<uint64_t> got = runner.read(out);
  for (int t = 0; t < threads; ++t) {
    uint64_t a = in[3 * t], b = in[3 * t + 1], c = in[3 * t + 2];
    int64_t sa = a, sb = b;
    auto reverse64 = [](uint64_t v) {
      return uint64_t(reverse(uint32_t(v))) << 32 | reverse(uint32_t(v >> 32));
    };
    unsigned carry = a + b < a;
    const uint64_t expected[results] = {
        a * b + c,
        uint64_t((unsigned __int128)a * b >> 64),
        uint64_t((__int128)sa * sb >> 64),
        uint64_t(std::countl_zero(a)),
        uint64_t(std::popcount(a)),
        reverse64(a),
        a ? uint64_t(std::countr_zero(a)) + 1 : 0,
        b ? a / b : 0,
        b ? a % b : 0,
        sb > 0 ? uint64_t(sa / sb) : 0,
        uint64_t(uint32_t(a)) * uint32_t(b) + c,
        uint64_t(int64_t(int32_t(a)) * int32_t(b)),
        uint64_t(sa >> (c & 63)),
        uint64_t(std::min(sa, sb)) ^ std::max(a, b),
        (a + b) ^ (c + a + carry),
        (a - b) ^ (c - a - (a < b)),
    };
    for (int i = 0; i < results; ++i)
      EXPECT_EQ(got[t * results + i], expected[i])
          << "result " << i << " of " << std::hex << a << ", " << b << ", "
          << c;
  }
}

TEST_P(Integer, Halfwords) {
  Runner runner(kernelFile("integer"));
  constexpr int threads = 128, results = 6;
  std::vector<uint16_t> in;
  for (uint32_t v : randomBits(2 * threads, 13))
    in.push_back(v % 5 == 0 ? v / 5 % 3 - 1 : v);
  auto out = runner.zeros<uint16_t>(threads * results);
  runner.launch("integers16", {.grid = 1, .block = threads}, runner.upload(in),
                out);
  std::vector<uint16_t> got = runner.read(out);
  for (int t = 0; t < threads; ++t) {
    uint16_t a = in[2 * t], b = in[2 * t + 1];
    int16_t sa = a, sb = b;
    const uint16_t expected[results] = {
        uint16_t(uint32_t(a) * b >> 16),
        uint16_t(int32_t(sa) * sb),
        uint16_t(sa >> 3),
        uint16_t(std::min(sa, sb)),
        uint16_t(uint32_t(int32_t(sa) * sb) >> 16),
        uint16_t(b ? a / b : 1)};
    for (int i = 0; i < results; ++i)
      EXPECT_EQ(got[t * results + i], expected[i])
          << "result " << i << " of " << a << ", " << b;
  }
}

TEST_P(Integer, Divide128) {
  Runner runner(kernelFile("integer"));
  std::vector<uint64_t> in, expected;
  uint64_t random = 1;
  for (int t = 0; t < 128; ++t) {
    for (int i = 0; i < 3; ++i)
      in.push_back((random = random * 6364136223846793005u + 1) >> t / 2 % 60);
    in.back() |= 1;
    uint64_t *row = &in[3 * t];
    unsigned __int128 quotient =
        ((unsigned __int128)row[0] << 64 | row[1]) / row[2];
    expected.push_back(uint64_t(quotient));
    expected.push_back(uint64_t(quotient >> 64));
  }
  auto out = runner.zeros<uint64_t>(256);
  runner.launch("divide128", {.grid = 1, .block = 128}, runner.upload(in), out);
  EXPECT_EQ(runner.read(out), expected);
}

ATTN_FOR_EACH_ARCHITECTURE(Integer);

} // namespace
