//===- Inst.h - Decoded instructions ----------------------------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_RUNTIME_PTX_INST_H
#define ATTN_RUNTIME_PTX_INST_H

#include "ptx/Device.h"
#include "ptx/Target.h"
#include "ptx/Types.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Allocator.h"
#include <set>
#include <string>
#include <vector>

namespace attn::ptx {

struct Exec;
struct Inst;

/// What an instruction did to the path of lanes that executed it.
enum class Status : uint8_t {
  Next,  // go on with the next instruction
  Jump,  // the instruction set the paths of the warp itself
  Wait,  // not done; execute it again once something else has run
  Yield, // done, but let other warps run first (a failed poll)
  Sleep, // likewise, but for time to pass
  Fault, // Exec::fault was called
  Stop,  // end of the launch at TraceOptions::stopLine
};
using ExecFn = Status (*)(Exec &, const Inst &);

/// Where control goes after an instruction, for the control-flow graph.
enum class Flow : uint8_t {
  Next,
  Branch, // Inst::target, or on if guarded
  Switch, // one of BranchTable's
  Return, // the end of the function
  Exit,   // of the thread
};

/// Inst::extra of a Flow::Switch: indices in Program::code.
struct BranchTable {
  uint32_t count = 0;
  uint32_t *targets = nullptr;
};

/// Where an operand's 32 lanes lie. All sources are rows, immediates included:
/// constants and special registers are kept as rows of their own.
struct Operand {
  enum Base : uint8_t { Register, Constant, Special, None };
  uint32_t row = 0;  // byte offset of the row from its base
  uint32_t reg = 0;  // index of the register's definedness mask
  Base base = None;  // None: a sink
  uint8_t bytes = 0; // of one lane: 2, 4, 8, 16; 0: a predicate, one bit a lane
  bool negated = false; // of a predicate
  Space frame =
      Space::None;    // Local and FuncParam: an address in the current frame
  int64_t offset = 0; // added to addresses
};

enum class Rounding : uint8_t {
  None,
  RN,
  RZ,
  RM,
  RP,
  RNA,
  RNI,
  RZI,
  RMI,
  RPI,
  RS
};

/// A decoded instruction. What the fields mean beyond the first group is for
/// each opcode group to say.
struct Inst {
  ExecFn exec = nullptr;
  const Operand *operands = nullptr; // destinations, then sources
  uint8_t numDsts = 0;
  uint8_t numSrcs = 0;
  bool hasGuard = false;
  bool guardNegated = false;
  /// A copy: undefined sources make undefined results and are no fault; the
  /// exec function sets Exec::defined itself.
  bool copiesUndefined = false;
  /// It computes lane by lane and touches nothing but registers: what it makes
  /// of undefined sources is undefined, and no fault until it is used.
  /// Compilers compute with what they do not choose later.
  bool propagatesUndefined = false;
  /// A weak store: what was loaded from undefined memory it may copy.
  bool storesUndefined = false;
  /// It moves bits about: each bit of the result comes from bits of the first
  /// sources, so many, and what the rest are. 0: it does not.
  uint8_t movedSources = 0;
  /// Lanes of which it reads its source `partialSource`; of others all.
  uint32_t partialLanes = ~0u;
  uint8_t partialSource = 0;
  /// Bits of an element where it computes with packed ones; else 0.
  uint8_t packedBits = 0;
  /// Its lanes wait for each other, or acquire what others released: what they
  /// did before is ordered.
  bool synchronisesLanes = false;
  /// All lanes of the warp must execute it together (.aligned).
  bool aligned = false;
  bool needsFullWarp = false; // all 32 of them exist
  /// An access that synchronises with its like: not .weak.
  bool isStrong = false;
  /// It ends its threads, without a guard.
  bool endsThread = false;
  uint32_t guardRow = 0;
  uint32_t guardReg = 0;
  uint32_t line = 0;
  uint32_t index = 0; // in Program::code
  llvm::StringRef text;

  Flow flow = Flow::Next;

  Space space = Space::None;
  /// Of a copy between memories: what it writes; `space` is what it reads.
  Space copiesTo = Space::None;
  Type type = Type::None;
  Type type2 = Type::None;
  Rounding rounding = Rounding::None;
  bool ftz = false;
  bool sat = false;
  uint8_t vector = 1; // elements of a vector access
  uint8_t op = 0;     // operation within the group
  uint16_t flags = 0;
  uint32_t target = 0;     // of a branch: index in Program::code
  uint32_t reconverge = 0; // of a branch: immediate post-dominator
  int64_t imm[2] = {0, 0};
  const void *extra = nullptr; // lives in Program::allocator

