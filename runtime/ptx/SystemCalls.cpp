//===- SystemCalls.cpp - Functions that CUDA's system provides ------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptx/SystemCalls.h"

#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace attn::ptx;
using llvm::Twine;

/// Strings longer than this are cut, as a missing terminator is more likely.
static constexpr unsigned maxString = 4096;

static uint64_t parameter(const Exec &e, const SystemCall &call, unsigned lane,
                          unsigned i) {
  const Parameter &p = call.callee->params[i];
  uint64_t value = 0;
  std::memcpy(&value, &e.warp->param[lane].data[call.frame + p.offset],
              std::min(p.size, 8u));
  return value;
}

static void setResult(Exec &e, const SystemCall &call, unsigned lane,
                      uint64_t value) {
  if (call.callee->results.empty())
    return;
  const Parameter &r = call.callee->results[0];
  ThreadMemory &memory = e.warp->param[lane];
  uint32_t bytes = std::min(r.size, 8u);
  std::memcpy(&memory.data[call.frame + r.offset], &value, bytes);
  std::fill_n(memory.state.begin() + call.frame + r.offset, bytes,
              ThreadMemory::Defined);
}

/// Reads a string of the kernel; false after a fault.
static bool readString(Exec &e, uint64_t address, unsigned lane,
                       std::string &text) {
  for (unsigned n = 0; n < maxString; ++n) {
    char c = 0;
    if (!e.load(Space::Generic, address + n, lane, 1, 1, &c))
      return false;
    if (!c)
      break;
    text.push_back(c);
  }
  return true;
}

namespace {
/// The arguments of a printf: each at its natural alignment in a buffer.
class ArgumentReader {
public:
  ArgumentReader(Exec &e, uint64_t address, unsigned lane)
      : e(e), address(address), lane(lane) {}
  template <typename T> bool next(T &value) {
    address = llvm::alignTo(address, sizeof(T));
    bool good =
        e.load(Space::Generic, address, lane, sizeof(T), sizeof(T), &value);
    address += sizeof(T);
    return good;
  }

private:
  Exec &e;
  uint64_t address;
  unsigned lane;
};
} // namespace

/// Prints one conversion, `spec` from its % to its letter.
static bool printConversion(Exec &e, ArgumentReader &arguments, unsigned lane,
                            std::string spec, llvm::raw_ostream &os) {
  char letter = spec.back();
  bool isLong = spec.find('l') != std::string::npos ||
                spec.find('z') != std::string::npos ||
                spec.find('j') != std::string::npos;
  llvm::erase_if(spec,
                 [](char c) { return llvm::StringRef("hlzjt").contains(c); });
  switch (letter) {
  case 'd':
  case 'i':
  case 'u':
  case 'x':
  case 'X':
  case 'o':
  case 'c': {
    if (isLong) {
      long long value = 0;
      if (!arguments.next(value))
        return false;
      spec.insert(spec.size() - 1, "ll");
      os << llvm::format(spec.c_str(), value);
      return true;
    }
    int value = 0;
    if (!arguments.next(value))
      return false;
    os << llvm::format(spec.c_str(), value);
    return true;
  }
  case 'p': {
    uint64_t value = 0;
    if (!arguments.next(value))
      return false;
    os << llvm::format("0x%llx", (unsigned long long)value);
    return true;
  }
  case 's': {
    uint64_t address = 0;
    std::string text;
    if (!arguments.next(address) || !readString(e, address, lane, text))
      return false;
    os << llvm::format(spec.c_str(), text.c_str());
    return true;
  }
  default: {
    double value = 0;
    if (!arguments.next(value))
      return false;
    os << llvm::format(spec.c_str(), value);
    return true;
  }
  }
}

