//===- Exec.h - The state of a running grid ---------------------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_RUNTIME_PTX_EXEC_H
#define ATTN_RUNTIME_PTX_EXEC_H

#include "ptx/GlobalMemory.h"
#include "ptx/Inst.h"
#include "ptx/SharedMemory.h"

#include "llvm/ADT/SmallVector.h"
#include <array>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>

namespace attn::ptx {

struct Launch;
struct Warp;
struct Block;
struct Cluster;

/// An activation of a function. Registers, locals and parameters of the frame
/// begin at these offsets of the warp's stacks.
struct Frame {
  bool operator==(const Frame &) const = default;
  const Function *function = nullptr;
  uint32_t returnTo = 0; // index in Program::code
  int callerJoin = -1;
  const Inst *call = nullptr;
  uint32_t registers = 0; // byte offset of rows
  uint32_t defined = 0;   // index of the first definedness mask
  uint32_t local = 0;
  uint32_t param = 0;
  uint32_t localTop = 0; // with alloca
};

/// Lanes of a warp that execute together. A warp has one until a branch
/// diverges; the paths of a divergence end at its Join.
struct Path {
  uint32_t pc = 0;
  uint32_t lanes = 0;
  int join = -1;          // innermost
  uint32_t joinPc = ~0u;  // where it ends
  bool waiting = false;   // its instruction returned Status::Wait
  std::string waitReason; // for the message of a deadlock
  const Inst *failedPoll =
      nullptr;                 // the last instruction, if it returned Yield
  uint32_t polls = 0;          // in a row that found nothing new; Exec::poll
  uint32_t fruitlessPolls = 0; // since memory changed, registers apart
  /// It was split off to execute its instruction without the others there.
  bool apart = false;
  uint64_t waitToken = 0; // for the instruction's own use while it waits
  uint64_t waitToken2 = 0;
  llvm::SmallVector<Frame, 2> frames;
};

/// A point of reconvergence: once all its lanes have arrived at `pc` (or left
/// the kernel) they go on as one path. Since Volta no thread needs to wait for
/// others there: see Warp::releaseJoins.
struct Join {
  uint32_t pc = 0;
  uint32_t lanes = 0;
  uint32_t arrived = 0;
  int parent = -1;
  bool used = false;
  /// The threads end at `pc`: no lane needs to wait for others there.
  bool ends = false;
  llvm::SmallVector<Frame, 2> frames; // of those that have arrived
};

/// Memory of one thread (local and parameters of device functions). Grows as
/// calls nest.
struct ThreadMemory {
  enum State : uint8_t { Gap, Undefined, Defined };
  std::vector<uint8_t> data, state;
  UndefinedBytes undefinedBytes;
  void grow(size_t bytes) {
    if (data.size() < bytes) {
      data.resize(bytes);
      state.resize(bytes);
    }
  }
  void clear(size_t offset, size_t bytes) {
    std::fill_n(state.begin() + offset, bytes, Gap);
  }
  void declare(size_t offset, size_t bytes) {
    std::fill_n(state.begin() + offset, bytes, Undefined);
    if (!undefinedBytes.empty())
      for (size_t i = 0; i < bytes; ++i)
        undefinedBytes.erase(offset + i);
  }
};

/// A cp.async that was issued and not waited for; its bytes were read from
/// global memory at once.
struct PendingCopy {
  SharedMemory *shared = nullptr;
  uint32_t offset = 0;
  uint8_t bytes = 0;
  uint8_t lane = 0;
  uint32_t group = 0;  // number of the lane's group
  uint32_t number = 0; // of the copy in the warp
  uint8_t data[16];
};

/// The bulk groups of a thread: what its operations that await no mbarrier had
/// done when they were added.
struct BulkGroups {
  VectorClock open;
  std::deque<VectorClock> committed;
  uint32_t line = 0; // of the last operation
  /// Whether operations are left that were not waited for.
  bool isPending() const;
};

/// A register that an asynchronous instruction has yet to write.
struct PendingRegister {
  llvm::StringRef instruction; // for messages
  uint32_t group = 0;          // how many groups of the warp came before
};

/// Why a register is undefined that an instruction wrote.
struct UndefinedOrigin {
  UndefinedSource source;                      // in most lanes
  std::array<uint32_t, warpSize> offsets = {}; // UndefinedSource::offset
  /// Nothing was computed with it since it was loaded or packed.
  bool isCopy = false;
  /// Lanes in which it was loaded next to bytes that are defined, as lie
  /// between the members of a struct.
  uint32_t padding = 0;
};

/// The wgmma groups of a warp.
struct MatrixGroups {
  bool fenced = false;    // a wgmma.fence was executed
  uint32_t committed = 0; // groups
  std::deque<VectorClock> waiting;
};

struct Warp {
  Block *block = nullptr;
  unsigned index = 0;      // in the block
  unsigned agent = 0;      // in the cluster
  unsigned asyncAgent = 0; // of its bulk copies and wgmma
  uint32_t existing = 0;   // lanes that are threads of the block
  uint32_t alive = 0;      // and have not left the kernel
  std::vector<uint8_t> registers;
  std::vector<uint32_t> defined; // lanes that wrote the register
  std::vector<uint8_t> special;
  llvm::SmallVector<Path, 4> paths;
  std::vector<Join> joins;
  int current = 0; // path
  ThreadMemory local[warpSize], param[warpSize];
  std::deque<PendingCopy> copies;
  uint32_t committedGroups[warpSize] = {};
  uint32_t copiesIssued = 0;
  BulkGroups bulkGroups[warpSize];
  /// Registers that an asynchronous instruction has yet to write, by the
  /// index of their definedness mask.
  llvm::DenseMap<uint32_t, PendingRegister> pendingRegisters;
  /// Of registers that were computed from undefined ones, likewise.
  llvm::DenseMap<uint32_t, UndefinedOrigin> undefinedOrigins;
  /// Which bits of a register have no value in its undefined lanes, likewise;
  /// all of them where there is no entry.
  llvm::DenseMap<uint32_t, std::array<uint64_t, warpSize>> undefinedBits;
  MatrixGroups matrixGroups;
  /// Lanes that have arrived at the cluster's barrier in its present phase, and
  /// the phase that a lane is to wait for; 0: it has not arrived.
  uint32_t clusterArrived = 0;
  uint32_t clusterPhase[warpSize] = {};
  /// By the caller's rows and the callee, while lanes call by themselves.
  llvm::DenseMap<std::pair<uint32_t, const Function *>, uint32_t> placements;
  uint32_t carry = 0; // the condition code register CC.CF, one bit a lane
  /// Lanes went on from a join without the others: those of an .aligned
  /// instruction may come one after the other.
  bool released = false;
  /// For each lane, the time up to which what the other lanes did is ordered
  /// before what it does next.
  uint32_t synced[warpSize] = {};
  /// It accessed shared memory since all lanes were last synchronised.
  bool touchedShared = false;
  bool done() const { return alive == 0; }

