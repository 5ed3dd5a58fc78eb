//===- WarpInstructions.cpp - Exchange and agreement within a warp --------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptx/Decoder.h"
#include "ptx/Exec.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace attn::ptx;
using llvm::StringRef;
using llvm::Twine;

/// Waits until the lanes that the member masks name are here. Each lane must be
/// in its own mask.
static Status gather(Exec &e, const Operand &mask) {
  const uint32_t *masks = e.row<uint32_t>(mask);
  uint32_t members = 0, strangers = 0;
  forLanes(e.active, [&](unsigned lane) {
    members |= masks[lane];
    strangers |= ~masks[lane] & (1u << lane);
  });
  if (strangers) {
    unsigned lane = llvm::countr_zero(strangers);
    return e.fault("lane " + Twine(lane) +
                       " executes it, but its member mask 0x" +
                       llvm::utohexstr(masks[lane], true) + " does not name it",
                   lane);
  }
  return e.converge(members) ? Status::Next : Status::Wait;
}

/// Calls f with each set of active lanes that have the same member mask.
template <typename F>
static void forGroups(const Exec &e, const Operand &mask, F f) {
  const uint32_t *masks = e.row<uint32_t>(mask);
  for (uint32_t rest = e.active; rest;) {
    uint32_t members = masks[llvm::countr_zero(rest)], group = 0;
    forLanes(rest, [&](unsigned lane) {
      group |= uint32_t(masks[lane] == members) << lane;
    });
    f(group);
    rest &= ~group;
  }
}

//===----------------------------------------------------------------------===//
// shfl
//===----------------------------------------------------------------------===//

enum ShuffleMode : uint8_t { Up, Down, Bfly, Idx };

/// A lane that reads one that does not take part gets an undefined value.
static Status execShfl(Exec &e, const Inst &i) {
  if (i.numSrcs > 3)
    if (Status status = gather(e, i.src(3)); status != Status::Next)
      return status;
  const Operand &to = i.dst(0), &from = i.src(0);
  uint32_t a[warpSize];
  std::memcpy(a, e.row<uint32_t>(from), sizeof(a));
  const uint32_t *b = e.row<uint32_t>(i.src(1)), *c = e.row<uint32_t>(i.src(2));
  uint32_t known = e.active & e.definedLanes(from);
  uint32_t inRange = 0, defined = 0;
  Exec::UndefinedResult moved;
  bool isInPart = false; // some bits of an undefined value are known
  uint32_t *d = e.row<uint32_t>(to);
  forLanes(e.active, [&](unsigned lane) {
    int bound = c[lane] & 31, segment = c[lane] >> 8 & 31,
        distance = b[lane] & 31;
    int lowest = lane & segment, highest = lowest | (bound & ~segment);
    int source = 0;
    bool isInside = false;
    switch (ShuffleMode(i.op)) {
    case Up:
      source = int(lane) - distance;
      isInside = source >= highest;
      break;
    case Down:
      source = int(lane) + distance;
      isInside = source <= highest;
      break;
    case Bfly:
      source = int(lane) ^ distance;
      isInside = source <= highest;
      break;
    case Idx:
      source = lowest | (distance & ~segment);
      isInside = source <= highest;
      break;
    }
    if (!isInside)
      source = lane;
    inRange |= uint32_t(isInside) << lane;
    bool isKnown = known >> source & 1;
    defined |= uint32_t(isKnown) << lane;
    d[lane] = a[source];
    if (isKnown)
      return;
    moved.bits[lane] =
        e.active >> source & 1 ? e.undefinedBits(from, source) : ~0u;
    isInPart |= moved.bits[lane] != ~0u;
  });
  e.setDefined(to, defined);
  if (uint32_t lanes = e.active & ~defined; lanes && isInPart) {
    moved.lanes = lanes;
    moved.reg = to.reg;
    e.undefinedResults.push_back(std::move(moved));
  }
  if (i.numDsts > 1) {
    e.setPredicate(i.dst(1), inRange);
    e.setDefined(i.dst(1), ~0u);
  }
  return Status::Next;
}

