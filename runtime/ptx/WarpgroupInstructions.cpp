//===- WarpgroupInstructions.cpp - wgmma ----------------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Each warp of the four computes its 16 of the 64 rows. The product is formed
/// when it is issued; until it is waited for, its registers count as pending
/// and its reads of shared memory as those of the warp's asynchronous agent.
///
//===----------------------------------------------------------------------===//

#include "ptx/AsyncProxy.h"
#include "ptx/Decoder.h"
#include "ptx/FloatFormats.h"
#include "ptx/SharedMatrix.h"

#include "llvm/ADT/StringExtras.h"
#include <cstring>

using namespace attn::ptx;
using llvm::Twine;

namespace {

constexpr unsigned warpsOfGroup = 4;
constexpr unsigned rowsOfWarp = 16;
constexpr unsigned maxN = 256;
/// Bytes along K of every shape.
constexpr unsigned kBytes = 32;

/// Inst::flags.
enum ProductFlags : uint16_t {
  NegateA = 1,
  NegateB = 2,
  TransposeA = 4, // M-major
  TransposeB = 8, // N-major
  RegistersA = 16,
};

/// Inst::extra.
struct Product {
  Type d = Type::None, a = Type::None, b = Type::None;
  uint32_t n = 0, k = 0;
};

} // namespace

//===----------------------------------------------------------------------===//
// Operands
//===----------------------------------------------------------------------===//

/// Reads 16 bytes of an operand with all checks.
static bool readChunk(Exec &e, uint32_t offset, uint8_t *to) {
  SharedMemory &shared = e.block->shared;
  if (uint64_t(offset) + 16 > shared.getSize() ||
      shared.touchesGap(offset, 16)) {
    e.fault("out-of-bounds read of 16 bytes of a matrix at 0x" +
            llvm::utohexstr(offset, true) + " in " +
            e.describe(Space::Shared, offset));
    return false;
  }
  return readAsync(e, *e.block, offset, 16, llvm::countr_zero(e.active), to);
}

/// Reads rows [first, first + count) of an operand, `kBytes` each.
static bool readRows(Exec &e, const SharedMatrix &matrix, bool isKMajor,
                     uint32_t first, uint32_t count, uint8_t *rows) {
  if (isKMajor) {
    for (uint32_t r = 0; r < count; ++r)
      for (uint32_t chunk = 0; chunk < kBytes / 16; ++chunk)
        if (!readChunk(e, matrix.chunkOffset(first + r, chunk),
                       rows + r * kBytes + chunk * 16))
          return false;
    return true;
  }
  // 16-bit elements: a chunk holds eight rows at one k.
  for (uint32_t k = 0; k < kBytes / 2; ++k)
    for (uint32_t r = 0; r < count; r += 8) {
      uint16_t chunk[8];
      if (!readChunk(e, matrix.chunkOffset(k, (first + r) / 8),
                     reinterpret_cast<uint8_t *>(chunk)))
        return false;
      for (uint32_t i = 0; i < 8; ++i)
        std::memcpy(rows + (r + i) * kBytes + k * 2, &chunk[i], 2);
    }
  return true;
}

/// The warp's 16 rows of A from its registers: words of 4 bytes along K, each
/// thread's at (lane / 4 [+ 8], lane % 4 [+ 4]).
static void gatherRows(Exec &e, const Operand *registers, uint8_t *rows) {
  for (unsigned reg = 0; reg < 4; ++reg)
    for (unsigned lane = 0; lane < warpSize; ++lane) {
      unsigned row = lane / 4 + (reg & 1) * 8, word = lane % 4 + (reg >> 1) * 4;
      std::memcpy(rows + row * kBytes + word * 4,
                  &e.row<uint32_t>(registers[reg])[lane], 4);
    }
}