  /// Prepares for a block: one path at the kernel's first instruction.
  void start(const Launch &launch, Block &block, unsigned index,
             unsigned agent);
  /// Where the rows of a callee's frame lie: rows of different widths would mix
  /// the lanes of paths that are in other functions.
  uint32_t placeRegisters(const Frame &caller, const Function &callee);
  /// Makes room for a frame on top of the stacks and clears it for the lanes.
  void enterFrame(const Frame &frame, uint32_t lanes);

  // Divergence.

  /// Ends these lanes of the current path.
  void exitLanes(uint32_t leaving);
  /// Splits the current path: each group goes on at its pc; all meet at
  /// `reconverge`. Groups have different pcs.
  struct Split {
    uint32_t lanes, pc;
  };
  void diverge(llvm::ArrayRef<Split> splits, uint32_t reconverge);
  /// Splits off `lanes` without moving anyone: both groups execute the
  /// instruction again, each alone, and meet at `reconverge`.
  void divergeAtPlace(uint32_t lanes, uint32_t reconverge);
  /// Moves a path to `pc`, where it may meet its join.
  void moveTo(int path, uint32_t pc);
  void jump(uint32_t pc) { moveTo(current, pc); }
  /// Drops paths without lanes and joins those that stand at the same place;
  /// the current one is then the one furthest behind. Paths keep their numbers
  /// until then.
  void compact();
  /// Threads make progress independently: lanes that wait at joins for others,
  /// which themselves wait for something, go on. Whether there were any.
  bool releaseJoins();
  /// Whether each of its paths waits, or polls for what others are to do.
  bool isIdle() const;
  Path &path() { return paths[current]; }

private:
  void arrive(int join, uint32_t lanes, const Path &from);
  void complete(int join, const Path &from);
  void leave(uint32_t lanes, const Path &from);
  int newJoin();
  bool merge();
};

/// A phase of a barrier that is complete, until the last that waited for it has
/// gone on: by then the barrier may have been used again.
struct BarrierPhase {
  uint32_t generation = 0;
  uint32_t waiters = 0;    // paths
  uint32_t result[3] = {}; // popc, and, or
  VectorClock released;
};

/// One of a block's sixteen barriers.
struct Barrier {
  uint32_t arrived = 0;  // threads
  uint32_t expected = 0; // 0: no one has come yet
  uint32_t generation = 0;
  uint32_t waiters = 0; // paths that wait for the present phase
  uint32_t popCount = 0;
  bool andValue = true, orValue = false;
  uint32_t line = 0; // of the last arrival
  VectorClock collecting;
  llvm::SmallVector<BarrierPhase, 1> completed; // that some are to leave yet
};

/// The barrier of a cluster. Everyone leaves a phase before the next can be
/// complete, so that the last one is all there is to keep.
struct ClusterBarrier {
  uint32_t generation = 0;
  VectorClock collecting, released;
};

/// The last access of another block's agent to a block's shared memory.
struct RemoteAccess {
  uint32_t time = 0; // 0: there was none
  uint32_t line = 0;
  const Block *by = nullptr;
};

struct Block {
  Cluster *cluster = nullptr;
  Dim3 id;
  uint32_t rank = 0; // in the cluster
  SharedMemory shared;
  std::vector<Warp> warps;
  Barrier barriers[16];
  unsigned firstAgent = 0;
  llvm::SmallVector<RemoteAccess> remoteAccesses; // by agent
  bool hasLeft() const; // all its threads have left the kernel
  /// State of instruction groups that keep objects in shared memory, by offset
  /// (mbarriers).
  llvm::DenseMap<uint32_t, std::shared_ptr<void>> objects;
};

/// What a launch shares between its workers; immutable while it runs.
struct Launch {
  const Program *program = nullptr;
  const Function *kernel = nullptr;
  GlobalMemory *global = nullptr;
  Dim3 grid, block, cluster;
  uint32_t dynamicShared = 0;
  uint32_t sharedBytes = 0;     // with the gaps between variables
  uint32_t usedSharedBytes = 0; // as a GPU would allocate
  bool hasCluster = false;
  std::vector<Variable> sharedVariables; // with the size of extern arrays
  std::vector<uint8_t> params;
  LaunchOptions options;
  uint64_t workspace = 0; // the grid's, where the kernel asks for it
  std::string location(const Block &block, const Warp &warp,
                       unsigned lane) const;
};

/// Tells whether a state returns. It is compared with one of before, taken at
/// distances that double (Brent, "An Improved Monte Carlo Factorization
/// Algorithm", 1980).
struct StateCycle {
  /// Whether it is the state that is kept.
  bool observe(uint64_t current) {
    bool returned = rounds > 0 && current == state;
    if (rounds++ == nextState - 1) {
      state = current;
      rounds = 1;
      nextState *= 2;
    }
    return returned;
  }

private:
  uint64_t state = 0, rounds = 0, nextState = 1;
};

/// The blocks that run together on one worker.
struct Cluster {
  const Launch *launch = nullptr;
  uint64_t index = 0;
  llvm::SmallVector<Warp *, 64> running;
  std::vector<Block> blocks;
  Clocks clocks;
  std::mt19937_64 random;
  uint64_t steps = 0;
  uint64_t stepLimit = 0;
  StateCycle cycle; // since memory changed
  ClusterBarrier clusterBarrier;
};

enum class Access : uint8_t { Read, Write, Atomic };

/// What an exec function works with: one instruction of one path.
struct Exec {
  uint32_t active = 0; // lanes that execute it: the path's, under the guard
  /// Active lanes in which a source is undefined (Inst::propagatesUndefined).
  uint32_t undefined = 0;
  const Inst *inst = nullptr;
  Warp *warp = nullptr;
  Path *path = nullptr;
  Block *block = nullptr;
  Cluster *cluster = nullptr;
  const Launch *launch = nullptr;
  Counters *counters = nullptr;
  uint8_t *bases[4] = {};      // by Operand::Base
  uint32_t *defined = nullptr; // of the frame
  const Frame *frame = nullptr;

