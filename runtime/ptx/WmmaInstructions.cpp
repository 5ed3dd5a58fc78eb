//===- WmmaInstructions.cpp - wmma ----------------------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// How the elements of a wmma fragment lie in the registers of a warp is not
// specified, so programs may only apply one operation to all of them. Here the
// elements, row by row, go to lane 0's registers, then to lane 1's, and so on;
// where the ISA gives a fragment more room than it has elements they repeat.
//
//===----------------------------------------------------------------------===//

#include "ptx/Decoder.h"
#include "ptx/Exec.h"
#include "ptx/FloatFormats.h"

#include "llvm/ADT/STLExtras.h"

using namespace attn::ptx;
using llvm::StringRef;
using llvm::Twine;

namespace {

/// A matrix of a wmma operation in registers and in memory.
struct Fragment {
  unsigned rows = 0, columns = 0;
  Type type = Type::None;
  unsigned bits = 0;      // of an element
  unsigned registers = 0; // of a lane
  unsigned registerBits = 32;
  bool rowMajor = true;
  unsigned perLane() const { return registers * registerBits / bits; }
};

struct Wmma {
  unsigned m = 0, n = 0, k = 0;
  Fragment a, b, c, d;
  bool sat = false, popcAnd = false;
};

enum Role : uint8_t { A, B, C };

unsigned elementBits(Type type) {
  switch (type) {
  case Type::B1:
    return 1;
  case Type::S4:
  case Type::U4:
    return 4;
  case Type::TF32:
    return 32;
  default:
    return 8 * byteSize(type);
  }
}

/// The registers of a lane for a fragment, by the ISA's table; 0: no such one.
unsigned countRegisters(Role role, Type type, unsigned m, unsigned n,
                        unsigned k) {
  if (role == C)
    return type == Type::F16 ? 4 : type == Type::F64 ? 2 : m * n / warpSize;
  unsigned elements = (role == A ? m : n) * k;
  switch (type) {
  case Type::F16:
    return 8; // each element twice
  case Type::BF16:
  case Type::S8:
  case Type::U8:
  case Type::TF32:
    return elements * elementBits(type) / 32 / warpSize;
  case Type::F64:
  case Type::B1:
  case Type::S4:
  case Type::U4:
    return 1;
  default:
    return 0;
  }
}

bool isShape(Type ab, unsigned m, unsigned n, unsigned k) {
  bool wide =
      (m == 16 && n == 16) || (m == 32 && n == 8) || (m == 8 && n == 32);
  switch (ab) {
  case Type::F16:
  case Type::BF16:
  case Type::S8:
  case Type::U8:
    return wide && k == 16;
  case Type::TF32:
    return m == 16 && n == 16 && k == 8;
  case Type::F64:
    return m == 8 && n == 8 && k == 4;
  case Type::S4:
  case Type::U4:
    return m == 8 && n == 8 && k == 32;
  case Type::B1:
    return m == 8 && n == 8 && k == 128;
  default:
    return false;
  }
}

Fragment makeFragment(Role role, Type type, unsigned m, unsigned n,
                      unsigned k) {
  Fragment f;
  f.rows = role == B ? k : m;
  f.columns = role == A ? k : n;
  f.type = type;
  f.bits = elementBits(type);
  f.registers = countRegisters(role, type, m, n, k);
  f.registerBits = type == Type::F64 ? 64 : 32;
  return f;
}

//===----------------------------------------------------------------------===//
// Fragments in registers
//===----------------------------------------------------------------------===//

using Elements = llvm::SmallVector<uint64_t, 1024>;

/// The elements, row by row, from operands `first` on.
Elements readFragment(const Exec &e, const Fragment &f,
                      llvm::ArrayRef<Operand> operands) {
  unsigned perLane = f.perLane(), perRegister = f.registerBits / f.bits;
  Elements elements(f.rows * f.columns);
  for (unsigned n = 0; n < elements.size(); ++n) {
    unsigned lane = n / perLane, slot = n % perLane;
    uint64_t bits = e.value(operands[slot / perRegister], lane);
    elements[n] = f.bits == 64 ? bits
                               : bits >> (slot % perRegister * f.bits) &
                                     ((uint64_t(1) << f.bits) - 1);
  }
  return elements;
}

void writeFragment(const Exec &e, const Fragment &f,
                   llvm::ArrayRef<Operand> operands,
                   llvm::ArrayRef<uint64_t> elements) {
  unsigned perLane = f.perLane(), perRegister = f.registerBits / f.bits;
  for (unsigned lane = 0; lane < warpSize; ++lane)
    for (unsigned r = 0; r < f.registers; ++r) {
      uint64_t bits = 0;
      for (unsigned s = 0; s < perRegister; ++s)
        bits |=
            elements[(lane * perLane + r * perRegister + s) % elements.size()]
            << (s * f.bits);
      e.setValue(operands[r], lane, bits);
    }
}

//===----------------------------------------------------------------------===//
// Loads and stores
//===----------------------------------------------------------------------===//

/// The address of each line (a row, or a column) of the matrix. Sources: the
/// address, then the stride in elements if there is one.
Status forLines(
    Exec &e, const Inst &i, const Fragment &f, const Operand *stride,
    llvm::function_ref<bool(unsigned, uint64_t, unsigned, unsigned)> access) {
  unsigned lines = f.rowMajor ? f.rows : f.columns;
  unsigned length = f.rowMajor ? f.columns : f.rows;
  uint64_t address = e.address(i.src(0), 0);
  uint64_t pitch = stride ? e.value(*stride, 0) : length;
  for (unsigned lane = 1; lane < warpSize; ++lane)
    if (e.address(i.src(0), lane) != address ||
        (stride && e.value(*stride, lane) != pitch))
      return e.fault("threads of the warp have different addresses or strides",
                     lane);
  unsigned bytes = length * f.bits / 8;
  for (unsigned line = 0; line < lines; ++line)
    if (!access(line, address + line * pitch * f.bits / 8, bytes, length))
      return Status::Fault;
  return Status::Next;
}

unsigned position(const Fragment &f, unsigned line, unsigned n) {
  return f.rowMajor ? line * f.columns + n : n * f.columns + line;
}

/// Lines are moved in pieces, each by a lane of its own.
constexpr unsigned pieceBytes = 16;

void countPieces(Exec &e, const Inst &i, llvm::ArrayRef<uint64_t> addresses,
                 unsigned bytes, bool reads) {
  for (size_t begin = 0; begin < addresses.size(); begin += warpSize) {
    uint64_t lanes[warpSize];
    size_t count = std::min<size_t>(warpSize, addresses.size() - begin);
    llvm::copy(addresses.slice(begin, count), lanes);
    e.countAccess(i.space, lanes, count == warpSize ? ~0u : (1u << count) - 1,
                  bytes, reads, !reads);
  }
}

Status execLoad(Exec &e, const Inst &i) {
  const Fragment &f = *static_cast<const Fragment *>(i.extra);
  Elements elements(f.rows * f.columns);
  llvm::SmallVector<uint64_t, 64> pieces;
  unsigned piece = pieceBytes;
  Status status = forLines(
      e, i, f, i.numSrcs > 1 ? &i.src(1) : nullptr,
      [&](unsigned line, uint64_t address, unsigned bytes, unsigned length) {
        uint8_t buffer[256];
        piece = std::min(bytes, pieceBytes);
        for (unsigned at = 0; at < bytes; at += piece) {
          pieces.push_back(address + at);
          if (!e.load(i.space, address + at, (line + at / piece) % warpSize,
                      piece, piece, buffer + at))
            return false;
        }
        for (unsigned n = 0; n < length; ++n) {
          uint64_t bits = 0;
          std::memcpy(&bits, buffer + n * f.bits / 8, std::max(1u, f.bits / 8));
          if (f.bits < 8)
            bits = bits >> (n * f.bits % 8) & ((1u << f.bits) - 1);
          elements[position(f, line, n)] = bits;
        }
        return true;
      });
  if (status != Status::Next)
    return status;
  writeFragment(e, f, {i.operands, i.numDsts}, elements);
  countPieces(e, i, pieces, piece, true);
  return Status::Next;
}

/// Sources: the address, the fragment, the stride if there is one.
Status execStore(Exec &e, const Inst &i) {
  const Fragment &f = *static_cast<const Fragment *>(i.extra);
  Elements elements = readFragment(e, f, {&i.src(1), f.registers});
  llvm::SmallVector<uint64_t, 64> pieces;
  unsigned piece = pieceBytes;
  e.cluster->clocks.tick();
  bool hasStride = i.numSrcs > 1 + f.registers;
  Status status = forLines(
      e, i, f, hasStride ? &i.src(1 + f.registers) : nullptr,
      [&](unsigned line, uint64_t address, unsigned bytes, unsigned length) {
        uint8_t buffer[256];
        for (unsigned n = 0; n < length; ++n)
          std::memcpy(buffer + n * f.bits / 8, &elements[position(f, line, n)],
                      f.bits / 8);
        piece = std::min(bytes, pieceBytes);
        for (unsigned at = 0; at < bytes; at += piece) {
          pieces.push_back(address + at);
          if (!e.store(i.space, address + at, (line + at / piece) % warpSize,
                       piece, piece, buffer + at))
            return false;
        }
        return true;
      });
  if (status != Status::Next)
    return status;
  countPieces(e, i, pieces, piece, false);
  return Status::Next;
}

//===----------------------------------------------------------------------===//
// The product
//===----------------------------------------------------------------------===//

int64_t integerOf(Type type, uint64_t bits) {
  switch (type) {
  case Type::S8:
    return int8_t(bits);
  case Type::S4:
    return int32_t(uint32_t(bits) << 28) >> 28;
  case Type::S32:
    return int32_t(bits);
  default:
    return bits;
  }
}

Status execProduct(Exec &e, const Inst &i) {
  const Wmma &w = *static_cast<const Wmma *>(i.extra);
  Elements a = readFragment(e, w.a, {&i.src(0), w.a.registers});
  Elements b = readFragment(e, w.b, {&i.src(w.a.registers), w.b.registers});
  Elements c = readFragment(
      e, w.c, {&i.src(w.a.registers + w.b.registers), w.c.registers});
  Elements d(w.m * w.n);
  bool isInteger = w.c.type == Type::S32;
  for (unsigned row = 0; row < w.m; ++row)
    for (unsigned column = 0; column < w.n; ++column) {
      uint64_t start = c[row * w.n + column], &result = d[row * w.n + column];
      auto left = [&](unsigned k) { return a[row * w.k + k]; };
      auto right = [&](unsigned k) { return b[k * w.n + column]; };
      if (isInteger) {
        int64_t sum = 0;
        for (unsigned k = 0; k < w.k; ++k) {
          int64_t x = integerOf(w.a.type, left(k)),
                  y = integerOf(w.b.type, right(k));
          sum += w.a.bits > 1 ? x * y : w.popcAnd ? x & y : x ^ y;
        }
        sum += integerOf(Type::S32, start);
        if (w.sat)
          sum = std::clamp<int64_t>(sum, INT32_MIN, INT32_MAX);
        result = uint32_t(sum);
      } else if (w.c.type == Type::F64) {
        double sum = llvm::bit_cast<double>(start);
        for (unsigned k = 0; k < w.k; ++k)
          sum = std::fma(llvm::bit_cast<double>(left(k)),
                         llvm::bit_cast<double>(right(k)), sum);
        result = llvm::bit_cast<uint64_t>(sum);
      } else {
        float sum = decodeFloat(w.c.type, start);
        for (unsigned k = 0; k < w.k; ++k)
          sum += float(decodeFloat(w.a.type, left(k))) *
                 float(decodeFloat(w.b.type, right(k)));
        if (w.sat)
          sum = std::isfinite(sum) ? sum
                : sum != sum       ? 0
                                   : std::copysign(3.402823466e38f, sum);
        result = encodeFloat(w.d.type, sum, Rounding::RN, w.sat);
      }
    }
  writeFragment(e, w.d, {i.operands, i.numDsts}, d);
  ++e.counters->mmaOps;
  e.counters->mmaFlops += 2ull * w.m * w.n * w.k;
  return Status::Next;
}

//===----------------------------------------------------------------------===//
// Decoding
//===----------------------------------------------------------------------===//

bool takeShape(InstBuilder &b, Wmma &w) {
  struct Shape {
    StringRef name;
    unsigned m, n, k;
  };
  static constexpr Shape shapes[] = {
      {"m16n16k16", 16, 16, 16}, {"m32n8k16", 32, 8, 16},
      {"m8n32k16", 8, 32, 16},   {"m16n16k8", 16, 16, 8},
      {"m8n8k4", 8, 8, 4},       {"m8n8k32", 8, 8, 32},
      {"m8n8k128", 8, 8, 128}};
  for (const Shape &shape : shapes)
    if (b.take(shape.name)) {
      w.m = shape.m;
      w.n = shape.n;
      w.k = shape.k;
      return true;
    }
  return b.fail("an unknown shape");
}

/// The layouts, in the order in which they are written.
bool takeLayout(InstBuilder &b, bool &rowMajor) {
  StringRef layout = b.takeOneOf({"row", "col"});
  rowMajor = layout == "row";
  return !layout.empty() || b.fail("a layout, .row or .col, is missing");
}

bool checkRegisters(InstBuilder &b, const OperandSyntax &op,
                    const Fragment &f) {
  unsigned found = op.kind == OperandSyntax::Vector ? op.elements.size() : 1;
  return found == f.registers ||
         b.fail("a fragment of " + Twine(found) + " registers, expected " +
                Twine(f.registers));
}

Type registerType(const Fragment &f) {
  return f.registerBits == 64 ? Type::F64 : Type::B32;
}

bool decodeLoadStore(InstBuilder &b, bool isLoad) {
  Role role = C;
  if (isLoad) {
    StringRef name = b.takeOneOf({"a", "b", "c"});
    if (name.empty())
      return b.fail("expected .a, .b or .c");
    role = name == "a" ? A : name == "b" ? B : C;
  } else if (!b.take("d")) {
    return b.fail("expected .d");
  }
  if (!b.take("sync") || !b.take("aligned"))
    return b.fail("expected .sync.aligned");
  Wmma w;
  bool rowMajor = true;
  if (!takeLayout(b, rowMajor) || !takeShape(b, w))
    return false;
  Space space = b.inst.space = b.takeSpace();
  if (space != Space::Generic && space != Space::Global &&
      space != Space::Shared)
    return b.fail("matrices are in .global or .shared memory");
  Type type = b.takeType();
  if (b.hasFailed())
    return false;
  bool isResult = type == Type::F16 || type == Type::F32 || type == Type::S32 ||
                  type == Type::F64;
  bool valid = role == C ? isResult : isShape(type, w.m, w.n, w.k);
  if (!valid)
    return b.fail("this shape with elements of type ." + typeName(type));
  Fragment &f = *b.extra<Fragment>();
  f = makeFragment(role, type, w.m, w.n, w.k);
  f.rowMajor = rowMajor;
  b.inst.aligned = b.inst.needsFullWarp = true;
  if (!b.operands(2, 3))
    return false;
  if (isLoad) {
    return checkRegisters(b, b.operand(0), f) && b.dst(0, registerType(f)) &&
           b.address(1, space) &&
           (b.numOperands() < 3 || b.src(2, Type::U32)) && b.finish(execLoad);
  }
  return checkRegisters(b, b.operand(1), f) && b.address(0, space) &&
         b.src(1, registerType(f)) &&
         (b.numOperands() < 3 || b.src(2, Type::U32)) && b.finish(execStore);
}

bool decodeProduct(InstBuilder &b) {
  Wmma &w = *b.extra<Wmma>();
  StringRef bitOp = b.takeOneOf({"xor", "and"});
  if (!bitOp.empty() && !b.take("popc"))
    return b.fail("expected .popc");
  w.popcAnd = bitOp == "and";
  if (!b.take("sync") || !b.take("aligned"))
    return b.fail("expected .sync.aligned");
  bool rowA = true, rowB = true; // says nothing about fragments
  if (!takeLayout(b, rowA) || !takeLayout(b, rowB) || !takeShape(b, w))
    return false;
  w.sat = b.take("satfinite");
  b.takeRounding();
  // .f16 products name only the results' types.
  llvm::SmallVector<Type, 4> types;
  while (std::optional<Type> type = b.takeOptionalType())
    types.push_back(*type);
  if (types.size() == 2)
    types = {types[0], Type::F16, Type::F16, types[1]};
  if (types.size() != 4)
    return b.fail("expected the types of d and c, or of d, a, b and c");
  if (!isShape(types[1], w.m, w.n, w.k) ||
      elementBits(types[1]) != elementBits(types[2]))
    return b.fail("this shape with elements of type ." + typeName(types[1]));
  w.a = makeFragment(A, types[1], w.m, w.n, w.k);
  w.b = makeFragment(B, types[2], w.m, w.n, w.k);
  w.c = makeFragment(C, types[3], w.m, w.n, w.k);
  w.d = makeFragment(C, types[0], w.m, w.n, w.k);
  b.inst.aligned = b.inst.needsFullWarp = true;
  return b.operands(4) && checkRegisters(b, b.operand(0), w.d) &&
         checkRegisters(b, b.operand(1), w.a) &&
         checkRegisters(b, b.operand(2), w.b) &&
         checkRegisters(b, b.operand(3), w.c) && b.dst(0, registerType(w.d)) &&
         b.src(1, registerType(w.a)) && b.src(2, registerType(w.b)) &&
         b.src(3, registerType(w.c)) && b.finish(execProduct);
}

bool decodeWmma(InstBuilder &b) {
  if (b.take("load"))
    return decodeLoadStore(b, true);
  if (b.take("store"))
    return decodeLoadStore(b, false);
  if (b.take("mma"))
    return decodeProduct(b);
  return b.fail("expected .load, .store or .mma");
}

} // namespace

void attn::ptx::addWmmaInstructions(OpcodeTable &table) {
  table["wmma"] = decodeWmma;
}
