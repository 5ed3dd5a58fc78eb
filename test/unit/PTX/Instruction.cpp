//===- Instruction.cpp - One instruction on many operands -----------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Instruction.h"

#include <sstream>

using namespace attn::ptx;
using namespace attn::ptx::test;

static constexpr size_t operandCount = 512;

namespace attn::ptx::test {

template <> std::vector<float> operands<float>(unsigned seed) {
  return reference::cornerFloats(operandCount, seed);
}

template <> std::vector<double> operands<double>(unsigned seed) {
  std::vector<uint32_t> words = reference::randomBits(2 * operandCount, seed);
  std::vector<float> corners = reference::cornerFloats(operandCount, seed + 7);
  std::vector<double> values;
  for (size_t i = 0; i < operandCount; ++i) {
    uint64_t bits = uint64_t(words[2 * i]) << 32 | words[2 * i + 1];
    values.push_back(bits % 3 ? double(corners[i])
                              : reference::bitCast<double>(bits));
  }
  return values;
}

/// Ends, small numbers, single bits and random words of an integer type.
template <typename T> static std::vector<T> integerOperands(unsigned seed) {
  std::vector<uint32_t> words = reference::randomBits(2 * operandCount, seed);
  std::vector<T> values;
  for (size_t i = 0; i < operandCount; ++i) {
    uint64_t bits = uint64_t(words[2 * i]) << 32 | words[2 * i + 1];
    switch (bits >> 3 & 7) {
    case 0:
      values.push_back(T(bits >> 6 & 1) - T(bits >> 7 & 1));
      break;
    case 1:
      values.push_back(std::numeric_limits<T>::max() - T(bits >> 6 & 1));
      break;
    case 2:
      values.push_back(std::numeric_limits<T>::min() + T(bits >> 6 & 1));
      break;
    case 3:
      values.push_back(T(uint64_t(1) << (bits >> 6) % (sizeof(T) * 8)));
      break;
    case 4:
      values.push_back(T(bits >> 6 & 63));
      break;
    default:
      values.push_back(T(bits >> 7));
    }
  }
  return values;
}

#define ATTN_INTEGER_OPERANDS(T)                                               \
  template <> std::vector<T> operands<T>(unsigned seed) {                      \
    return integerOperands<T>(seed);                                           \
  }
ATTN_INTEGER_OPERANDS(int16_t)
ATTN_INTEGER_OPERANDS(uint16_t)
ATTN_INTEGER_OPERANDS(int32_t)
ATTN_INTEGER_OPERANDS(uint32_t)
ATTN_INTEGER_OPERANDS(int64_t)
ATTN_INTEGER_OPERANDS(uint64_t)
#undef ATTN_INTEGER_OPERANDS

} // namespace attn::ptx::test

std::string test::instructionKernel(llvm::StringRef snippet,
                                    llvm::ArrayRef<size_t> inputSizes,
                                    size_t outputSize, llvm::StringRef target) {
  std::ostringstream text;
  text << ".version 8.7\n.target " << target.str()
       << "\n.address_size 64\n.visible .entry test(";
  size_t inputs = inputSizes.size();
  for (size_t i = 0; i < inputs; ++i)
    text << ".param .u64 in" << i << ", ";
  text << ".param .u64 out, .param .u32 count)\n{\n"
          ".reg .pred p, q, done;\n.reg .b32 index, n, t0, t1, t2, t3;\n"
          ".reg .b64 address, offset;\n";
  for (size_t i = 0; i < inputs; ++i)
    text << ".reg .b" << inputSizes[i] * 8 << " " << char('a' + i) << ";\n";
  text << ".reg .b" << outputSize * 8 << " d;\n"
       << "mov.u32 t0, %ctaid.x;\nmov.u32 t1, %ntid.x;\nmov.u32 t2, %tid.x;\n"
          "mad.lo.s32 index, t0, t1, t2;\nld.param.u32 n, [count];\n"
          "setp.ge.u32 done, index, n;\n@done ret;\n";
  for (size_t i = 0; i < inputs; ++i)
    text << "ld.param.u64 address, [in" << i
         << "];\nmul.wide.u32 offset, index, " << inputSizes[i]
         << ";\nadd.s64 address, address, offset;\nld.global.b"
         << inputSizes[i] * 8 << " " << char('a' + i) << ", [address];\n";
  text << snippet.str() << "\n"
       << "ld.param.u64 address, [out];\nmul.wide.u32 offset, index, "
       << outputSize << ";\nadd.s64 address, address, offset;\nst.global.b"
       << outputSize * 8 << " [address], d;\nret;\n}\n";
  return text.str();
}