static const float *smallFloats(Type type) {
  static const auto tables = [] {
    std::array<std::array<float, 256>, 2> t;
    for (unsigned i = 0; i < 256; ++i) {
      t[0][i] = float(decodeFloat(Type::E4M3, i));
      t[1][i] = float(decodeFloat(Type::E5M2, i));
    }
    return t;
  }();
  return tables[type == Type::E4M3 ? 0 : 1].data();
}

/// The elements of `count` rows as floats, `k` to a row.
static void toFloats(Type type, const uint8_t *rows, uint32_t count, uint32_t k,
                     bool negate, float *to) {
  auto convert = [&](auto element, auto f) {
    for (uint32_t i = 0; i < count * k; ++i) {
      decltype(element) bits;
      std::memcpy(&bits, rows + i * sizeof(bits), sizeof(bits));
      float v = f(bits);
      to[i] = negate ? -v : v;
    }
  };
  auto ofBits = [](uint32_t bits) {
    float f;
    std::memcpy(&f, &bits, 4);
    return f;
  };
  switch (type) {
  case Type::F16:
    convert(uint16_t(), [](uint16_t bits) {
      _Float16 h;
      std::memcpy(&h, &bits, 2);
      return float(h);
    });
    break;
  case Type::BF16:
    convert(uint16_t(), [&](uint16_t b) { return ofBits(uint32_t(b) << 16); });
    break;
  case Type::TF32:
    // The hardware does not read the lower 13 bits.
    convert(uint32_t(), [&](uint32_t b) { return ofBits(b & ~0x1fffu); });
    break;
  default: {
    const float *table = smallFloats(type);
    convert(uint8_t(), [=](uint8_t b) { return table[b]; });
    break;
  }
  }
}

//===----------------------------------------------------------------------===//
// The product
//===----------------------------------------------------------------------===//

/// The place of accumulator `index` of a lane: in the warp's 16 rows.
static unsigned rowOf(unsigned lane, unsigned index) {
  return lane / 4 + index / 2 % 2 * 8;
}
static unsigned columnOf(unsigned lane, unsigned index) {
  return index / 4 * 8 + lane % 4 * 2 + index % 2;
}

/// d[16][n] += a[16][k] * b[n][k], in the order of k.
template <typename T>
static void multiply(const T *a, const T *b, uint32_t n, uint32_t k, T *d) {
  std::vector<T> transposed(n * k);
  for (uint32_t j = 0; j < n; ++j)
    for (uint32_t l = 0; l < k; ++l)
      transposed[l * n + j] = b[j * k + l];
  for (uint32_t i = 0; i < rowsOfWarp; ++i)
    for (uint32_t l = 0; l < k; ++l) {
      T x = a[i * k + l];
      for (uint32_t j = 0; j < n; ++j)
        d[i * n + j] += x * transposed[l * n + j];
    }
}

static void multiplyFloats(const Inst &i, const Product &p, const uint8_t *a,
                           const uint8_t *b, float *d) {
  std::vector<float> x(rowsOfWarp * p.k), y(p.n * p.k);
  toFloats(p.a, a, rowsOfWarp, p.k, i.flags & NegateA, x.data());
  toFloats(p.b, b, p.n, p.k, i.flags & NegateB, y.data());
  multiply(x.data(), y.data(), p.n, p.k, d);
}

static void multiplyIntegers(const Inst &i, const Product &p, const uint8_t *a,
                             const uint8_t *b, int32_t *d) {
  auto widen = [&](Type type, const uint8_t *from, uint32_t count) {
    std::vector<int32_t> to(count);
    for (uint32_t e = 0; e < count; ++e)
      to[e] = type == Type::S8 ? int32_t(int8_t(from[e])) : int32_t(from[e]);
    return to;
  };
  std::vector<int32_t> x = widen(p.a, a, rowsOfWarp * p.k),
                       y = widen(p.b, b, p.n * p.k);
  std::vector<int32_t> sums(rowsOfWarp * p.n);
  multiply(x.data(), y.data(), p.n, p.k, sums.data());
  for (size_t e = 0; e < sums.size(); ++e) {
    int64_t sum = int64_t(d[e]) + sums[e];
    if (i.sat)
      sum = std::clamp<int64_t>(sum, INT32_MIN, INT32_MAX);
    d[e] = int32_t(sum);
  }
}

