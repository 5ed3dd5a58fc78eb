//===- Device.h - Run PTX kernels on the host -------------------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_RUNTIME_PTX_DEVICE_H
#define ATTN_RUNTIME_PTX_DEVICE_H

#include "ptx/Types.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/JSON.h"
#include <cstring>
#include <memory>
#include <string>
#include <vector>

namespace llvm {
class raw_ostream;
} // namespace llvm

namespace attn::ptx {

/// An error at a line of a PTX file: of its text, or a fault of a running
/// kernel. Prints as `FILE.ptx:LINE: error: MESSAGE`.
class SourceError : public llvm::ErrorInfo<SourceError> {
public:
  static char ID;
  SourceError(llvm::StringRef file, unsigned line, const llvm::Twine &message)
      : file(file), line(line), message(message.str()) {}
  void log(llvm::raw_ostream &os) const override;
  std::error_code convertToErrorCode() const override;
  llvm::StringRef getFile() const { return file; }
  unsigned getLine() const { return line; }
  llvm::StringRef getMessage() const { return message; }

private:
  std::string file;
  unsigned line;
  std::string message;
};

/// A kernel's parameter as it is declared.
struct Parameter {
  std::string name;
  Type type = Type::None; // of one element
  uint32_t size = 0;      // bytes
  uint32_t align = 1;
  uint32_t offset = 0; // in the kernel's parameter block
};

class Module;
struct Function;
struct Program;

/// The value of one kernel argument: its bytes must be as many as the
/// parameter has.
class Argument {
public:
  template <typename T> static Argument value(T v) {
    static_assert(std::is_trivially_copyable_v<T>);
    Argument a;
    a.data.resize(sizeof(T));
    std::memcpy(a.data.data(), &v, sizeof(T));
    return a;
  }
  static Argument bytes(llvm::ArrayRef<uint8_t> raw) {
    Argument a;
    a.data.assign(raw.begin(), raw.end());
    return a;
  }
  llvm::ArrayRef<uint8_t> getBytes() const { return data; }

private:
  llvm::SmallVector<uint8_t, 8> data;
};

/// Prints what one thread executes: every instruction with its operands.
struct TraceOptions {
  Dim3 block{0, 0, 0};
  Dim3 thread{0, 0, 0};
  /// The launch ends without an error when the thread reaches this line.
  std::optional<unsigned> stopLine;
  llvm::raw_ostream *stream = nullptr;
};

struct LaunchOptions {
  /// Without a seed warps run in turn, each until it waits. With one, warps
  /// and the lengths of their turns are random.
  std::optional<uint64_t> seed;
  /// Warp instructions that one cluster of blocks may execute. By default as
  /// many as take some minutes, fewer if they change nothing in memory.
  std::optional<uint64_t> maxSteps;
  /// Polls of each thread that find nothing new while no memory changes, after
  /// which threads that do nothing else are a deadlock, though they count their
  /// polls or look at the clock.
  uint32_t maxPolls = 1 << 16;
  /// Host threads; 0: one per core, but one alone for a kernel with atomics or
  /// other strong accesses to global memory, or printf: what its blocks see of
  /// each other would vary.
  unsigned threads = 0;
  /// Blocks of a cluster; overrides .reqnctapercluster where given.
  std::optional<Dim3> cluster;
  std::optional<TraceOptions> trace;
  /// Where the kernel's printf goes; null: standard output.
  llvm::raw_ostream *output = nullptr;
};

/// Counts of one instruction, or of a sum of them, over a launch.
struct Counters {
  uint64_t issued = 0;    // warp instructions, predicated off ones included
  uint64_t lanes = 0;     // thread instructions
  uint64_t bytesRead = 0; // by all lanes
  uint64_t bytesWritten = 0;
  uint64_t requests = 0;     // warp-wide memory accesses
  uint64_t accesses = 0;     // those of lanes that moved something
  uint64_t sectors = 0;      // 32-byte sectors touched (global, local, const)
  uint64_t idealSectors = 0; // had the same bytes been contiguous
  uint64_t wavefronts = 0;   // passes over the 32 banks (shared)
  uint64_t idealWavefronts = 0;
  uint64_t branches = 0;
  uint64_t divergentBranches = 0;
  uint64_t mmaOps = 0;
  uint64_t mmaFlops = 0;     // 2 m n k each
  uint64_t barrierWaits = 0; // warps that had to wait
  Counters &operator+=(const Counters &other);
  llvm::json::Object toJSON() const; // leaves out zeros
};

struct InstCounters {
  unsigned line = 0;
  std::string opcode; // with its modifiers
  std::string space;  // of a memory access, else empty
  /// Of a copy between memories: what it writes; `space` is what it reads.
  std::string copiesTo;
  Counters counters;
};

struct LaunchStats {
  std::string kernel, file;
  Dim3 grid, block;
  uint32_t sharedBytes = 0; // static and dynamic, of one block
  bool stopped = false;     // by TraceOptions::stopLine
  /// One per instruction that was issued, in the file's order.
  std::vector<InstCounters> instructions;