std::vector<uint8_t> test::evaluateBytes(llvm::StringRef snippet,
                                         llvm::ArrayRef<Column> columns,
                                         size_t outBytes) {
  size_t count = 0;
  std::vector<size_t> sizes;
  for (const Column &column : columns) {
    count = std::max(count, column.count);
    sizes.push_back(column.bytes);
  }
  Runner runner(
      instructionKernel(snippet, sizes, outBytes, SnippetTarget::get()),
      "snippet.ptx");
  std::vector<uint64_t> addresses;
  for (const Column &column : columns)
    addresses.push_back(
        runner
            .upload(std::vector<uint8_t>(
                column.data, column.data + column.bytes * column.count))
            .address);
  auto out = runner.zeros<uint8_t>(count * outBytes);
  constexpr int block = 64;
  LaunchShape shape = {.grid = int(count + block - 1) / block, .block = block};
  int n = int(count);
  switch (addresses.size()) {
  case 1:
    runner.launch("test", shape, addresses[0], out, n);
    break;
  case 2:
    runner.launch("test", shape, addresses[0], addresses[1], out, n);
    break;
  default:
    runner.launch("test", shape, addresses[0], addresses[1], addresses[2], out,
                  n);
  }
  return runner.read(out);
}

/// A value of a column: floats in hexadecimal, the rest as bits.
static std::string spell(const uint8_t *data, size_t bytes, bool isFloat) {
  std::ostringstream text;
  uint64_t bits = 0;
  std::memcpy(&bits, data, bytes);
  if (isFloat)
    text << std::hexfloat
         << (bytes == 4 ? double(reference::bitCast<float>(uint32_t(bits)))
                        : reference::bitCast<double>(bits));
  else
    text << "0x" << std::hex << bits;
  return text.str();
}

static bool isNaN(const uint8_t *data, size_t bytes) {
  if (bytes == 4) {
    float f;
    std::memcpy(&f, data, 4);
    return std::isnan(f);
  }
  double d;
  std::memcpy(&d, data, 8);
  return std::isnan(d);
}

void test::checkRows(llvm::StringRef snippet, llvm::ArrayRef<Column> columns,
                     size_t outBytes, bool isFloat,
                     llvm::function_ref<void(size_t, uint8_t *)> expected) {
  std::vector<uint8_t> results = evaluateBytes(snippet, columns, outBytes);
  int shown = 0;
  for (size_t i = 0; i < results.size() / outBytes && shown < 4; ++i) {
    const uint8_t *got = &results[i * outBytes];
    uint8_t want[16];
    expected(i, want);
    if (std::memcmp(got, want, outBytes) == 0 ||
        (isFloat && isNaN(got, outBytes) && isNaN(want, outBytes)))
      continue;
    ++shown;
    std::string list;
    for (const Column &column : columns)
      list += (list.empty() ? "" : ", ") + spell(column.data + i * column.bytes,
                                                 column.bytes, column.isFloat);
    ADD_FAILURE() << snippet.str() << "\nof " << list << " is "
                  << spell(got, outBytes, isFloat) << ", expected "
                  << spell(want, outBytes, isFloat);
  }
}