/// Counts the bits that both have.
static void multiplyBits(const Product &p, const uint8_t *a, const uint8_t *b,
                         int32_t *d) {
  for (uint32_t i = 0; i < rowsOfWarp; ++i)
    for (uint32_t j = 0; j < p.n; ++j)
      for (uint32_t w = 0; w < kBytes; w += 8) {
        uint64_t x, y;
        std::memcpy(&x, a + i * kBytes + w, 8);
        std::memcpy(&y, b + j * kBytes + w, 8);
        d[i * p.n + j] += llvm::popcount(x & y);
      }
}

//===----------------------------------------------------------------------===//
// wgmma.mma_async
//===----------------------------------------------------------------------===//

/// Accumulators in memory, [16][n], from and to the warp's registers.
template <typename T>
static void loadAccumulators(Exec &e, const Inst &i, uint32_t n, T *d) {
  bool isHalf = static_cast<const Product *>(i.extra)->d == Type::F16;
  unsigned count = n / 2;
  for (unsigned index = 0; index < count; ++index)
    for (unsigned lane = 0; lane < warpSize; ++lane) {
      T &to = d[rowOf(lane, index) * n + columnOf(lane, index)];
      if (!isHalf) {
        std::memcpy(&to, &e.row<uint32_t>(i.dst(index))[lane], 4);
        continue;
      }
      _Float16 half[2];
      std::memcpy(half, &e.row<uint32_t>(i.dst(index / 2))[lane], 4);
      to = T(half[index % 2]);
    }
}

template <typename T>
static void storeAccumulators(Exec &e, const Inst &i, uint32_t n, const T *d) {
  bool isHalf = static_cast<const Product *>(i.extra)->d == Type::F16;
  unsigned count = n / 2;
  for (unsigned index = 0; index < count; ++index) {
    const Operand &to = i.dst(isHalf ? index / 2 : index);
    if (to.base == Operand::None)
      continue;
    for (unsigned lane = 0; lane < warpSize; ++lane) {
      T value = d[rowOf(lane, index) * n + columnOf(lane, index)];
      if (!isHalf) {
        std::memcpy(&e.row<uint32_t>(to)[lane], &value, 4);
        continue;
      }
      _Float16 half = _Float16(value);
      std::memcpy(reinterpret_cast<uint8_t *>(&e.row<uint32_t>(to)[lane]) +
                      index % 2 * 2,
                  &half, 2);
    }
  }
}

static llvm::StringRef registerName(Exec &e, const Operand &op) {
  return e.frame->function->registerNames[op.reg];
}

/// Operands in registers: A must be there, accumulators may be pending.
static bool checkRegisters(Exec &e, const Inst &i, bool accumulates) {
  auto &pending = e.warp->pendingRegisters;
  auto undefined = [&](const Operand &op) {
    return op.base == Operand::Register ? e.active & ~e.defined[op.reg] : 0;
  };
  for (unsigned s = 0; s < i.numSrcs; ++s) {
    const Operand &op = i.src(s);
    uint32_t missing = undefined(op);
    if (!missing)
      continue;
    bool isPending = pending.count(e.frame->defined + op.reg);
    e.fault("use of " +
                Twine(isPending ? "register '" : "uninitialised register '") +
                registerName(e, op) + "'" +
                (isPending ? " before the wgmma that writes it was waited for"
                           : ""),
            llvm::countr_zero(missing));
    return false;
  }
  for (unsigned d = 0; d < i.numDsts; ++d) {
    const Operand &op = i.dst(d);
    if (op.base != Operand::Register)
      continue;
    uint32_t missing = undefined(op);
    bool isPending = pending.count(e.frame->defined + op.reg);
    if (isPending && missing != e.active) {
      e.fault("register '" + registerName(e, op) +
              "' was written before the wgmma that writes it was waited for");
      return false;
    }
    if (missing && !isPending && accumulates) {
      e.fault("use of uninitialised register '" + registerName(e, op) + "'",
              llvm::countr_zero(missing));
      return false;
    }
  }
  return true;
}