  Counters total() const;
  llvm::json::Value toJSON() const;
};

/// A handle of a kernel in a module.
class Kernel {
public:
  llvm::StringRef getName() const;
  llvm::ArrayRef<Parameter> getParameters() const;
  uint32_t getParameterBytes() const;
  uint32_t getStaticSharedBytes() const;
  /// From .reqntid.
  std::optional<Dim3> getRequiredBlock() const;

private:
  friend class Module;
  friend class Device;
  Kernel(const Program *program, const Function *function)
      : program(program), function(function) {}
  const Program *program;
  const Function *function;
};

/// A loaded PTX file.
class Module {
public:
  ~Module();
  llvm::Expected<Kernel> getKernel(llvm::StringRef name) const;
  std::vector<std::string> getKernelNames() const;
  /// The generic address of a .global or .const variable.
  llvm::Expected<uint64_t> getSymbol(llvm::StringRef name) const;

private:
  friend class Device;
  explicit Module(std::unique_ptr<Program> program);
  std::unique_ptr<Program> program;
};

class GlobalMemory;

/// A device that runs PTX on the host: its memory and the modules loaded to it.
/// Not thread-safe; a launch itself uses several host threads.
class Device {
public:
  Device();
  ~Device();
  Device(const Device &) = delete;
  Device &operator=(const Device &) = delete;

  /// Parses and decodes a PTX file. Text that is not PTX and instructions that
  /// are not known are a SourceError here, before anything runs. The module
  /// lives as long as the device.
  llvm::Expected<const Module *> load(llvm::StringRef text,
                                      llvm::StringRef fileName);

  /// A buffer of exactly this many bytes, aligned to 256: an access one byte
  /// past its end is a fault that says `name`. Its contents are zero.
  llvm::Expected<uint64_t> allocate(uint64_t bytes, llvm::StringRef name);
  /// Makes `bytes` of the host's memory global memory at the same address, as
  /// unified memory is: launches read and write it in place, and an access past
  /// its end is a fault that says `name`. free() before the host frees it.
  llvm::Error map(void *host, uint64_t bytes, llvm::StringRef name);
  /// Names an allocation anew.
  llvm::Error rename(uint64_t address, llvm::StringRef name);
  llvm::Error free(uint64_t address);
  llvm::Error copyToDevice(uint64_t address, llvm::ArrayRef<uint8_t> bytes);
  llvm::Error copyFromDevice(llvm::MutableArrayRef<uint8_t> bytes,
                             uint64_t address) const;

  /// Runs a grid to its end. A fault is a SourceError at the line of the
  /// instruction; global memory then holds what ran before it.
  llvm::Expected<LaunchStats> launch(const Kernel &kernel, Dim3 grid,
                                     Dim3 block, uint32_t dynamicSharedBytes,
                                     llvm::ArrayRef<Argument> arguments,
                                     const LaunchOptions &options = {});

private:
  std::unique_ptr<GlobalMemory> memory;
  std::vector<std::unique_ptr<Module>> modules;
};

} // namespace attn::ptx

#endif // ATTN_RUNTIME_PTX_DEVICE_H