static bool printFormat(Exec &e, llvm::StringRef format, uint64_t arguments,
                        unsigned lane, llvm::raw_ostream &os) {
  ArgumentReader reader(e, arguments, lane);
  while (!format.empty()) {
    auto [text, rest] = format.split('%');
    os << text;
    if (text.size() == format.size())
      return true;
    format = rest;
    if (format.consume_front("%")) {
      os << '%';
      continue;
    }
    size_t end = format.find_first_of("diuxXocpsfFeEgGaA");
    // A width in an argument is not among what CUDA's printf takes here.
    bool isKnown = end != llvm::StringRef::npos &&
                   format.take_front(end).find_first_not_of(
                       "0123456789.+- #hlzjt") == llvm::StringRef::npos &&
                   end < 32;
    if (!isKnown) {
      os << '%';
      continue;
    }
    if (!printConversion(e, reader, lane,
                         "%" + format.take_front(end + 1).str(), os))
      return false;
    format = format.drop_front(end + 1);
  }
  return true;
}

/// vprintf(format, arguments) in the order of the lanes.
static Status callPrintf(Exec &e, const SystemCall &call) {
  if (call.callee->params.size() != 2)
    return e.fault("vprintf has a format and arguments");
  std::string output;
  llvm::raw_string_ostream os(output);
  for (uint32_t lanes = e.path->lanes; lanes; lanes &= lanes - 1) {
    unsigned lane = llvm::countr_zero(lanes);
    std::string format;
    if (!readString(e, parameter(e, call, lane, 0), lane, format) ||
        !printFormat(e, format, parameter(e, call, lane, 1), lane, os))
      return Status::Fault;
    setResult(e, call, lane, 0);
  }
  llvm::raw_ostream *stream = e.launch->options.output;
  (stream ? *stream : llvm::outs()) << output;
  return Status::Next;
}

/// __assertfail(message, file, line, function, size of a character).
static Status callAssertFail(Exec &e, const SystemCall &call) {
  unsigned lane = llvm::countr_zero(e.path->lanes);
  if (call.callee->params.size() < 4)
    return e.fault("an assertion failed", lane);
  std::string message, file, function;
  if (!readString(e, parameter(e, call, lane, 0), lane, message) ||
      !readString(e, parameter(e, call, lane, 1), lane, file) ||
      !readString(e, parameter(e, call, lane, 3), lane, function))
    return Status::Fault;
  return e.fault("assertion '" + message + "' failed at " + file + ":" +
                     Twine(uint32_t(parameter(e, call, lane, 2))) + " in " +
                     function,
                 lane);
}

static Status callMalloc(Exec &e, const SystemCall &call) {
  if (call.callee->params.size() != 1)
    return e.fault("malloc has one parameter");
  for (uint32_t lanes = e.path->lanes; lanes; lanes &= lanes - 1) {
    unsigned lane = llvm::countr_zero(lanes);
    uint64_t bytes = parameter(e, call, lane, 0), address = 0;
    // As on a GPU, a heap that is exhausted gives a null pointer.
    if (llvm::Expected<uint64_t> allocated = e.launch->global->allocate(
            bytes, "malloc at line " + std::to_string(e.inst->line)))
      address = *allocated;
    else
      llvm::consumeError(allocated.takeError());
    setResult(e, call, lane, address);
  }
  return Status::Next;
}

static Status callFree(Exec &e, const SystemCall &call) {
  if (call.callee->params.size() != 1)
    return e.fault("free has one parameter");
  for (uint32_t lanes = e.path->lanes; lanes; lanes &= lanes - 1) {
    unsigned lane = llvm::countr_zero(lanes);
    uint64_t address = parameter(e, call, lane, 0);
    if (!address)
      continue;
    if (llvm::Error error = e.launch->global->free(address))
      return e.fault(llvm::toString(std::move(error)), lane);
  }
  return Status::Next;
}

SystemCallFn attn::ptx::findSystemCall(llvm::StringRef name) {
  return llvm::StringSwitch<SystemCallFn>(name)
      .Case("vprintf", callPrintf)
      .Case("__assertfail", callAssertFail)
      .Case("malloc", callMalloc)
      .Case("free", callFree)
      .Default(nullptr);
}