  // Registers.

  /// The 32 lanes of an operand.
  template <typename T> T *row(const Operand &op) const {
    return reinterpret_cast<T *>(bases[op.base] + op.row);
  }
  /// The lanes of a predicate operand that are true.
  uint32_t predicate(const Operand &op) const {
    uint32_t bits = *row<uint32_t>(op);
    return op.negated ? ~bits : bits;
  }
  /// Writes the active lanes of a predicate.
  void setPredicate(const Operand &op, uint32_t bits) const {
    uint32_t &p = *row<uint32_t>(op);
    p = (p & ~active) | (bits & active);
  }
  /// The lanes in which a source has been written.
  uint32_t definedLanes(const Operand &op) const {
    return op.base == Operand::Register ? defined[op.reg] : ~0u;
  }
  /// For instructions that copy what is undefined (Inst::copiesUndefined):
  /// which active lanes of a destination are defined now.
  void setDefined(const Operand &op, uint32_t lanes) const {
    if (op.base == Operand::Register) {
      defined[op.reg] = (defined[op.reg] & ~active) | (lanes & active);
      forgetBits(op.reg, active & ~lanes);
    }
  }
  /// No bit of the register has a value in these lanes.
  void forgetBits(uint32_t reg, uint32_t lanes) const;
  /// The bits of a lane that have no value. Of a register of 16 bytes all 64
  /// stand for any.
  uint64_t undefinedBits(const Operand &op, unsigned lane) const;
  /// A lane of an operand that may be of any width, zero-extended.
  uint64_t value(const Operand &op, unsigned lane) const;
  void setValue(const Operand &op, unsigned lane, uint64_t bits) const;
  /// The address of a lane, in the space of the instruction or generic.
  uint64_t address(const Operand &op, unsigned lane) const {
    // 32-bit addresses wrap around: the register may hold a negative number.
    if (op.bytes == 4)
      return uint32_t(row<uint32_t>(op)[lane] + op.offset);
    uint64_t base = row<uint64_t>(op)[lane];
    if (op.frame == Space::Local)
      base += frame->local;
    else if (op.frame == Space::FuncParam)
      base += frame->param;
    return base + op.offset;
  }

