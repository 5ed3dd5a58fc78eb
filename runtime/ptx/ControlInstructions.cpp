//===- ControlInstructions.cpp - Branches, calls and the end of threads ---===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptx/Decoder.h"
#include "ptx/Exec.h"
#include "ptx/FunctionDecoder.h"
#include "ptx/SystemCalls.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace attn::ptx;

/// Deeper nesting than any GPU's stack allows.
static constexpr size_t maxCallDepth = 1000;

//===----------------------------------------------------------------------===//
// Branches
//===----------------------------------------------------------------------===//

static Status execBranch(Exec &e, const Inst &i) {
  Warp &warp = *e.warp;
  uint32_t lanes = e.path->lanes;
  uint32_t next = e.path->pc + 1;
  if (e.active == lanes || i.target == next) {
    warp.jump(i.target);
    return Status::Jump;
  }
  ++e.counters->divergentBranches;
  warp.diverge({{lanes & ~e.active, next}, {e.active, i.target}}, i.reconverge);
  return Status::Jump;
}

static bool decodeBranch(InstBuilder &b) {
  b.take("uni");
  if (!b.operands(1) || !b.branchTarget(b.operand(0)))
    return false;
  b.inst.flow = Flow::Branch;
  b.inst.flags = countedBranch;
  return b.finish(execBranch);
}

static Status execSwitch(Exec &e, const Inst &i) {
  Warp &warp = *e.warp;
  const auto *table = static_cast<const BranchTable *>(i.extra);
  const uint32_t *index = e.row<uint32_t>(i.src(0));
  llvm::SmallVector<Warp::Split, 8> splits;
  auto add = [&](uint32_t lanes, uint32_t pc) {
    for (Warp::Split &split : splits)
      if (split.pc == pc) {
        split.lanes |= lanes;
        return;
      }
    splits.push_back({lanes, pc});
  };
  Status status = Status::Jump;
  forLanes(e.active, [&](unsigned lane) {
    if (index[lane] >= table->count)
      status =
          e.fault("index " + llvm::Twine(index[lane]) + " is outside of the " +
                      llvm::Twine(table->count) + " branch targets",
                  lane);
    else
      add(1u << lane, table->targets[index[lane]]);
  });
  if (status == Status::Fault)
    return status;
  if (uint32_t rest = e.path->lanes & ~e.active)
    add(rest, e.path->pc + 1);
  if (splits.size() == 1) {
    warp.jump(splits[0].pc);
    return Status::Jump;
  }
  ++e.counters->divergentBranches;
  warp.diverge(splits, i.reconverge);
  return Status::Jump;
}

static bool decodeBrx(InstBuilder &b) {
  if (!b.take("idx"))
    return b.fail("expected brx.idx");
  b.take("uni");
  if (!b.operands(2) || !b.src(0, Type::U32))
    return false;
  const Symbol *targets = b.decoder().lookup(b.operand(1).name);
  if (b.operand(1).kind != OperandSyntax::Name || !targets ||
      targets->kind != Symbol::Targets)
    return b.fail("'" + b.operand(1).name +
                  "' is not a list of .branchtargets");
  BranchTable *table = b.extra<BranchTable>();
  table->count = targets->names->size();
  table->targets = static_cast<uint32_t *>(
      b.allocate(sizeof(uint32_t) * table->count, alignof(uint32_t)));
  for (auto [i, name] : llvm::enumerate(*targets->names)) {
    std::optional<uint32_t> label = b.decoder().lookupLabel(name);
    if (!label)
      return b.fail("label '" + name + "' is not defined");
    table->targets[i] = *label;
  }
  b.inst.flow = Flow::Switch;
  b.inst.flags = countedBranch;
  return b.finish(execSwitch);
}

//===----------------------------------------------------------------------===//
// Calls
//===----------------------------------------------------------------------===//

static void copyParam(ThreadMemory &memory, uint32_t to, uint32_t from,
                      uint32_t bytes) {
  std::copy_n(memory.data.begin() + from, bytes, memory.data.begin() + to);
  std::copy_n(memory.state.begin() + from, bytes, memory.state.begin() + to);
  if (memory.undefinedBytes.empty())
    return;
  for (uint32_t i = 0; i < bytes; ++i) {
    auto byte = memory.undefinedBytes.find(from + i);
    if (byte != memory.undefinedBytes.end())
      memory.undefinedBytes[to + i] = UndefinedByte(byte->second);
    else
      memory.undefinedBytes.erase(to + i);
  }
}

static void copyResults(Warp &warp, uint32_t lanes, const CallInfo &call,
                        const Frame &caller, const Frame &callee) {
  for (uint32_t r = 0; r < call.numResults; ++r) {
    const Parameter &formal = callee.function->results[r];
    const CallInfo::Argument &actual = call.results[r];
    forLanes(lanes, [&](unsigned lane) {
      copyParam(warp.param[lane], caller.param + actual.offset,
                callee.param + formal.offset,
                std::min(actual.size, formal.size));
    });
  }
}