/// Sources: A's four registers or its descriptor, B's descriptor, scale-d.
static Status execProduct(Exec &e, const Inst &i) {
  const Product &p = *static_cast<const Product *>(i.extra);
  Warp &warp = *e.warp;
  unsigned inGroup = warp.index % warpsOfGroup;
  size_t first = warp.index - inGroup, numWarps = e.block->warps.size();
  if (first + warpsOfGroup > numWarps)
    return e.fault(
        "a warpgroup needs four warps, the last one of the block has " +
        Twine(numWarps - first));
  if (!warp.matrixGroups.fenced)
    return e.fault("no wgmma.fence comes before the first wgmma.mma_async");
  unsigned numA = i.flags & RegistersA ? 4 : 1;
  const Operand &scaleD = i.src(numA + 1);
  uint32_t scale = e.predicate(scaleD) & e.active;
  if (scaleD.base == Operand::Register && (e.active & ~e.defined[scaleD.reg]))
    return e.fault("use of uninitialised predicate '" +
                   registerName(e, scaleD) + "'");
  if (scale != 0 && scale != e.active)
    return e.fault("scale-d differs between the threads of the warp");
  if (!checkRegisters(e, i, scale != 0))
    return Status::Fault;

  auto descriptor = [&](const Operand &op, uint64_t &value) {
    value = e.value(op, 0);
    for (unsigned lane = 1; lane < warpSize; ++lane)
      if (e.value(op, lane) != value) {
        e.fault("a matrix descriptor differs between the threads of the warp",
                lane);
        return false;
      }
    return true;
  };
  beginAsync(e);
  uint8_t a[rowsOfWarp * kBytes], b[maxN * kBytes];
  uint64_t bytes = 0;
  if (i.flags & RegistersA) {
    gatherRows(e, &i.src(0), a);
  } else {
    uint64_t value;
    bool isKMajor = !(i.flags & TransposeA);
    if (!descriptor(i.src(0), value) ||
        !readRows(e, SharedMatrix(value, isKMajor), isKMajor,
                  inGroup * rowsOfWarp, rowsOfWarp, a))
      return Status::Fault;
    bytes += sizeof(a);
  }
  uint64_t value;
  bool isKMajor = !(i.flags & TransposeB);
  if (!descriptor(i.src(numA), value) ||
      !readRows(e, SharedMatrix(value, isKMajor), isKMajor, 0, p.n, b))
    return Status::Fault;
  // The four warps share one read of B.
  if (inGroup == 0)
    bytes += p.n * kBytes;
  e.counters->bytesRead += bytes;
  e.counters->requests += bytes != 0;

  if (p.d == Type::S32) {
    std::vector<int32_t> d(rowsOfWarp * p.n);
    if (scale)
      loadAccumulators(e, i, p.n, d.data());
    if (p.a == Type::B1)
      multiplyBits(p, a, b, d.data());
    else
      multiplyIntegers(i, p, a, b, d.data());
    storeAccumulators(e, i, p.n, d.data());
  } else {
    std::vector<float> d(rowsOfWarp * p.n);
    if (scale)
      loadAccumulators(e, i, p.n, d.data());
    multiplyFloats(i, p, a, b, d.data());
    storeAccumulators(e, i, p.n, d.data());
  }
  for (unsigned d = 0; d < i.numDsts; ++d) {
    const Operand &op = i.dst(d);
    if (op.base != Operand::Register)
      continue;
    e.defined[op.reg] &= ~e.active;
    warp.pendingRegisters[e.frame->defined + op.reg] = {
        "wgmma", warp.matrixGroups.committed};
  }
  ++e.counters->mmaOps;
  e.counters->mmaFlops += uint64_t(2) * rowsOfWarp * p.n * p.k;
  return Status::Next;
}