  /// Which bits of a result have no value, where that is known bit by bit; set
  /// once the instruction is done.
  struct UndefinedResult {
    uint32_t reg = 0;
    uint32_t lanes = 0; // of which it is known
    std::array<uint64_t, warpSize> bits = {};
    std::optional<UndefinedOrigin> origin; // if it was loaded
  };
  llvm::SmallVector<UndefinedResult, 0> undefinedResults;
  /// Finds the results of an instruction that moves bits (Inst::movedSources)
  /// from those of its sources.
  void findUndefinedResults();
  /// Likewise of one that computes with the elements of packed registers.
  void findUndefinedElements();
  void applyUndefinedResults();

  // Memory. Each checks bounds, alignment to `align`, definedness and races;
  // false: fault() was called.

  /// What a load found undefined; bit n is byte n.
  struct UndefinedLoad {
    uint32_t unused = 0; // bytes that the program never uses
    uint32_t mask = 0;
    bool isPadding = false; // something next to them is defined
    Space space = Space::None;
    uint32_t offset = 0; // of the access
    const UndefinedBytes *stored = nullptr;
    /// Null: no one wrote the byte, or it has a value.
    const UndefinedByte *findStored(uint32_t byte) const {
      auto found = stored->find(offset + byte);
      return found == stored->end() ? nullptr : &found->second;
    }
    uint8_t bitsOf(uint32_t byte) const {
      if (!(mask >> byte & 1))
        return 0;
      const UndefinedByte *entry = findStored(byte);
      return entry ? entry->bits : 0xff;
    }
  };
  /// With `undefined`, bits that no one wrote are no fault.
  bool load(Space space, uint64_t address, unsigned lane, uint32_t bytes,
            uint32_t align, void *to, UndefinedLoad *undefined = nullptr);
  bool store(Space space, uint64_t address, unsigned lane, uint32_t bytes,
             uint32_t align, const void *from);
  /// After a store of a register of which these bits are undefined: so is the
  /// memory. Global memory is always defined, it takes padding alone.
  bool storeUndefined(Space space, uint64_t address, unsigned lane,
                      uint32_t bytes, const Operand &from, uint64_t bits);
  /// Host memory for a read-modify-write, null after a fault. The caller uses
  /// std::atomic_ref for global memory.
  uint8_t *atomic(Space space, uint64_t address, unsigned lane, uint32_t bytes,
                  bool reads);
  /// Finds the memory of [address, address + bytes) with bounds and alignment
  /// checked and nothing else.
  struct Location {
    Space space = Space::None; // Generic is resolved
    uint8_t *host = nullptr;
    Block *block = nullptr; // of shared memory
    uint32_t offset = 0;    // in shared, local, param
    ThreadMemory *thread = nullptr;
  };
  bool locate(Space space, uint64_t address, unsigned lane, uint32_t bytes,
              uint32_t align, Access access, Location &location);