Status attn::ptx::execReturn(Exec &e, const Inst &) {
  Warp &warp = *e.warp;
  Path &path = *e.path;
  if (path.frames.size() == 1) {
    e.noteChange(); // a barrier may count on fewer threads
    warp.exitLanes(path.lanes);
    return Status::Jump;
  }
  Frame frame = path.frames.pop_back_val();
  copyResults(warp, path.lanes,
              *static_cast<const CallInfo *>(frame.call->extra),
              path.frames.back(), frame);
  path.join = frame.callerJoin;
  path.joinPc = path.join < 0 ? ~0u : warp.joins[path.join].pc;
  warp.jump(frame.returnTo);
  return Status::Jump;
}

static Status enter(Exec &e, const Inst &i, const Function &callee) {
  Warp &warp = *e.warp;
  Path &path = *e.path;
  const auto *call = static_cast<const CallInfo *>(i.extra);
  SystemCallFn system = callee.hasBody ? nullptr : findSystemCall(callee.name);
  if (!callee.hasBody && !system)
    return e.fault("call of '" + callee.name + "', which has no body");
  if (callee.params.size() != call->numArguments ||
      callee.results.size() != call->numResults)
    return e.fault("call of '" + callee.name + "' with " +
                   llvm::Twine(call->numArguments) + " arguments and " +
                   llvm::Twine(call->numResults) + " results, it has " +
                   llvm::Twine(callee.params.size()) + " and " +
                   llvm::Twine(callee.results.size()));
  if (path.frames.size() >= maxCallDepth)
    return e.fault("calls are nested deeper than " + llvm::Twine(maxCallDepth));
  const Frame caller = path.frames.back();
  Frame frame;
  frame.function = &callee;
  frame.returnTo = path.pc + 1;
  frame.callerJoin = path.join;
  frame.call = &i;
  frame.registers = warp.placeRegisters(caller, callee);
  frame.defined = caller.defined + caller.function->numRegisters;
  frame.local = (caller.localTop + 15) & ~15u;
  frame.localTop = frame.local + callee.localBytes;
  frame.param = caller.param + caller.function->paramBytes;
  warp.enterFrame(frame, path.lanes);
  e.bases[Operand::Register] = warp.registers.data() + caller.registers;
  for (uint32_t a = 0; a < call->numArguments; ++a) {
    const CallInfo::Argument &actual = call->arguments[a];
    const Parameter &formal = callee.params[a];
    uint32_t to = frame.param + formal.offset;
    forLanes(path.lanes, [&](unsigned lane) {
      ThreadMemory &memory = warp.param[lane];
      if (actual.inFrame) {
        copyParam(memory, to, caller.param + actual.offset,
                  std::min(actual.size, formal.size));
        return;
      }
      uint64_t value = e.value(i.src(actual.source), lane);
      uint32_t bytes = std::min<uint32_t>(formal.size, 8);
      std::memcpy(&memory.data[to], &value, bytes);
      std::fill_n(memory.state.begin() + to, bytes, ThreadMemory::Defined);
    });
  }
  if (system) {
    if (system(e, {&callee, frame.param}) == Status::Fault)
      return Status::Fault;
    copyResults(warp, path.lanes, *call, caller, frame);
    warp.jump(frame.returnTo);
    return Status::Jump;
  }
  path.frames.push_back(frame);
  path.join = -1;
  path.joinPc = ~0u;
  warp.jump(callee.begin);
  return Status::Jump;
}

static Status execCall(Exec &e, const Inst &i) {
  Warp &warp = *e.warp;
  uint32_t next = e.path->pc + 1;
  if (uint32_t rest = e.path->lanes & ~e.active) {
    warp.diverge({{rest, next}, {e.active, e.path->pc}}, next);
    return Status::Jump;
  }
  const auto *call = static_cast<const CallInfo *>(i.extra);
  if (call->callee)
    return enter(e, i, *call->callee);
  // Lanes that call different functions go one after the other.
  const uint64_t *address = e.row<uint64_t>(i.src(0));
  unsigned first = llvm::countr_zero(e.active);
  uint32_t same = 0;
  forLanes(e.active, [&](unsigned lane) {
    same |= uint32_t(address[lane] == address[first]) << lane;
  });
  uint64_t number = (address[first] - window::code) / 16 - 1;
  const auto &functions = e.launch->program->functions;
  if (address[first] % 16 || number >= functions.size())
    return e.fault("0x" + llvm::utohexstr(address[first], true) +
                       " is not the address of a function",
                   first);
  if (same == e.active)
    return enter(e, i, *functions[number]);
  ++e.counters->divergentBranches;
  // Both groups execute the call again, each alone.
  warp.divergeAtPlace(same, next);
  return Status::Jump;
}

