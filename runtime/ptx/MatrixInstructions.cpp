//===- MatrixInstructions.cpp - mma.sync ----------------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// The fragments of mma.sync follow one rule. A 32-bit register (64-bit for
// .f64) holds E elements of consecutive k. With group g = lane / 4 and t = lane
// % 4, register r of A is row g + 8 (r % 2), k from E t + 4 E (r / 2), for
// shapes of 16 rows, and row g, k from E t + 4 E r for those of 8; register r
// of B is column g, k from E t + 4 E r; and C holds columns 2 t and 2 t + 1 of
// row g, then of row g + 8.
//
//===----------------------------------------------------------------------===//

#include "ptx/FloatFormats.h"
#include "ptx/Half.h"

#include "llvm/ADT/StringExtras.h"

ATTN_PTX_TARGET_BEGIN

namespace {

constexpr unsigned maxK = 256;

struct Shape {
  unsigned m = 0, n = 0, k = 0;
};

struct Mma {
  Shape shape;
  Type a = Type::None, b = Type::None, d = Type::None; // d: of c too
  unsigned regsA = 0, regsB = 0, regsC = 0;
  unsigned bitsA = 0; // of an element
  bool sat = false, popcAnd = false;
  // Of .sp: A comes without half of its elements, which are zero.
  bool isSparse = false, isOrdered = false;
  unsigned selector = 0;
};

void countMma(Exec &e, const Shape &s) {
  ++e.counters->mmaOps;
  e.counters->mmaFlops += 2ull * s.m * s.n * s.k;
}

/// Element (row, column) of C from its registers and back.
template <typename T>
void gatherC(const Exec &e, const Inst &i, unsigned first, unsigned m,
             T (*c)[8]) {
  for (unsigned half = 0; half < m / 8; ++half) {
    const T *even = e.row<T>(i.src(first + 2 * half)),
            *odd = e.row<T>(i.src(first + 2 * half + 1));
    for (unsigned l = 0; l < warpSize; ++l) {
      c[8 * half + l / 4][2 * (l % 4)] = even[l];
      c[8 * half + l / 4][2 * (l % 4) + 1] = odd[l];
    }
  }
}
template <typename T>
void scatterD(const Exec &e, const Inst &i, unsigned m, const T (*c)[8]) {
  for (unsigned half = 0; half < m / 8; ++half) {
    T *even = e.row<T>(i.dst(2 * half)), *odd = e.row<T>(i.dst(2 * half + 1));
    for (unsigned l = 0; l < warpSize; ++l) {
      even[l] = c[8 * half + l / 4][2 * (l % 4)];
      odd[l] = c[8 * half + l / 4][2 * (l % 4) + 1];
    }
  }
}

template <typename H>
void gatherHalfC(const Exec &e, const Inst &i, unsigned first, unsigned m,
                 float (*c)[8]) {
  for (unsigned half = 0; half < m / 8; ++half) {
    const uint16_t *from = e.row<uint16_t>(i.src(first + half));
    for (unsigned n = 0; n < 64; ++n)
      c[8 * half + n / 8][n % 8] = H::toFloat(from[n]);
  }
}
template <typename H>
void scatterHalfD(const Exec &e, const Inst &i, unsigned m,
                  const float (*c)[8]) {
  for (unsigned half = 0; half < m / 8; ++half) {
    uint16_t *to = e.row<uint16_t>(i.dst(half));
    for (unsigned n = 0; n < 64; ++n)
      to[n] = H::fromFloat(c[8 * half + n / 8][n % 8]);
  }
}

/// c += a b, eight columns at once. Products of halves are exact in single
/// precision.
template <typename T>
[[gnu::always_inline]] inline void multiply(unsigned m, unsigned k,
                                            const T (*a)[maxK], const T (*b)[8],
                                            T (*c)[8]) {
  for (unsigned row = 0; row < m; ++row) {
    T sums[8];
    for (unsigned n = 0; n < 8; ++n)
      sums[n] = c[row][n];
    for (unsigned x = 0; x < k; ++x) {
      T factor = a[row][x];
      for (unsigned n = 0; n < 8; ++n)
        sums[n] += factor * b[x][n];
    }
    for (unsigned n = 0; n < 8; ++n)
      c[row][n] = sums[n];
  }
}

void makeCanonical(unsigned m, float (*c)[8]) {
  for (unsigned row = 0; row < m; ++row)
    for (unsigned n = 0; n < 8; ++n)
      c[row][n] = c[row][n] == c[row][n] ? c[row][n]
                                         : std::bit_cast<float>(0x7fffffffu);
}

//===----------------------------------------------------------------------===//
// .sp: half of the elements of A are zero and not there
//===----------------------------------------------------------------------===//

/// Columns of A that the metadata of a thread is for, in 16 bits for each of
/// its two rows.
unsigned metadataColumns(Type a) { return a == Type::TF32 ? 8 : 16; }

/// Moves the elements of A to their columns. Of four consecutive ones two are
/// there, each with its index in two bits, or of two .tf32 one, with two
/// indices of halves. False after a fault.
bool expandSparse(Exec &e, const Inst &i, const Mma &mma, float (*a)[maxK]) {
  bool isTF32 = mma.a == Type::TF32;
  unsigned stored = isTF32 ? 1 : 2; // of a chunk
  unsigned threads = mma.shape.k / metadataColumns(mma.a);
  const uint32_t *metadata =
      e.row<uint32_t>(i.src(mma.regsA + mma.regsB + mma.regsC));
  for (unsigned row = 0; row < 16; ++row) {
    float values[maxK / 2];
    std::copy_n(a[row], mma.shape.k / 2, values);
    std::fill_n(a[row], mma.shape.k, 0.0f);
    for (unsigned chunk = 0; chunk < mma.shape.k / 2 / stored; ++chunk) {
      unsigned lane = row % 8 * 4 + mma.selector * threads + chunk / 4;
      unsigned bits = metadata[lane] >> (row / 8 * 16 + chunk % 4 * 4) & 0xf;
      unsigned first = bits & 3, second = bits >> 2;
      bool good = isTF32
                      ? first % 2 == 0 && second == first + 1
                      : first != second && (!mma.isOrdered || first < second);
      if (!good) {
        e.fault(
            "the metadata 0x" + llvm::utohexstr(metadata[lane], true) +
                " has the indices " + Twine(first) + " and " + Twine(second) +
                " for columns " + Twine(chunk * stored * 2) + " to " +
                Twine((chunk + 1) * stored * 2 - 1) + " of row " + Twine(row) +
                (isTF32          ? ", expected 0 and 1 or 2 and 3"
                 : mma.isOrdered ? ", expected the lower one first"
                                 : ", expected different ones"),
            lane);
        return false;
      }
      if (isTF32) {
        a[row][2 * chunk + first / 2] = values[chunk];
        continue;
      }
      a[row][4 * chunk + first] = values[2 * chunk];
      a[row][4 * chunk + second] = values[2 * chunk + 1];
    }
  }
  return true;
}

//===----------------------------------------------------------------------===//
// .f16 and .bf16: a register row is an 8x8 matrix in row-major order
//===----------------------------------------------------------------------===//

template <typename H, typename D> Status execHalfMma(Exec &e, const Inst &i) {
  const Mma &mma = *static_cast<const Mma *>(i.extra);
  alignas(64) float a[16][maxK], b[32][8], c[16][8];
  for (unsigned r = 0; r < mma.regsA; ++r) {
    const uint16_t *from = e.row<uint16_t>(i.src(r));
    alignas(32) float tile[64];
    for (unsigned n = 0; n < 64; ++n)
      tile[n] = H::toFloat(from[n]);
    for (unsigned row = 0; row < 8; ++row)
      std::memcpy(&a[8 * (r % 2) + row][8 * (r / 2)], tile + 8 * row,
                  sizeof(float) * 8);
  }
  for (unsigned r = 0; r < mma.regsB; ++r) {
    const uint16_t *from = e.row<uint16_t>(i.src(mma.regsA + r));
    alignas(32) float tile[64];
    for (unsigned n = 0; n < 64; ++n)
      tile[n] = H::toFloat(from[n]);
    for (unsigned n = 0; n < 64; ++n)
      b[8 * r + n % 8][n / 8] = tile[n];
  }
  if (mma.isSparse && !expandSparse(e, i, mma, a))
    return Status::Fault;
  unsigned first = mma.regsA + mma.regsB;
  if constexpr (std::is_same_v<D, float>)
    gatherC<float>(e, i, first, 16, c);
  else
    gatherHalfC<D>(e, i, first, 16, c);
  multiply<float>(16, mma.shape.k, a, b, c);
  makeCanonical(16, c);
  if constexpr (std::is_same_v<D, float>)
    scatterD<float>(e, i, 16, c);
  else
    scatterHalfD<D>(e, i, 16, c);
  countMma(e, mma.shape);
  return Status::Next;
}

//===----------------------------------------------------------------------===//
// .tf32: a register row is an 8x4 matrix in row-major order
//===----------------------------------------------------------------------===//

Status execTF32Mma(Exec &e, const Inst &i) {
  const Mma &mma = *static_cast<const Mma *>(i.extra);
  alignas(64) float a[16][maxK], b[16][8], c[16][8];
  for (unsigned r = 0; r < mma.regsA; ++r) {
    const uint32_t *from = e.row<uint32_t>(i.src(r));
    for (unsigned l = 0; l < warpSize; ++l)
      a[8 * (r % 2) + l / 4][4 * (r / 2) + l % 4] =
          std::bit_cast<float>(from[l] & tf32Bits);
  }
  for (unsigned r = 0; r < mma.regsB; ++r) {
    const uint32_t *from = e.row<uint32_t>(i.src(mma.regsA + r));
    for (unsigned l = 0; l < warpSize; ++l)
      b[4 * r + l % 4][l / 4] = std::bit_cast<float>(from[l] & tf32Bits);
  }
  if (mma.isSparse && !expandSparse(e, i, mma, a))
    return Status::Fault;
  gatherC<float>(e, i, mma.regsA + mma.regsB, 16, c);
  multiply<float>(16, mma.shape.k, a, b, c);
  makeCanonical(16, c);
  scatterD<float>(e, i, 16, c);
  countMma(e, mma.shape);
  return Status::Next;
}

//===----------------------------------------------------------------------===//
// Other formats
//===----------------------------------------------------------------------===//

/// Elements of A and B by the rule above.
template <typename T, typename F>
void gatherAB(const Exec &e, const Inst &i, const Mma &mma, T (*a)[maxK],
              T (*b)[8], F decode) {
  unsigned perRegister = (mma.a == Type::F64 ? 64 : 32) / mma.bitsA;
  auto element = [&](const Operand &op, unsigned lane, unsigned n) {
    uint64_t bits = e.value(op, lane);
    return mma.bitsA == 64
               ? bits
               : bits >> (n * mma.bitsA) & ((uint64_t(1) << mma.bitsA) - 1);
  };
  for (unsigned r = 0; r < mma.regsA; ++r)
    for (unsigned l = 0; l < warpSize; ++l) {
      bool tall = mma.shape.m == 16;
      unsigned row = l / 4 + (tall ? 8 * (r % 2) : 0);
      unsigned k = perRegister * (l % 4) + 4 * perRegister * (tall ? r / 2 : r);
      for (unsigned n = 0; n < perRegister; ++n)
        a[row][k + n] = decode(mma.a, element(i.src(r), l, n));
    }
  for (unsigned r = 0; r < mma.regsB; ++r)
    for (unsigned l = 0; l < warpSize; ++l) {
      unsigned k = perRegister * (l % 4) + 4 * perRegister * r;
      for (unsigned n = 0; n < perRegister; ++n)
        b[k + n][l / 4] = decode(mma.b, element(i.src(mma.regsA + r), l, n));
    }
}

/// .e4m3, .e5m2 with .f32 or .f16 results.
Status execFloatMma(Exec &e, const Inst &i) {
  const Mma &mma = *static_cast<const Mma *>(i.extra);
  alignas(64) float a[16][maxK], b[maxK][8], c[16][8];
  gatherAB<float>(e, i, mma, a, b, [](Type type, uint64_t bits) {
    return float(decodeFloat(type, bits));
  });
  unsigned first = mma.regsA + mma.regsB, m = mma.shape.m;
  if (mma.d == Type::F32)
    gatherC<float>(e, i, first, m, c);
  else
    gatherHalfC<F16>(e, i, first, m, c);
  multiply<float>(m, mma.shape.k, a, b, c);
  makeCanonical(m, c);
  if (mma.d == Type::F32)
    scatterD<float>(e, i, m, c);
  else
    scatterHalfD<F16>(e, i, m, c);
  countMma(e, mma.shape);
  return Status::Next;
}

Status execDoubleMma(Exec &e, const Inst &i) {
  const Mma &mma = *static_cast<const Mma *>(i.extra);
  double a[16][maxK], b[maxK][8], c[16][8];
  gatherAB<double>(e, i, mma, a, b, [](Type, uint64_t bits) {
    return std::bit_cast<double>(bits);
  });
  unsigned m = mma.shape.m;
  gatherC<double>(e, i, mma.regsA + mma.regsB, m, c);
  for (unsigned row = 0; row < m; ++row)
    for (unsigned n = 0; n < 8; ++n)
      for (unsigned k = 0; k < mma.shape.k; ++k)
        c[row][n] = std::fma(a[row][k], b[k][n], c[row][n]);
  scatterD<double>(e, i, m, c);
  countMma(e, mma.shape);
  return Status::Next;
}

int32_t decodeInteger(Type type, uint64_t bits) {
  switch (type) {
  case Type::S8:
    return int8_t(bits);
  case Type::S4:
    return int32_t(uint32_t(bits) << 28) >> 28;
  default:
    return bits;
  }
}

/// .satfinite clamps the sum to 32 bits, otherwise it wraps.
Status execIntegerMma(Exec &e, const Inst &i) {
  const Mma &mma = *static_cast<const Mma *>(i.extra);
  int32_t a[16][maxK], b[maxK][8], c[16][8];
  gatherAB<int32_t>(e, i, mma, a, b, decodeInteger);
  unsigned m = mma.shape.m;
  gatherC<int32_t>(e, i, mma.regsA + mma.regsB, m, c);
  for (unsigned row = 0; row < m; ++row)
    for (unsigned n = 0; n < 8; ++n) {
      int64_t sum = 0;
      for (unsigned k = 0; k < mma.shape.k; ++k) {
        int32_t x = a[row][k], y = b[k][n];
        sum += mma.bitsA > 1 ? int64_t(x) * y : mma.popcAnd ? x & y : x ^ y;
      }
      sum += c[row][n];
      if (mma.sat)
        sum = std::clamp<int64_t>(sum, INT32_MIN, INT32_MAX);
      c[row][n] = int32_t(uint32_t(sum));
    }
  scatterD<int32_t>(e, i, m, c);
  countMma(e, mma.shape);
  return Status::Next;
}

//===----------------------------------------------------------------------===//
// Decoding
//===----------------------------------------------------------------------===//

/// Bits of an element of A and B; 0 where the type is not one of mma's.
unsigned operandBits(Type type) {
  switch (type) {
  case Type::F16:
  case Type::BF16:
    return 16;
  case Type::TF32:
    return 32;
  case Type::F64:
    return 64;
  case Type::E4M3:
  case Type::E5M2:
  case Type::S8:
  case Type::U8:
    return 8;
  case Type::S4:
  case Type::U4:
    return 4;
  case Type::B1:
    return 1;
  default:
    return 0;
  }
}

std::optional<Shape> takeShape(InstBuilder &b) {
  static constexpr std::pair<StringRef, Shape> shapes[] = {
      {"m8n8k4", {8, 8, 4}},      {"m8n8k16", {8, 8, 16}},
      {"m8n8k32", {8, 8, 32}},    {"m8n8k128", {8, 8, 128}},
      {"m16n8k4", {16, 8, 4}},    {"m16n8k8", {16, 8, 8}},
      {"m16n8k16", {16, 8, 16}},  {"m16n8k32", {16, 8, 32}},
      {"m16n8k64", {16, 8, 64}},  {"m16n8k128", {16, 8, 128}},
      {"m16n8k256", {16, 8, 256}}};
  for (auto [name, shape] : shapes)
    if (b.take(name))
      return shape;
  b.fail("an unknown shape");
  return std::nullopt;
}

/// The shapes of the ISA's table for these operands.
bool isShape(Shape s, Type a) {
  auto oneOf = [&](std::initializer_list<Shape> shapes) {
    for (Shape x : shapes)
      if (x.m == s.m && x.k == s.k)
        return true;
    return false;
  };
  switch (a) {
  case Type::F16:
  case Type::BF16:
    return oneOf({{16, 8, 8}, {16, 8, 16}});
  case Type::TF32:
    return oneOf({{16, 8, 4}, {16, 8, 8}});
  case Type::F64:
    return oneOf({{8, 8, 4}, {16, 8, 4}, {16, 8, 8}, {16, 8, 16}});
  case Type::E4M3:
  case Type::E5M2:
    return oneOf({{16, 8, 16}, {16, 8, 32}});
  case Type::S8:
  case Type::U8:
    return oneOf({{8, 8, 16}, {16, 8, 16}, {16, 8, 32}});
  case Type::S4:
  case Type::U4:
    return oneOf({{8, 8, 32}, {16, 8, 32}, {16, 8, 64}});
  case Type::B1:
    return oneOf({{8, 8, 128}, {16, 8, 128}, {16, 8, 256}});
  default:
    return false;
  }
}

bool isSparseShape(Shape s, Type a) {
  if (s.m != 16)
    return false;
  if (a == Type::TF32)
    return s.k == 8 || s.k == 16;
  return (a == Type::F16 || a == Type::BF16) && (s.k == 16 || s.k == 32);
}

bool registers(InstBuilder &b, const OperandSyntax &op, unsigned expected,
               Type type, bool isDst) {
  unsigned found = op.kind == OperandSyntax::Vector ? op.elements.size() : 1;
  if (found != expected)
    return b.fail("a fragment of " + Twine(found) + " registers, expected " +
                  Twine(expected));
  return isDst ? b.dst(op, type) : b.src(op, type);
}

bool decodeMma(InstBuilder &b) {
  Mma &mma = *b.extra<Mma>();
  mma.isOrdered = b.take("sp::ordered_metadata");
  mma.isSparse = mma.isOrdered || b.take("sp");
  if (!b.take("sync") || !b.take("aligned"))
    return b.fail("expected .sync.aligned");
  std::optional<Shape> shape = takeShape(b);
  if (!shape)
    return false;
  mma.shape = *shape;
  if (!b.take("row") || !b.take("col"))
    return b.fail("expected .row.col");
  mma.sat = b.take("satfinite");
  if (b.take("xor")) {
    if (!b.take("popc"))
      return b.fail("expected .popc");
  } else if (b.take("and")) {
    mma.popcAnd = true;
    if (!b.take("popc"))
      return b.fail("expected .popc");
  }
  b.takeRounding();
  b.take("kind::f8f6f4");
  mma.d = b.takeType({Type::F16, Type::F32, Type::F64, Type::S32});
  mma.a = b.takeType();
  mma.b = b.takeType();
  Type c = b.takeType();
  if (b.hasFailed())
    return false;
  mma.bitsA = operandBits(mma.a);
  if (!mma.bitsA || operandBits(mma.b) != mma.bitsA ||
      !(mma.isSparse ? isSparseShape : isShape)(*shape, mma.a))
    return b.fail(Twine(mma.isSparse ? "sparse shape m" : "shape m") +
                  Twine(shape->m) + "n8k" + Twine(shape->k) + " with ." +
                  typeName(mma.a) + " and ." + typeName(mma.b));
  bool isInt = mma.bitsA == 1 || isInteger(mma.a);
  bool goodD = isInt                ? mma.d == Type::S32
               : mma.a == Type::F64 ? mma.d == Type::F64
               : mma.a == Type::F16 ? mma.d == Type::F16 || mma.d == Type::F32
               : mma.bitsA == 8     ? mma.d == Type::F16 || mma.d == Type::F32
                                    : mma.d == Type::F32;
  if (!goodD || c != mma.d)
    return b.fail("a result of type ." + typeName(mma.d) + " with operands ." +
                  typeName(mma.a));
  unsigned registerBits = mma.a == Type::F64 ? 64 : 32;
  unsigned storedK = mma.isSparse ? shape->k / 2 : shape->k;
  mma.regsA = shape->m * storedK * mma.bitsA / registerBits / warpSize;
  mma.regsB = 8 * shape->k * mma.bitsA / registerBits / warpSize;
  mma.regsC = mma.d == Type::F16 ? shape->m / 8 : shape->m / 4;
  b.inst.aligned = b.inst.needsFullWarp = true;
  Type ab = mma.a == Type::F64 ? Type::F64 : Type::B32;
  Type cd = mma.d == Type::F64 ? Type::F64 : Type::B32;
  if (!b.operands(mma.isSparse ? 6 : 4) ||
      !registers(b, b.operand(0), mma.regsC, cd, true) ||
      !registers(b, b.operand(1), mma.regsA, ab, false) ||
      !registers(b, b.operand(2), mma.regsB, ab, false) ||
      !registers(b, b.operand(3), mma.regsC, cd, false))
    return false;
  if (mma.isSparse) {
    std::optional<int64_t> selector = b.immediate(5);
    if (!selector || !b.src(4, Type::B32))
      return false;
    // Of the four threads of a group so many hold the metadata together.
    int64_t choices = 4 * metadataColumns(mma.a) / shape->k;
    if (*selector < 0 || *selector >= choices)
      return b.fail("a sparsity selector of " + Twine(*selector) +
                    ", expected 0 to " + Twine(choices - 1));
    mma.selector = *selector;
    // Each row's metadata lies in these of the four lanes that hold it.
    unsigned threads = 4 / choices;
    b.inst.partialSource = mma.regsA + mma.regsB + mma.regsC;
    b.inst.partialLanes =
        0x11111111u * (((1u << threads) - 1) << (mma.selector * threads));
  }
  if (mma.a == Type::F16)
    return b.finish(mma.d == Type::F32 ? execHalfMma<F16, float>
                                       : execHalfMma<F16, F16>);
  if (mma.a == Type::BF16)
    return b.finish(execHalfMma<BF16, float>);
  if (mma.a == Type::TF32)
    return b.finish(execTF32Mma);
  return b.finish(mma.a == Type::F64 ? execDoubleMma
                  : isInt            ? execIntegerMma
                                     : execFloatMma);
}

} // namespace

void addMatrixInstructions(OpcodeTable &table) { table["mma"] = decodeMma; }

ATTN_PTX_TARGET_END