  /// An agent accesses the shared memory of a block, perhaps another's: that
  /// must not have left, and is not to leave before. False after a fault.
  bool enterBlock(Block &target, unsigned agent, unsigned lane);
  /// A warp has left. Once the whole block has, what others and its own bulk
  /// copies do to its shared memory must be over. False after a fault.
  bool leaveBlock();

  // Faults.

  /// Records the fault of this instruction at a lane. The message gets the
  /// file and line in front, and block and thread behind.
  Status fault(const llvm::Twine &message, unsigned lane);
  Status fault(const llvm::Twine &message); // at the first active lane
  /// Of an access to shared memory at `offset`.
  Status fault(const AccessProblem &problem, uint32_t offset, unsigned lane);
  Status faultDivergence(); // of an .aligned instruction
  /// Of the use of an undefined register: at the instruction that loaded what
  /// no one wrote, if that is why. `kind` is "register" or "predicate".
  Status faultUndefined(uint32_t reg, uint32_t lanes,
                        llvm::StringRef kind = "register");
  /// The variable or buffer that an address lies in or nearest to, for
  /// messages: "shared array 'tile' of 1024 bytes".
  std::string describe(Space space, uint64_t address) const;
  bool faulted = false;
  std::string message;

  // Scheduling.

  /// Memory or an object such as a barrier has changed since the interpreter
  /// last looked: those that wait for something may go on.
  bool changed = false;
  void noteChange() {
    changed = true;
    path->polls = 0;
  }
  /// What an instruction returns that read what others may write, and changed
  /// nothing: once a path has done nothing else for a while, others have their
  /// turn.
  static constexpr uint32_t maxPolls = 32;
  Status poll(uint64_t address) {
    return ++path->polls < maxPolls ? Status::Next : yield(address);
  }
  Status yield(uint64_t address);

  /// For instructions with a member mask: true once all members that are alive
  /// execute this instruction, with `active` their union. Otherwise return
  /// Status::Wait.
  bool converge(uint32_t members);
  /// Other paths of the warp that `converge` made part of this execution.
  llvm::SmallVector<int, 2> joined;

  // Counters.

  /// Counts a warp-wide access of `bytes` a lane at `addresses`.
  void countAccess(Space space, const uint64_t *addresses, uint32_t lanes,
                   uint32_t bytes, bool reads, bool writes);

private:
  std::string describe(Space space, uint64_t address, const Function &function,
                       uint32_t base) const;
  SharedMemory::Accessor accessor(unsigned lane) const {
    warp->touchedShared = true;
    return {warp->agent, uint8_t(lane), warp->synced[lane]};
  }
  const GlobalMemory::Allocation *lastAllocation = nullptr;
};

/// bar.warp.sync: waits for the lanes that its mask names.
Status execWarpSync(Exec &e, const Inst &i);

template <typename F> inline void forLanes(uint32_t lanes, F f) {
  for (; lanes; lanes &= lanes - 1)
    f(unsigned(__builtin_ctz(lanes)));
}

} // namespace attn::ptx

#endif // ATTN_RUNTIME_PTX_EXEC_H
