//===- Device.cpp - Run PTX kernels on the host ---------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptx/Device.h"

#include "ptx/Dispatcher.h"
#include "ptx/FunctionDecoder.h"
#include "ptx/GlobalMemory.h"
#include "ptx/Syntax.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/raw_ostream.h"
#include <thread>

using namespace attn::ptx;
using llvm::StringRef;
using llvm::Twine;

//===----------------------------------------------------------------------===//
// Errors
//===----------------------------------------------------------------------===//

char SourceError::ID = 0;

void SourceError::log(llvm::raw_ostream &os) const {
  os << file << ":" << line << ": error: " << message;
}

std::error_code SourceError::convertToErrorCode() const {
  return std::make_error_code(std::errc::invalid_argument);
}

//===----------------------------------------------------------------------===//
// Kernels and modules
//===----------------------------------------------------------------------===//

StringRef Kernel::getName() const { return function->name; }
llvm::ArrayRef<Parameter> Kernel::getParameters() const {
  return function->params;
}
uint32_t Kernel::getParameterBytes() const { return function->paramBytes; }
uint32_t Kernel::getStaticSharedBytes() const {
  return function->staticSharedBytes;
}
std::optional<Dim3> Kernel::getRequiredBlock() const {
  return function->reqntid;
}

Module::Module(std::unique_ptr<Program> program)
    : program(std::move(program)) {}
Module::~Module() = default;

std::vector<std::string> Module::getKernelNames() const {
  std::vector<std::string> names;
  for (const auto &function : program->functions)
    if (function->isEntry && function->hasBody)
      names.push_back(function->name);
  return names;
}

llvm::Expected<Kernel> Module::getKernel(StringRef name) const {
  Function *function = program->functionByName.lookup(name);
  if (function && function->isEntry && function->hasBody)
    return Kernel(program.get(), function);
  std::vector<std::string> names = getKernelNames();
  std::string known =
      names.empty() ? "it has none" : "it has " + llvm::join(names, ", ");
  return llvm::createStringError(program->file + ": error: no kernel '" + name +
                                 "', " + known);
}