  const Operand &dst(unsigned i) const { return operands[i]; }
  const Operand &src(unsigned i) const { return operands[numDsts + i]; }
};

/// A named range of a space, for messages and bounds.
struct Variable {
  std::string name;
  Space space = Space::None;
  uint64_t address = 0; // offset in its space; generic for global
  uint64_t size = 0;
  uint32_t align = 1;
  bool isDefined = false; // before anyone writes it
};

struct Function {
  std::string name;
  uint32_t line = 0;
  bool isEntry = false;
  bool hasBody = false;
  uint32_t begin = 0, end = 0; // in Program::code; the last one is the return
  uint32_t registerBytes = 0;  // of all rows
  uint32_t numRegisters = 0;
  uint32_t paramBytes = 0; // frame memory of .param variables, formals included
  uint32_t localBytes = 0;
  std::vector<Parameter> params;  // offsets in the kernel's block or the frame
  std::vector<Parameter> results; // of a device function: in the frame
  std::vector<Variable> frameParams; // .param variables in the frame
  std::vector<Variable> locals;
  std::vector<llvm::StringRef> registerNames; // by Operand::reg
  std::optional<Dim3> reqntid, maxntid, cluster;
  /// Here or in a function it calls are atomic or strong accesses to global
  /// memory, by which blocks may wait for each other.
  bool synchronisesGlobally = false;
  bool callsSystem = false;   // likewise; SystemCalls.h
  bool usesWorkspace = false; // likewise: the grid's, %envreg1 and 2
  std::set<const Function *> callees;
  bool hasIndirectCalls = false;
  /// Of Program::shared, those that it or a function it calls names.
  std::set<uint32_t> sharedVariables;
  /// What they take without the gaps that the emulator leaves between them.
  uint32_t staticSharedBytes = 0;
};

/// Inst::extra of a call. Arguments are .param variables of the caller's frame
/// or sources of the instruction.
struct CallInfo {
  struct Argument {
    bool inFrame = false;
    uint32_t offset = 0; // in the frame
    uint32_t size = 0;
    uint32_t source = 0; // or the source's number
  };
  Function *callee = nullptr; // null: the first source is its address
  uint32_t numArguments = 0, numResults = 0;
  Argument *arguments = nullptr, *results = nullptr;
};

/// A decoded file.
struct Program {
  std::string file;
  unsigned versionMajor = 0, versionMinor = 0;
  Target target;
  std::vector<Inst> code;
  std::vector<std::unique_ptr<Function>> functions;
  llvm::StringMap<Function *> functionByName;
  llvm::StringMap<uint64_t> symbolAddresses; // generic, of .global and .const
  std::vector<Variable> shared;    // static ones; extern arrays have size 0
  std::vector<Variable> constants; // offsets in constantData
  std::vector<Variable> globals;   // device addresses
  std::vector<uint8_t> constantData;
  bool hasAsyncProxy = false; // it has bulk copies or wgmma
  uint32_t staticSharedBytes = 0;
  uint32_t dynamicSharedAlign = 16;
  uint32_t dynamicSharedBegin = 0; // of extern arrays
  /// The system's kilobyte of shared memory, among `shared`, where the file
  /// asks for it (%reserved_smem_offset).
  std::optional<uint32_t> reservedShared;
  std::vector<uint8_t> constantRows; // of immediates
  llvm::BumpPtrAllocator allocator;
  std::string source; // names point into it
};

/// Rows of special registers, in the order of their 128-byte (32-bit) rows;
/// 64-bit ones follow.
enum class SpecialRegister : uint8_t {
  TidX,
  TidY,
  TidZ,
  NtidX,
  NtidY,
  NtidZ,
  CtaidX,
  CtaidY,
  CtaidZ,
  NctaidX,
  NctaidY,
  NctaidZ,
  LaneId,
  WarpId,
  NWarpId,
  SmId,
  NSmId,
  GridId,
  LanemaskEq,
  LanemaskLe,
  LanemaskLt,
  LanemaskGe,
  LanemaskGt,
  Clock,
  ClockHi,
  ClusteridX,
  ClusteridY,
  ClusteridZ,
  NclusteridX,
  NclusteridY,
  NclusteridZ,
  ClusterCtaidX,
  ClusterCtaidY,
  ClusterCtaidZ,
  ClusterNctaidX,
  ClusterNctaidY,
  ClusterNctaidZ,
  ClusterCtarank,
  ClusterNctarank,
  DynamicSmemSize,
  TotalSmemSize,
  AggrSmemSize,
  GlobalTimerLo,
  GlobalTimerHi,
  IsExplicitCluster,
  ReservedEnd,
  ReservedSecond,
  EnvReg1,
  EnvReg2,
  Zero,
  Clock64,
  GlobalTimer,
  CurrentGraphExec,
  Count
};
constexpr unsigned first64BitSpecial = unsigned(SpecialRegister::Clock64);
uint32_t specialRow(SpecialRegister reg);
uint32_t specialBytes();

} // namespace attn::ptx

#endif // ATTN_RUNTIME_PTX_INST_H
