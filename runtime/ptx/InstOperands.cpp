//===- InstOperands.cpp - Operands of instructions ------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptx/FunctionDecoder.h"

#include "llvm/ADT/StringExtras.h"

using namespace attn::ptx;
using llvm::StringRef;
using llvm::Twine;

//===----------------------------------------------------------------------===//
// Special registers
//===----------------------------------------------------------------------===//

static const llvm::StringMap<SpecialRegister> &specialRegisters() {
  using enum SpecialRegister;
  static const llvm::StringMap<SpecialRegister> map = {
      {"%tid.x", TidX},
      {"%tid.y", TidY},
      {"%tid.z", TidZ},
      {"%ntid.x", NtidX},
      {"%ntid.y", NtidY},
      {"%ntid.z", NtidZ},
      {"%ctaid.x", CtaidX},
      {"%ctaid.y", CtaidY},
      {"%ctaid.z", CtaidZ},
      {"%nctaid.x", NctaidX},
      {"%nctaid.y", NctaidY},
      {"%nctaid.z", NctaidZ},
      {"%laneid", LaneId},
      {"%warpid", WarpId},
      {"%nwarpid", NWarpId},
      {"%smid", SmId},
      {"%nsmid", NSmId},
      {"%gridid", GridId},
      {"%lanemask_eq", LanemaskEq},
      {"%lanemask_le", LanemaskLe},
      {"%lanemask_lt", LanemaskLt},
      {"%lanemask_ge", LanemaskGe},
      {"%lanemask_gt", LanemaskGt},
      {"%clock", Clock},
      {"%clock_hi", ClockHi},
      {"%clock64", Clock64},
      {"%globaltimer", GlobalTimer},
      {"%globaltimer_lo", GlobalTimerLo},
      {"%globaltimer_hi", GlobalTimerHi},
      {"%clusterid.x", ClusteridX},
      {"%clusterid.y", ClusteridY},
      {"%clusterid.z", ClusteridZ},
      {"%nclusterid.x", NclusteridX},
      {"%nclusterid.y", NclusteridY},
      {"%nclusterid.z", NclusteridZ},
      {"%cluster_ctaid.x", ClusterCtaidX},
      {"%cluster_ctaid.y", ClusterCtaidY},
      {"%cluster_ctaid.z", ClusterCtaidZ},
      {"%cluster_nctaid.x", ClusterNctaidX},
      {"%cluster_nctaid.y", ClusterNctaidY},
      {"%cluster_nctaid.z", ClusterNctaidZ},
      {"%cluster_ctarank", ClusterCtarank},
      {"%cluster_nctarank", ClusterNctarank},
      {"%is_explicit_cluster", IsExplicitCluster},
      {"%dynamic_smem_size", DynamicSmemSize},
      {"%total_smem_size", TotalSmemSize},
      {"%aggr_smem_size", AggrSmemSize},
      {"%envreg0", Zero},
      {"%envreg1", EnvReg1},
      {"%envreg2", EnvReg2},
      {"%reserved_smem_offset_begin", Zero},
      {"%reserved_smem_offset_end", ReservedEnd},
      {"%reserved_smem_offset_cap", ReservedEnd},
      {"%reserved_smem_offset_0", Zero},
      {"%reserved_smem_offset_1", ReservedSecond},
      {"%current_graph_exec", CurrentGraphExec},
      {"WARP_SZ", Count},
  };
  return map;
}

uint32_t attn::ptx::specialRow(SpecialRegister reg) {
  unsigned i = unsigned(reg);
  return i < first64BitSpecial
             ? i * 128
             : first64BitSpecial * 128 + (i - first64BitSpecial) * 256;
}
uint32_t attn::ptx::specialBytes() {
  return specialRow(SpecialRegister::Count);
}

//===----------------------------------------------------------------------===//
// Operands
//===----------------------------------------------------------------------===//

void *InstBuilder::allocate(size_t size, size_t align) {
  return program().allocator.Allocate(size, align);
}
Program &InstBuilder::program() { return functionDecoder.module.program; }

bool InstBuilder::isRegister(const OperandSyntax &op) const {
  return registerType(op) != Type::None;
}

Type InstBuilder::registerType(const OperandSyntax &op) const {
  if (op.kind != OperandSyntax::Name)
    return Type::None;
  if (const Symbol *symbol = functionDecoder.lookupRegister(op.name))
    return symbol->type;
  auto it = specialRegisters().find(op.name);
  if (it == specialRegisters().end())
    return Type::None;
  return unsigned(it->second) < first64BitSpecial ||
                 it->second == SpecialRegister::Count
             ? Type::U32
             : Type::U64;
}

static uint8_t laneBytes(Type type) {
  return type == Type::Pred ? 0 : std::max(2u, byteSize(type));
}