llvm::Expected<uint64_t> Module::getSymbol(StringRef name) const {
  auto it = program->symbolAddresses.find(name);
  if (it == program->symbolAddresses.end())
    return llvm::createStringError(program->file + ": error: no variable '" +
                                   name + "'");
  return it->second;
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

Device::Device() : memory(std::make_unique<GlobalMemory>()) {}
Device::~Device() = default;

llvm::Expected<const Module *> Device::load(StringRef text,
                                            StringRef fileName) {
  auto program = std::make_unique<Program>();
  program->file = fileName.str();
  program->source = text.str();
  llvm::Expected<ModuleSyntax> syntax = parseModule(program->source, fileName);
  if (!syntax)
    return syntax.takeError();
  if (llvm::Error error = ModuleDecoder(*program, *syntax, *memory).decode())
    return error;
  modules.emplace_back(new Module(std::move(program)));
  return modules.back().get();
}

llvm::Expected<uint64_t> Device::allocate(uint64_t bytes, StringRef name) {
  return memory->allocate(bytes, name);
}

llvm::Error Device::map(void *host, uint64_t bytes, StringRef name) {
  return memory->map(static_cast<uint8_t *>(host), bytes, name);
}

llvm::Error Device::rename(uint64_t address, StringRef name) {
  return memory->rename(address, name);
}

llvm::Error Device::free(uint64_t address) { return memory->free(address); }

static llvm::Error noRange(uint64_t address, uint64_t bytes) {
  return llvm::createStringError("no allocation holds " + Twine(bytes) +
                                 " bytes at 0x" +
                                 llvm::utohexstr(address, true));
}

llvm::Error Device::copyToDevice(uint64_t address,
                                 llvm::ArrayRef<uint8_t> bytes) {
  uint8_t *to = memory->translate(address, bytes.size());
  if (!to)
    return noRange(address, bytes.size());
  llvm::copy(bytes, to);
  return llvm::Error::success();
}

llvm::Error Device::copyFromDevice(llvm::MutableArrayRef<uint8_t> bytes,
                                   uint64_t address) const {
  const uint8_t *from = memory->translate(address, bytes.size());
  if (!from)
    return noRange(address, bytes.size());
  std::copy_n(from, bytes.size(), bytes.begin());
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// Launch
//===----------------------------------------------------------------------===//

/// What CUDA allows.
static constexpr uint64_t maxThreads = 1024;
static constexpr uint64_t maxClusterBlocks = 16;

/// What %envreg1 and %envreg2 point to: cooperative groups keep the barrier of
/// the grid there.
static constexpr uint64_t gridWorkspaceBytes = 64;

static std::string format(Dim3 d, StringRef between = "x") {
  return (Twine(d.x) + between + Twine(d.y) + between + Twine(d.z)).str();
}

static llvm::Error checkLaunch(const Launch &launch, StringRef name) {
  auto fail = [&](const Twine &message) {
    return llvm::createStringError(launch.program->file + ": error: kernel '" +
                                   name + "': " + message);
  };
  const Function &kernel = *launch.kernel;
  if (!launch.grid.count())
    return fail("a grid of " + format(launch.grid) +
                " blocks, expected at least one");
  if (launch.grid.x > 0x7fffffff || launch.grid.y > 65535 ||
      launch.grid.z > 65535)
    return fail("a grid of " + format(launch.grid) +
                " blocks, expected at most 2147483647x65535x65535");
  if (!launch.block.count() || launch.block.count() > maxThreads)
    return fail("a block of " + format(launch.block) +
                " threads, expected 1 to " + Twine(maxThreads));
  if (kernel.reqntid && !(*kernel.reqntid == launch.block))
    return fail("a block of " + format(launch.block) + " threads, expected " +
                format(*kernel.reqntid) + " (.reqntid)");
  if (kernel.maxntid && launch.block.count() > kernel.maxntid->count())
    return fail("a block of " + format(launch.block) +
                " threads, expected at most " + Twine(kernel.maxntid->count()) +
                " (.maxntid)");
  Dim3 c = launch.cluster;
  if (!c.count() || c.count() > maxClusterBlocks)
    return fail("a cluster of " + format(c) + " blocks, expected 1 to " +
                Twine(maxClusterBlocks));
  if (launch.grid.x % c.x || launch.grid.y % c.y || launch.grid.z % c.z)
    return fail("a grid of " + format(launch.grid) +
                " blocks is not a multiple of its cluster, " + format(c));
  const Target &target = launch.program->target;
  uint32_t maxShared = chipLimits(target).sharedBlockBytes;
  if (launch.usedSharedBytes > maxShared)
    return fail(Twine(launch.usedSharedBytes) +
                " bytes of shared memory, expected at most " +
                Twine(maxShared) + " on " + target.getName());
  if (launch.options.trace) {
    const TraceOptions &trace = *launch.options.trace;
    auto isInside = [](Dim3 at, Dim3 shape) {
      return at.x < shape.x && at.y < shape.y && at.z < shape.z;
    };
    if (!isInside(trace.block, launch.grid))
      return fail("a trace of block " + format(trace.block, ",") +
                  ", but the grid has " + format(launch.grid) + " blocks");
    if (!isInside(trace.thread, launch.block))
      return fail("a trace of thread " + format(trace.thread, ",") +
                  ", but a block has " + format(launch.block) + " threads");
    if (trace.stopLine &&
        llvm::none_of(launch.program->code, [&](const Inst &inst) {
          return inst.line == *trace.stopLine;
        }))
      return fail("a trace up to line " + Twine(*trace.stopLine) +
                  ", where no instruction is");
  }
  return llvm::Error::success();
}

static llvm::Error setArguments(Launch &launch,
                                llvm::ArrayRef<Argument> arguments) {
  const Function &kernel = *launch.kernel;
  auto fail = [&](const Twine &message) {
    return llvm::createStringError(launch.program->file + ": error: kernel '" +
                                   kernel.name + "': " + message);
  };
  if (arguments.size() != kernel.params.size())
    return fail(Twine(arguments.size()) + " arguments, expected " +
                Twine(kernel.params.size()));
  launch.params.resize(kernel.paramBytes);
  for (auto [i, pair] : llvm::enumerate(llvm::zip(kernel.params, arguments))) {
    auto &[param, argument] = pair;
    if (argument.getBytes().size() != param.size)
      return fail("argument " + Twine(i) + " has " +
                  Twine(argument.getBytes().size()) + " bytes, parameter '" +
                  param.name + "' has " + Twine(param.size));
    llvm::copy(argument.getBytes(), launch.params.begin() + param.offset);
  }
  return llvm::Error::success();
}

llvm::Expected<LaunchStats> Device::launch(const Kernel &kernel, Dim3 grid,
                                           Dim3 block,
                                           uint32_t dynamicSharedBytes,
                                           llvm::ArrayRef<Argument> arguments,
                                           const LaunchOptions &options) {
  Launch launch;
  launch.program = kernel.program;
  launch.kernel = kernel.function;
  launch.global = memory.get();
  launch.grid = grid;
  launch.block = block;
  launch.hasCluster = options.cluster || kernel.function->cluster;
  launch.cluster = options.cluster ? *options.cluster
                                   : kernel.function->cluster.value_or(Dim3());
  launch.dynamicShared = dynamicSharedBytes;
  launch.usedSharedBytes = kernel.function->staticSharedBytes;
  if (dynamicSharedBytes)
    launch.usedSharedBytes = llvm::alignTo(launch.usedSharedBytes,
                                           kernel.program->dynamicSharedAlign) +
                             dynamicSharedBytes;
  launch.options = options;
  if (llvm::Error error = checkLaunch(launch, kernel.getName()))
    return error;
  if (llvm::Error error = setArguments(launch, arguments))
    return error;
  for (uint32_t i : kernel.function->sharedVariables) {
    Variable v = kernel.program->shared[i];
    if (v.size == 0)
      v.size = dynamicSharedBytes;
    launch.sharedVariables.push_back(std::move(v));
  }
  launch.sharedBytes = dynamicSharedBytes ? kernel.program->dynamicSharedBegin +
                                                dynamicSharedBytes
                                          : kernel.program->staticSharedBytes;

  const ChipLimits &chip = chipLimits(launch.program->target);
  uint64_t clusters = grid.count() / launch.cluster.count();
  unsigned threads = options.threads;
  if (!threads)
    threads = kernel.function->synchronisesGlobally
                  ? 1
                  : std::max(1u, std::thread::hardware_concurrency());
  // The system's functions print and allocate; a trace is one thread's.
  if (kernel.function->callsSystem || options.trace)
    threads = 1;
  threads = std::min<uint64_t>(threads, clusters);
  uint64_t resident =
      chip.residentBlocks(block.count(), launch.usedSharedBytes) /
      launch.cluster.count();
  if (kernel.function->usesWorkspace) {
    llvm::Expected<uint64_t> workspace =
        memory->allocate(gridWorkspaceBytes, "the grid's workspace");
    if (!workspace)
      return workspace.takeError();
    launch.workspace = *workspace;
  }
  llvm::Expected<LaunchStats> stats =
      Dispatcher(launch, clusters, resident, threads).run();
  if (launch.workspace)
    llvm::consumeError(memory->free(launch.workspace));
  return stats;
}