//===----------------------------------------------------------------------===//
// wgmma.fence, .commit_group, .wait_group
//===----------------------------------------------------------------------===//

static Status execFence(Exec &e, const Inst &) {
  e.warp->matrixGroups.fenced = true;
  return Status::Next;
}

static Status execCommit(Exec &e, const Inst &) {
  MatrixGroups &groups = e.warp->matrixGroups;
  ++groups.committed;
  VectorClock done;
  e.cluster->clocks.release(e.warp->asyncAgent, done);
  groups.waiting.push_back(std::move(done));
  return Status::Next;
}

static Status execWait(Exec &e, const Inst &i) {
  Warp &warp = *e.warp;
  MatrixGroups &groups = warp.matrixGroups;
  while (groups.waiting.size() > size_t(i.imm[0])) {
    e.cluster->clocks.acquire(warp.agent, groups.waiting.front());
    groups.waiting.pop_front();
  }
  // Registers of groups from this one on are still pending.
  uint32_t firstPending = groups.committed - groups.waiting.size();
  llvm::SmallVector<uint32_t, 128> done;
  for (const auto &[mask, pending] : warp.pendingRegisters)
    if (pending.group < firstPending)
      done.push_back(mask);
  for (uint32_t mask : done) {
    uint32_t &defined = warp.defined[mask];
    if (defined & e.active) {
      uint32_t reg = mask - e.frame->defined;
      const auto &names = e.frame->function->registerNames;
      return e.fault("register '" +
                     (reg < names.size() ? names[reg] : llvm::StringRef("?")) +
                     "' was written before the wgmma that writes it was "
                     "waited for");
    }
    defined |= e.active;
    warp.pendingRegisters.erase(mask);
  }
  return Status::Next;
}

//===----------------------------------------------------------------------===//
// Decoding
//===----------------------------------------------------------------------===//

/// Takes .m64nNkK.
static bool takeShape(InstBuilder &b, Product &p) {
  for (llvm::StringRef word : b.left()) {
    llvm::StringRef rest = word;
    if (!rest.consume_front("m64n") || rest.consumeInteger(10, p.n) ||
        !rest.consume_front("k") || rest.consumeInteger(10, p.k) ||
        !rest.empty())
      continue;
    b.take(word);
    return true;
  }
  return b.fail("a shape .m64nNkK is missing");
}

/// The elements of A and B in 32 bytes; 0 if they do not go together.
static uint32_t depthOf(const Product &p) {
  auto isFP8 = [](Type t) { return t == Type::E4M3 || t == Type::E5M2; };
  auto isInt8 = [](Type t) { return t == Type::S8 || t == Type::U8; };
  bool isFloatSum = p.d == Type::F32 || p.d == Type::F16;
  if (p.a == Type::F16 && p.b == Type::F16 && isFloatSum)
    return 16;
  if (p.a == Type::BF16 && p.b == Type::BF16 && p.d == Type::F32)
    return 16;
  if (p.a == Type::TF32 && p.b == Type::TF32 && p.d == Type::F32)
    return 8;
  if (isFP8(p.a) && isFP8(p.b) && isFloatSum)
    return 32;
  if (isInt8(p.a) && isInt8(p.b) && p.d == Type::S32)
    return 32;
  if (p.a == Type::B1 && p.b == Type::B1 && p.d == Type::S32)
    return 256;
  return 0;
}