/// Whether a register of this type may hold a value of that one.
static bool fits(Type reg, Type value, bool relaxed) {
  if (reg == Type::Pred || value == Type::Pred)
    return reg == value;
  unsigned have = laneBytes(reg), want = laneBytes(value);
  return have == want || (relaxed && have > want);
}

bool InstBuilder::dst(const OperandSyntax &op, Type type, bool relaxed) {
  if (op.kind == OperandSyntax::Vector) {
    for (const OperandSyntax &element : op.elements)
      if (!dst(element, type, relaxed))
        return false;
    return true;
  }
  if (ops.size() >= 250)
    return fail("too many operands");
  Operand out;
  if (op.kind == OperandSyntax::Sink) {
    out.base = Operand::None;
    out.bytes = laneBytes(type);
    ops.push_back(out);
    ++numDsts;
    return true;
  }
  Symbol *symbol = op.kind == OperandSyntax::Name
                       ? functionDecoder.lookupRegister(op.name)
                       : nullptr;
  if (!symbol)
    return fail(op.kind == OperandSyntax::Name
                    ? "'" + op.name + "' is not a declared register"
                    : Twine("a register is expected as destination"));
  if (!fits(symbol->type, type, relaxed))
    return fail("destination '" + op.name + "' is of type ." +
                typeName(symbol->type) + ", expected ." + typeName(type));
  out.base = Operand::Register;
  out.row = symbol->row;
  out.reg = symbol->reg;
  out.bytes = laneBytes(symbol->type);
  ops.push_back(out);
  ++numDsts;
  return true;
}

bool InstBuilder::constant(uint64_t bits, unsigned bytes) {
  Operand out;
  out.base = Operand::Constant;
  out.bytes = bytes;
  out.row = functionDecoder.module.constantRow(bits, bytes);
  ops.push_back(out);
  return true;
}

bool InstBuilder::src(const OperandSyntax &op, Type type, bool relaxed) {
  if (ops.size() >= 250)
    return fail("too many operands");
  switch (op.kind) {
  case OperandSyntax::Vector:
    for (const OperandSyntax &element : op.elements)
      if (!src(element, type, relaxed))
        return false;
    return true;
  case OperandSyntax::Integer: {
    if (type == Type::Pred)
      return constant(op.bits & 1 ? ~0u : 0, 0);
    if (isFloat(type))
      return fail("an integer where a ." + typeName(type) + " is expected");
    return constant(op.bits, laneBytes(type));
  }
  case OperandSyntax::Float32:
  case OperandSyntax::Float64: {
    bool isFloat32 = op.kind == OperandSyntax::Float32;
    if (type == Type::F64 || (isBits(type) && byteSize(type) == 8)) {
      double value = isFloat32
                         ? double(llvm::bit_cast<float>(uint32_t(op.bits)))
                         : llvm::bit_cast<double>(op.bits);
      return constant(llvm::bit_cast<uint64_t>(value), 8);
    }
    if (byteSize(type) == 4 && !isInteger(type)) {
      float value = isFloat32 ? llvm::bit_cast<float>(uint32_t(op.bits))
                              : float(llvm::bit_cast<double>(op.bits));
      return constant(isFloat32 ? op.bits : llvm::bit_cast<uint32_t>(value), 4);
    }
    return fail("a floating-point number where a ." + typeName(type) +
                " is expected");
  }
  case OperandSyntax::Name:
    break;
  default:
    return fail("a register or a number is expected");
  }

  Operand out;
  if (Symbol *symbol = functionDecoder.lookupRegister(op.name)) {
    if (op.offset)
      return fail("'" + op.name + "' + a number is not an operand");
    if (!fits(symbol->type, type, relaxed))
      return fail("operand '" + op.name + "' is of type ." +
                  typeName(symbol->type) + ", expected ." + typeName(type));
    if (op.negated && symbol->type != Type::Pred)
      return fail("'!' before '" + op.name + "', which is not a predicate");
    out.base = Operand::Register;
    out.row = symbol->row;
    out.reg = symbol->reg;
    out.bytes = laneBytes(symbol->type);
    out.negated = op.negated;
    ops.push_back(out);
    return true;
  }
  auto special = specialRegisters().find(op.name);
  if (special != specialRegisters().end()) {
    if (special->second == SpecialRegister::Count)
      return constant(warpSize, laneBytes(type));
    // Of 32 or 64 bits, as the instruction reads it; a launch is the first.
    if (special->second == SpecialRegister::GridId)
      return constant(0, laneBytes(type));
    if (special->second == SpecialRegister::EnvReg1 ||
        special->second == SpecialRegister::EnvReg2)
      functionDecoder.function.usesWorkspace = true;
    if (op.name.starts_with("%reserved_smem_offset"))
      functionDecoder.function.sharedVariables.insert(
          *program().reservedShared);
    out.base = Operand::Special;
    out.row = specialRow(special->second);
    out.bytes = unsigned(special->second) < first64BitSpecial ? 4 : 8;
    if (out.bytes != laneBytes(type) &&
        !(relaxed && out.bytes > laneBytes(type)))
      return fail("'" + op.name + "' has " + Twine(out.bytes * 8) +
                  " bits, expected ." + typeName(type));
    ops.push_back(out);
    return true;
  }
  if (op.name.starts_with("%"))
    return fail("'" + op.name + "' is not a declared register");
  // The address of a variable or function.
  Symbol *symbol = functionDecoder.lookup(op.name);
  if (symbol && symbol->kind == Symbol::Function) {
    return constant(symbol->address, laneBytes(type));
  }
  if (!symbol || symbol->kind != Symbol::Variable)
    return fail("'" + op.name + "' is not declared");
  if (symbol->space == Space::Shared)
    functionDecoder.function.sharedVariables.insert(symbol->count);
  if (laneBytes(type) < 4 || isFloat(type))
    return fail("the address of '" + op.name + "' where a ." + typeName(type) +
                " is expected");
  constant(symbol->address + op.offset, laneBytes(type));
  if (symbol->space == Space::Local || symbol->space == Space::FuncParam) {
    ops.back().frame = symbol->space;
    if (syntax.parts[0] != "mov" && syntax.parts[0] != "cvta")
      return fail("the address of '" + op.name +
                  "' as an operand; move it to a register");
  }
  return true;
}