static bool decodeShfl(InstBuilder &b) {
  bool sync = b.take("sync");
  static constexpr StringRef modes[] = {"up", "down", "bfly", "idx"};
  StringRef mode = b.takeOneOf(modes);
  if (mode.empty())
    return b.fail("expected .up, .down, .bfly or .idx");
  b.inst.op = llvm::find(modes, mode) - std::begin(modes);
  b.inst.copiesUndefined = true;
  Type type = b.takeType({Type::B32});
  if (!b.operands(sync ? 5 : 4))
    return false;
  const OperandSyntax &to = b.operand(0);
  bool good =
      to.kind == OperandSyntax::Pair
          ? b.dst(to.elements[0], type) && b.dst(to.elements[1], Type::Pred)
          : b.dst(to, type);
  return good && b.src(1, type) && b.src(2, Type::B32) && b.src(3, Type::B32) &&
         (!sync || b.src(4, Type::B32)) && b.finish(execShfl);
}

//===----------------------------------------------------------------------===//
// vote, match, redux
//===----------------------------------------------------------------------===//

enum VoteOp : uint8_t { All, Any, Uni, Ballot };

static Status execVote(Exec &e, const Inst &i) {
  bool sync = i.numSrcs > 1;
  if (sync)
    if (Status status = gather(e, i.src(1)); status != Status::Next)
      return status;
  uint32_t predicate = e.predicate(i.src(0)), result = 0;
  auto vote = [&](uint32_t group) {
    uint32_t yes = predicate & group;
    bool truth = i.op == All   ? yes == group
                 : i.op == Any ? yes != 0
                               : yes == group || yes == 0;
    if (i.op == Ballot)
      forLanes(group,
               [&](unsigned lane) { e.row<uint32_t>(i.dst(0))[lane] = yes; });
    else if (truth)
      result |= group;
  };
  if (sync)
    forGroups(e, i.src(1), vote);
  else
    vote(e.active);
  if (i.op != Ballot)
    e.setPredicate(i.dst(0), result);
  return Status::Next;
}

static bool decodeVote(InstBuilder &b) {
  bool sync = b.take("sync");
  static constexpr StringRef ops[] = {"all", "any", "uni", "ballot"};
  StringRef op = b.takeOneOf(ops);
  if (op.empty())
    return b.fail("expected .all, .any, .uni or .ballot");
  b.inst.op = llvm::find(ops, op) - std::begin(ops);
  Type type = b.takeType({op == "ballot" ? Type::B32 : Type::Pred});
  return b.operands(sync ? 3 : 2) && b.dst(0, type) && b.src(1, Type::Pred) &&
         (!sync || b.src(2, Type::B32)) && b.finish(execVote);
}

static Status execMatch(Exec &e, const Inst &i) {
  if (Status status = gather(e, i.src(1)); status != Status::Next)
    return status;
  bool all = i.op;
  uint32_t truth = 0;
  uint32_t *d = e.row<uint32_t>(i.dst(0));
  forGroups(e, i.src(1), [&](uint32_t group) {
    forLanes(group, [&](unsigned lane) {
      uint32_t same = 0;
      uint64_t mine = e.value(i.src(0), lane);
      forLanes(group, [&](unsigned other) {
        same |= uint32_t(e.value(i.src(0), other) == mine) << other;
      });
      d[lane] = all && same != group ? 0 : same;
      truth |= uint32_t(same == group) << lane;
    });
  });
  if (i.numDsts > 1)
    e.setPredicate(i.dst(1), truth);
  return Status::Next;
}

static bool decodeMatch(InstBuilder &b) {
  bool all = b.take("all");
  if ((!all && !b.take("any")) || !b.take("sync"))
    return b.fail("expected .any.sync or .all.sync");
  b.inst.op = all;
  Type type = b.takeType({Type::B32, Type::B64});
  if (!b.operands(3))
    return false;
  const OperandSyntax &to = b.operand(0);
  bool pair = to.kind == OperandSyntax::Pair;
  if (pair && !all)
    return b.fail("match.any has no predicate result");
  bool good = pair ? b.dst(to.elements[0], Type::B32) &&
                         b.dst(to.elements[1], Type::Pred)
                   : b.dst(to, Type::B32);
  return good && b.src(1, type) && b.src(2, Type::B32) && b.finish(execMatch);
}

