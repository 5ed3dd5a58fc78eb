//===- Harness.cpp - Run kernels on the PTX emulator in tests -------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Harness.h"

#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

using namespace attn::ptx;
using namespace attn::ptx::test;

Counters Totals::of(llvm::StringRef prefix, llvm::StringRef space) const {
  Counters sum;
  for (const InstCounters &inst : stats.instructions)
    if (llvm::StringRef(inst.opcode).starts_with(prefix) &&
        (space.empty() || inst.space == space))
      sum += inst.counters;
  return sum;
}

uint64_t Totals::bankConflicts() const {
  Counters shared = stats.total();
  return shared.wavefronts - shared.idealWavefronts;
}

Runner::Runner(const std::string &path) {
  load(readFile(path), llvm::sys::path::filename(path));
}

Runner::Runner(llvm::StringRef text, llvm::StringRef name) { load(text, name); }

void Runner::load(llvm::StringRef text, llvm::StringRef name) {
  llvm::Expected<const Module *> loaded = device.load(text, name);
  if (loaded)
    module = *loaded;
  else
    ADD_FAILURE() << llvm::toString(loaded.takeError());
}

uint64_t Runner::uploadBytes(llvm::ArrayRef<uint8_t> bytes,
                             llvm::StringRef name) {
  llvm::Expected<uint64_t> address = device.allocate(bytes.size(), name);
  if (!address) {
    ADD_FAILURE() << llvm::toString(address.takeError());
    return 0;
  }
  if (llvm::Error error = device.copyToDevice(*address, bytes))
    ADD_FAILURE() << llvm::toString(std::move(error));
  return *address;
}

void Runner::readBytes(llvm::MutableArrayRef<uint8_t> bytes, uint64_t address) {
  if (llvm::Error error = device.copyFromDevice(bytes, address))
    ADD_FAILURE() << llvm::toString(std::move(error));
}

llvm::Expected<LaunchStats> Runner::run(llvm::StringRef name, LaunchShape shape,
                                        llvm::ArrayRef<Argument> args) {
  if (!module)
    return llvm::createStringError("the module did not load");
  llvm::Expected<Kernel> kernel = module->getKernel(name);
  if (!kernel)
    return kernel.takeError();
  return device.launch(*kernel, shape.grid, shape.block, shape.shared, args,
                       options);
}

/// Every byte belongs to one of the spaces.
static void expectSumOfSpaces(const LaunchStats &stats) {
  llvm::json::Value json = stats.toJSON();
  const llvm::json::Object &spaces = *json.getAsObject()->getObject("spaces");
  for (llvm::StringRef field : {"bytes_read", "bytes_written", "sectors"}) {
    int64_t sum = 0;
    for (const auto &[name, counters] : spaces)
      sum += counters.getAsObject()->getInteger(field).value_or(0);
    EXPECT_EQ(
        json.getAsObject()->getObject("total")->getInteger(field).value_or(0),
        sum)
        << field.str() << " of " << stats.kernel;
  }
}

LaunchStats Runner::launchClean(llvm::StringRef kernel, LaunchShape shape,
                                llvm::ArrayRef<Argument> args) {
  llvm::Expected<LaunchStats> stats = run(kernel, shape, args);
  if (stats) {
    expectSumOfSpaces(*stats);
    return std::move(*stats);
  }
  ADD_FAILURE() << llvm::toString(stats.takeError());
  return {};
}

std::string Runner::launchFault(llvm::StringRef kernel, LaunchShape shape,
                                llvm::ArrayRef<Argument> args) {
  llvm::Expected<LaunchStats> stats = run(kernel, shape, args);
  return stats ? std::string() : llvm::toString(stats.takeError());
}

std::string test::loadError(llvm::StringRef text, llvm::StringRef name) {
  Device device;
  llvm::Expected<const Module *> loaded = device.load(text, name);
  return loaded ? std::string() : llvm::toString(loaded.takeError());
}

std::string test::readFile(const std::string &path) {
  llvm::ErrorOr<std::unique_ptr<llvm::MemoryBuffer>> buffer =
      llvm::MemoryBuffer::getFile(path);
  if (buffer)
    return (*buffer)->getBuffer().str();
  ADD_FAILURE() << path << ": " << buffer.getError().message();
  return {};
}

std::string test::compiledKernel(const std::string &name,
                                 const std::string &arch) {
  return std::string(ATTN_PTX_KERNELS) + "/" + name + "." + arch + ".ptx";
}

std::string KernelTest::kernelFile(const std::string &name) const {
  return compiledKernel(name, GetParam());
}
