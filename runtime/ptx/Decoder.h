//===- Decoder.h - From syntax to decoded instructions ----------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// An instruction group is a file with decode functions, the exec functions that
// they choose among, and one function that adds them to the table:
//
//   static Status execBrev(Exec &e, const Inst &i) { ... }
//   static bool decodeBrev(InstBuilder &b) {
//     Type type = b.takeType({Type::B32, Type::B64});
//     return b.operands(2) && b.dst(0, type) && b.src(1, type) &&
//     b.finish(execBrev);
//   }
//   void addBitInstructions(OpcodeTable &table) { table["brev"] = decodeBrev; }
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_RUNTIME_PTX_DECODER_H
#define ATTN_RUNTIME_PTX_DECODER_H

#include "ptx/Inst.h"
#include "ptx/Syntax.h"

#include "llvm/ADT/StringMap.h"

namespace attn::ptx {

class FunctionDecoder;

/// Builds one instruction. Every method that can fail records the first error
/// and returns false (or Type::None).
class InstBuilder {
public:
  InstBuilder(FunctionDecoder &decoder, const Statement &syntax, Inst &inst);

  const Statement &syntax;
  Inst &inst;

  bool fail(const llvm::Twine &message);
  bool hasFailed() const { return !error.empty(); }
  llvm::StringRef getError() const { return error; }

  // Modifiers. Each is taken once; finish() fails for those left over.

  /// Takes the modifier if it is there.
  bool take(llvm::StringRef modifier);
  /// Takes the first of these that is there, or returns an empty string.
  llvm::StringRef takeOneOf(llvm::ArrayRef<llvm::StringRef> modifiers);
  /// Takes the first type modifier left; it must be one of `allowed` where that
  /// is not empty.
  Type takeType(llvm::ArrayRef<Type> allowed = {});
  std::optional<Type> takeOptionalType();
  /// .rn .rz .rm .rp .rna .rni .rzi .rmi .rpi .rs
  Rounding takeRounding();
  /// .global, .shared, .shared::cta, ..; Generic if there is none.
  Space takeSpace();
  /// Takes cache, eviction and prefetch hints, .weak/.relaxed/.acquire/...,
  /// scopes, .volatile, .nc, .mmio. Returns whether the access is strong: it
  /// synchronises with its like (it says anything but .weak).
  bool takeMemorySemantics();
  /// The modifiers not taken yet.
  llvm::ArrayRef<llvm::StringRef> left() const { return mods; }

  // Operands, by their position in the text.

  bool operands(unsigned min, unsigned max = 0); // max 0: exactly min
  unsigned numOperands() const { return syntax.operands.size(); }
  const OperandSyntax &operand(unsigned i) const { return syntax.operands[i]; }

  /// Appends a destination: a register as wide as the type (wider too if
  /// `relaxed`), a sink, or a vector of them. Destinations come first.
  bool dst(unsigned i, Type type, bool relaxed = false) {
    return dst(operand(i), type, relaxed);
  }
  bool dst(const OperandSyntax &op, Type type, bool relaxed = false);
  /// Appends a source: a register, special register, immediate converted to the
  /// type, address of a variable, or a vector of them.
  bool src(unsigned i, Type type, bool relaxed = false) {
    return src(operand(i), type, relaxed);
  }
  bool src(const OperandSyntax &op, Type type, bool relaxed = false);
  /// Appends the base register or symbol of [base + offset] as a source with
  /// its offset; 32-bit and 64-bit registers are taken.
  bool address(unsigned i, Space space) { return address(operand(i), space); }
  bool address(const OperandSyntax &op, Space space);
  /// The value of an immediate operand.
  std::optional<int64_t> immediate(unsigned i);
  /// Appends a source that is the row of a constant.
  bool constant(uint64_t bits, unsigned bytes);
  /// Whether the operand names a register or an immediate.
  bool isRegister(const OperandSyntax &op) const;
  Type registerType(const OperandSyntax &op) const;

  /// A label or function by name.
  bool branchTarget(const OperandSyntax &op);

  template <typename T> T *extra() {
    static_assert(std::is_trivially_destructible_v<T>);
    T *t = new (allocate(sizeof(T), alignof(T))) T();
    inst.extra = t;
    return t;
  }
  void *allocate(size_t size, size_t align);
  Program &program();
  FunctionDecoder &decoder() { return functionDecoder; }

  /// Sets the exec function; fails for modifiers that nobody took.
  bool finish(ExecFn exec);

private:
  FunctionDecoder &functionDecoder;
  llvm::SmallVector<llvm::StringRef, 8> mods;
  llvm::SmallVector<Operand, 8> ops;
  unsigned numDsts = 0;
  std::string error;
};

using DecodeFn = bool (*)(InstBuilder &);
using OpcodeTable = llvm::StringMap<DecodeFn>;

// The instruction groups, each in the file of its name; those with hot lane
// loops are in Lanes.h.
void addControlInstructions(OpcodeTable &table);
void addMemoryInstructions(OpcodeTable &table);
void addAtomicInstructions(OpcodeTable &table);
void addWarpInstructions(OpcodeTable &table);
void addBarrierInstructions(OpcodeTable &table);
void addAsyncCopyInstructions(OpcodeTable &table);
void addMbarrierInstructions(OpcodeTable &table);
void addWarpgroupInstructions(OpcodeTable &table);
void addClusterInstructions(OpcodeTable &table);
void addTensorMapInstructions(OpcodeTable &table);
void addMatrixMemoryInstructions(OpcodeTable &table);
void addVideoInstructions(OpcodeTable &table);
void addWmmaInstructions(OpcodeTable &table);

/// All of them.
const OpcodeTable &opcodeTable();
/// Inst::propagatesUndefined.
bool isLaneOpcode(llvm::StringRef opcode);
/// Inst::movedSources.
uint8_t countMovedSources(const Inst &inst,
                          llvm::ArrayRef<llvm::StringRef> parts);
/// Inst::packedBits.
uint8_t packedBits(llvm::ArrayRef<llvm::StringRef> parts);

} // namespace attn::ptx

#endif // ATTN_RUNTIME_PTX_DECODER_H