enum ReduxOp : uint8_t {
  ReduxAdd,
  ReduxMin,
  ReduxMax,
  ReduxAnd,
  ReduxOr,
  ReduxXor
};

static Status execRedux(Exec &e, const Inst &i) {
  if (Status status = gather(e, i.src(1)); status != Status::Next)
    return status;
  uint32_t *d = e.row<uint32_t>(i.dst(0));
  uint32_t a[warpSize];
  std::memcpy(a, e.row<uint32_t>(i.src(0)), sizeof(a));
  bool isSignedType = i.type == Type::S32;
  forGroups(e, i.src(1), [&](uint32_t group) {
    uint32_t r = a[llvm::countr_zero(group)];
    forLanes(group & (group - 1), [&](unsigned lane) {
      uint32_t x = a[lane];
      bool less = isSignedType ? int32_t(x) < int32_t(r) : x < r;
      switch (ReduxOp(i.op)) {
      case ReduxAdd:
        r += x;
        break;
      case ReduxMin:
        r = less ? x : r;
        break;
      case ReduxMax:
        r = less ? r : x;
        break;
      case ReduxAnd:
        r &= x;
        break;
      case ReduxOr:
        r |= x;
        break;
      case ReduxXor:
        r ^= x;
        break;
      }
    });
    forLanes(group, [&](unsigned lane) { d[lane] = r; });
  });
  return Status::Next;
}

static bool decodeRedux(InstBuilder &b) {
  if (!b.take("sync"))
    return b.fail("expected .sync");
  static constexpr StringRef ops[] = {"add", "min", "max", "and", "or", "xor"};
  StringRef op = b.takeOneOf(ops);
  if (op.empty())
    return b.fail("an operation such as .add is missing");
  b.inst.op = llvm::find(ops, op) - std::begin(ops);
  bool isLogic = b.inst.op >= ReduxAnd;
  Type type = b.inst.type =
      isLogic ? b.takeType({Type::B32}) : b.takeType({Type::U32, Type::S32});
  return b.operands(3) && b.dst(0, type) && b.src(1, type) &&
         b.src(2, Type::B32) && b.finish(execRedux);
}

//===----------------------------------------------------------------------===//
// activemask, elect, bar.warp.sync
//===----------------------------------------------------------------------===//

static Status execActivemask(Exec &e, const Inst &i) {
  forLanes(e.active,
           [&](unsigned lane) { e.setValue(i.dst(0), lane, e.active); });
  return Status::Next;
}

static bool decodeActivemask(InstBuilder &b) {
  Type type = b.takeType({Type::B32});
  return b.operands(1) && b.dst(0, type) && b.finish(execActivemask);
}

/// The leader is the lowest lane.
static Status execElect(Exec &e, const Inst &i) {
  if (Status status = gather(e, i.src(0)); status != Status::Next)
    return status;
  uint32_t leaders = 0;
  forGroups(e, i.src(0), [&](uint32_t group) {
    unsigned leader = llvm::countr_zero(group);
    leaders |= 1u << leader;
    forLanes(group, [&](unsigned lane) { e.setValue(i.dst(0), lane, leader); });
  });
  e.setPredicate(i.dst(1), leaders);
  return Status::Next;
}

static bool decodeElect(InstBuilder &b) {
  if (!b.take("sync"))
    return b.fail("expected .sync");
  if (!b.operands(2))
    return false;
  if (b.operand(0).kind != OperandSyntax::Pair)
    return b.fail("expected a register and a predicate, d|p");
  const auto &pair = b.operand(0).elements;
  return b.dst(pair[0], Type::B32) && b.dst(pair[1], Type::Pred) &&
         b.src(1, Type::B32) && b.finish(execElect);
}

void attn::ptx::addWarpInstructions(OpcodeTable &table) {
  table["shfl"] = decodeShfl;
  table["vote"] = decodeVote;
  table["match"] = decodeMatch;
  table["redux"] = decodeRedux;
  table["activemask"] = decodeActivemask;
  table["elect"] = decodeElect;
}

Status attn::ptx::execWarpSync(Exec &e, const Inst &i) {
  return gather(e, i.src(0));
}