bool InstBuilder::address(const OperandSyntax &op, Space space) {
  if (op.kind != OperandSyntax::Address)
    return fail("an address in brackets is expected");
  const OperandSyntax &base = op.elements[0];
  if (base.kind == OperandSyntax::Integer)
    return constant(base.bits + op.offset, 8);
  if (base.kind != OperandSyntax::Name)
    return fail("a register or a variable is expected in an address");
  if (Symbol *symbol = functionDecoder.lookupRegister(base.name)) {
    unsigned bytes = laneBytes(symbol->type);
    if (bytes != 4 && bytes != 8)
      return fail("address register '" + base.name + "' is of type ." +
                  typeName(symbol->type) + ", expected 32 or 64 bits");
    if (bytes == 4 && (space == Space::Generic || space == Space::Global))
      return fail("address register '" + base.name +
                  "' has 32 bits, expected 64 in space " + spaceName(space));
    Operand out;
    out.base = Operand::Register;
    out.row = symbol->row;
    out.reg = symbol->reg;
    out.bytes = bytes;
    out.offset = op.offset;
    ops.push_back(out);
    return true;
  }
  Symbol *symbol = functionDecoder.lookup(base.name);
  if (!symbol || symbol->kind != Symbol::Variable)
    return fail("'" + base.name + "' is not declared");
  bool isParam =
      symbol->space == Space::Param || symbol->space == Space::FuncParam;
  bool matches = symbol->space == space || (isParam && space == Space::Param) ||
                 space == Space::Generic;
  if (!matches)
    return fail("'" + base.name + "' lies in space " +
                spaceName(symbol->space) + ", expected " + spaceName(space));
  if (symbol->space == Space::Shared)
    functionDecoder.function.sharedVariables.insert(symbol->count);
  uint64_t window =
      space == Space::Generic ? windowBase(symbol->space).value_or(0) : 0;
  constant(symbol->address + window, 8);
  ops.back().offset = op.offset;
  if (symbol->space == Space::Local || symbol->space == Space::FuncParam)
    ops.back().frame = symbol->space;
  if (symbol->space == Space::FuncParam)
    inst.space = Space::FuncParam;
  return true;
}

std::optional<int64_t> InstBuilder::immediate(unsigned i) {
  if (i >= numOperands() || operand(i).kind != OperandSyntax::Integer) {
    if (i < numOperands() && operand(i).kind == OperandSyntax::Name &&
        operand(i).name == "WARP_SZ")
      return warpSize;
    fail("operand " + Twine(i + 1) + " must be an integer constant");
    return std::nullopt;
  }
  return int64_t(operand(i).bits);
}

bool InstBuilder::branchTarget(const OperandSyntax &op) {
  if (op.kind != OperandSyntax::Name)
    return fail("a label is expected");
  std::optional<uint32_t> label = functionDecoder.lookupLabel(op.name);
  if (!label)
    return fail("label '" + op.name + "' is not defined");
  inst.target = *label;
  return true;
}

bool InstBuilder::finish(ExecFn exec) {
  if (hasFailed())
    return false;
  if (!mods.empty())
    return fail("unknown or misplaced modifier '." + mods.front() + "'");
  inst.exec = exec;
  inst.numDsts = numDsts;
  inst.numSrcs = ops.size() - numDsts;
  auto *copy = static_cast<Operand *>(
      allocate(sizeof(Operand) * ops.size(), alignof(Operand)));
  std::uninitialized_copy(ops.begin(), ops.end(), copy);
  inst.operands = copy;
  return true;
}