static bool decodeProduct(InstBuilder &b) {
  Inst &inst = b.inst;
  Product &p = *b.extra<Product>();
  if (!takeShape(b, p))
    return false;
  inst.sat = b.take("satfinite");
  p.d = b.takeType({Type::F32, Type::F16, Type::S32});
  p.a = b.takeType();
  p.b = b.takeType();
  if (p.a == Type::B1 && !(b.take("and") && b.take("popc")))
    return b.fail("a product of bits needs .and.popc");
  if (b.hasFailed())
    return false;
  uint32_t depth = depthOf(p);
  if (!depth)
    return b.fail("no product of ." + typeName(p.a) + " and ." + typeName(p.b) +
                  " has a ." + typeName(p.d) + " result");
  if (p.k != depth)
    return b.fail("k is " + Twine(p.k) + ", expected " + Twine(depth) +
                  " for ." + typeName(p.a));
  // Integer shapes of more than 32 columns go in steps of 16.
  bool isInteger = p.d == Type::S32;
  if (p.n == 0 || p.n > maxN || p.n % 8 || (isInteger && p.n > 24 && p.n % 16))
    return b.fail("n is " + Twine(p.n) + ", expected a multiple of " +
                  Twine(isInteger && p.n > 24 ? 16 : 8) + " up to 256");

  bool hasScales = !isInteger;
  bool hasTranspose = p.a == Type::F16 || p.a == Type::BF16;
  if (b.numOperands() < 2)
    return b.operands(4);
  bool inRegisters = b.operand(1).kind == OperandSyntax::Vector;
  unsigned count =
      4 + (hasScales ? 2 : 0) + (hasTranspose ? (inRegisters ? 1 : 2) : 0);
  if (!b.operands(count))
    return false;
  unsigned numD = p.d == Type::F16 ? p.n / 4 : p.n / 2;
  if (b.operand(0).kind != OperandSyntax::Vector ||
      b.operand(0).elements.size() != numD)
    return b.fail("d must be a vector of " + Twine(numD) + " registers");
  if (inRegisters && b.operand(1).elements.size() != 4)
    return b.fail("a must be a descriptor or a vector of four registers");
  if (inRegisters)
    inst.flags |= RegistersA;
  // Pending accumulators are no fault here: the product checks its registers.
  inst.copiesUndefined = true;
  inst.space = Space::Shared;
  bool good = b.dst(0, p.d == Type::F16 ? Type::B32 : p.d) &&
              b.src(1, inRegisters ? Type::B32 : Type::B64) &&
              b.src(2, Type::B64) && b.src(3, Type::Pred);
  if (!good)
    return false;
  unsigned next = 4;
  auto takeImmediate = [&](int64_t allowed, int64_t other, uint16_t flag) {
    std::optional<int64_t> value = b.immediate(next++);
    if (!value)
      return false;
    if (*value == other)
      inst.flags |= flag;
    else if (*value != allowed)
      return b.fail("operand " + Twine(next) + " is " + Twine(*value) +
                    ", expected " + Twine(allowed) + " or " + Twine(other));
    return true;
  };
  if (hasScales &&
      (!takeImmediate(1, -1, NegateA) || !takeImmediate(1, -1, NegateB)))
    return false;
  if (hasTranspose && ((!inRegisters && !takeImmediate(0, 1, TransposeA)) ||
                       !takeImmediate(0, 1, TransposeB)))
    return false;
  inst.space = Space::Shared;
  return b.finish(execProduct);
}

static bool decodeWgmma(InstBuilder &b) {
  b.program().hasAsyncProxy = true;
  bool isProduct = b.take("mma_async");
  if (!b.take("sync") || !b.take("aligned"))
    return b.fail("wgmma needs .sync.aligned");
  b.inst.aligned = true;
  if (isProduct)
    return decodeProduct(b);
  if (b.take("fence"))
    return b.operands(0) && b.finish(execFence);
  if (b.take("commit_group"))
    return b.operands(0) && b.finish(execCommit);
  if (!b.take("wait_group") || !b.operands(1))
    return b.fail("unknown operation of wgmma");
  std::optional<int64_t> count = b.immediate(0);
  if (!count)
    return false;
  b.inst.imm[0] = *count;
  return b.finish(execWait);
}

void attn::ptx::addWarpgroupInstructions(OpcodeTable &table) {
  table["wgmma"] = decodeWgmma;
}