static bool addArguments(InstBuilder &b, const OperandSyntax *list,
                         bool isResult, uint32_t &count,
                         CallInfo::Argument *&out, unsigned &sources) {
  size_t size = list ? list->elements.size() : 0;
  count = size;
  out = static_cast<CallInfo::Argument *>(
      b.allocate(sizeof(CallInfo::Argument) * std::max<size_t>(size, 1),
                 alignof(CallInfo::Argument)));
  for (size_t i = 0; i < size; ++i) {
    const OperandSyntax &op = list->elements[i];
    CallInfo::Argument argument;
    const Symbol *symbol =
        op.kind == OperandSyntax::Name ? b.decoder().lookup(op.name) : nullptr;
    if (symbol && symbol->kind == Symbol::Variable &&
        symbol->space == Space::FuncParam) {
      argument.inFrame = true;
      argument.offset = symbol->address;
      argument.size = symbol->size;
    } else if (isResult) {
      return b.fail("a result of a call must be a .param variable");
    } else {
      Type type = b.registerType(op);
      if (!b.src(op, type == Type::None ? Type::B64 : type))
        return false;
      argument.source = sources++;
    }
    out[i] = argument;
  }
  return true;
}

static bool decodeCall(InstBuilder &b) {
  b.take("uni");
  unsigned next = 0, found = b.numOperands();
  auto isList = [&](unsigned i) {
    return i < found && b.operand(i).kind == OperandSyntax::List;
  };
  CallInfo *call = b.extra<CallInfo>();
  const OperandSyntax *results = isList(0) ? &b.operand(next++) : nullptr;
  if (next >= found || b.operand(next).kind != OperandSyntax::Name)
    return b.fail("a function is expected");
  const OperandSyntax &callee = b.operand(next++);
  const OperandSyntax *arguments = isList(next) ? &b.operand(next++) : nullptr;
  unsigned sources = 0;
  const Symbol *symbol = b.decoder().lookup(callee.name);
  if (symbol && symbol->kind == Symbol::Function) {
    call->callee = symbol->function;
    if (call->callee->isEntry)
      return b.fail("'" + callee.name + "' is a kernel");
  } else {
    if (!b.src(callee, Type::U64))
      return false;
    sources = 1;
    // The prototype adds nothing: parameters are matched by position.
    const Symbol *prototype =
        next < found && b.operand(next).kind == OperandSyntax::Name
            ? b.decoder().lookup(b.operand(next).name)
            : nullptr;
    if (!prototype || (prototype->kind != Symbol::Prototype &&
                       prototype->kind != Symbol::Targets))
      return b.fail("an indirect call needs the label of its .callprototype");
    ++next;
  }
  if (next != found)
    return b.fail("unexpected operands after the arguments");
  if (!addArguments(b, results, true, call->numResults, call->results,
                    sources) ||
      !addArguments(b, arguments, false, call->numArguments, call->arguments,
                    sources))
    return false;
  return b.finish(execCall);
}

//===----------------------------------------------------------------------===//
// Return and exit
//===----------------------------------------------------------------------===//

static Status execExit(Exec &e, const Inst &) {
  Warp &warp = *e.warp;
  uint32_t rest = e.path->lanes & ~e.active;
  uint32_t next = e.path->pc + 1;
  e.noteChange();
  warp.exitLanes(e.active);
  if (rest)
    warp.jump(next);
  return Status::Jump;
}

static bool decodeReturn(InstBuilder &b) {
  b.take("uni");
  if (!b.operands(0))
    return false;
  if (b.decoder().function.isEntry) {
    b.inst.flow = Flow::Branch;
    b.inst.target = b.decoder().function.end - 1;
    b.inst.endsThread = !b.inst.hasGuard;
    return b.finish(execExit);
  }
  // To the one return at the function's end, where its lanes meet.
  b.inst.flow = Flow::Branch;
  b.inst.target = b.decoder().function.end - 1;
  return b.finish(execBranch);
}

static bool decodeExit(InstBuilder &b) {
  b.inst.flow = Flow::Exit;
  b.inst.endsThread = !b.inst.hasGuard;
  return b.operands(0) && b.finish(execExit);
}

static Status execTrap(Exec &e, const Inst &) {
  return e.fault("the kernel trapped");
}

static bool decodeTrap(InstBuilder &b) {
  b.inst.flow = Flow::Exit;
  return b.operands(0) && b.finish(execTrap);
}

static Status execNothing(Exec &, const Inst &) { return Status::Next; }

static bool decodeBreakpoint(InstBuilder &b) {
  return b.operands(0) && b.finish(execNothing);
}

static bool decodeNanosleep(InstBuilder &b) {
  b.takeType({Type::U32});
  return b.operands(1) && b.src(0, Type::U32) &&
         b.finish([](Exec &e, const Inst &) {
           ++e.path->polls;
           // What it polls between is what it waits for.
           if (!e.path->failedPoll)
             e.path->waitReason = "time to pass";
           return Status::Sleep;
         });
}

/// A program event for profilers.
static bool decodePmevent(InstBuilder &b) {
  b.take("mask");
  return b.operands(1) && b.immediate(0) && b.finish(execNothing);
}

void attn::ptx::addControlInstructions(OpcodeTable &table) {
  table["bra"] = decodeBranch;
  table["brx"] = decodeBrx;
  table["call"] = decodeCall;
  table["ret"] = decodeReturn;
  table["exit"] = decodeExit;
  table["trap"] = decodeTrap;
  table["brkpt"] = decodeBreakpoint;
  table["nanosleep"] = decodeNanosleep;
  table["pmevent"] = decodePmevent;
}
