//===- Counters.cpp - Counts of a launch and their JSON form --------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptx/Device.h"

#include "llvm/ADT/StringMap.h"
#include <map>

using namespace attn::ptx;

namespace {
struct Field {
  llvm::StringLiteral name;
  uint64_t Counters::*member;
};
} // namespace

static constexpr Field fields[] = {
    {"issued", &Counters::issued},
    {"lanes", &Counters::lanes},
    {"bytes_read", &Counters::bytesRead},
    {"bytes_written", &Counters::bytesWritten},
    {"requests", &Counters::requests},
    {"accesses", &Counters::accesses},
    {"sectors", &Counters::sectors},
    {"ideal_sectors", &Counters::idealSectors},
    {"wavefronts", &Counters::wavefronts},
    {"ideal_wavefronts", &Counters::idealWavefronts},
    {"branches", &Counters::branches},
    {"divergent_branches", &Counters::divergentBranches},
    {"mma_ops", &Counters::mmaOps},
    {"mma_flops", &Counters::mmaFlops},
    {"barrier_waits", &Counters::barrierWaits},
};

Counters &Counters::operator+=(const Counters &other) {
  for (const Field &f : fields)
    this->*f.member += other.*f.member;
  return *this;
}

llvm::json::Object Counters::toJSON() const {
  llvm::json::Object object;
  for (const Field &f : fields)
    if (uint64_t value = this->*f.member)
      object[f.name] = value;
  // Bank conflicts are the passes that a conflict-free access would not need.
  if (wavefronts)
    object["bank_conflicts"] = wavefronts - idealWavefronts;
  return object;
}

Counters LaunchStats::total() const {
  Counters sum;
  for (const InstCounters &i : instructions)
    sum += i.counters;
  return sum;
}

static llvm::json::Value toJSON(Dim3 d) {
  return llvm::json::Array{d.x, d.y, d.z};
}

/// Adds an access to the counters of its space. Of a copy between memories each
/// has its half; passes over the banks are shared memory's, sectors are not.
static void addToSpaces(std::map<std::string, Counters> &spaces,
                        const InstCounters &inst) {
  Counters source = inst.counters;
  if (!inst.copiesTo.empty()) {
    Counters target;
    target.requests = source.requests;
    auto move = [&](uint64_t Counters::*field) {
      std::swap(target.*field, source.*field);
    };
    move(&Counters::bytesWritten);
    if (inst.copiesTo == "shared") {
      move(&Counters::wavefronts);
      move(&Counters::idealWavefronts);
    } else {
      move(&Counters::sectors);
      move(&Counters::idealSectors);
    }
    spaces[inst.copiesTo] += target;
  }
  spaces[inst.space] += source;
}

llvm::json::Value LaunchStats::toJSON() const {
  std::map<std::string, uint64_t> byOpcode;
  std::map<std::string, Counters> bySpace;
  std::map<unsigned, std::pair<Counters, llvm::json::Array>> byLine;
  for (const InstCounters &i : instructions) {
    byOpcode[i.opcode] += i.counters.issued;
    if (!i.space.empty())
      addToSpaces(bySpace, i);
    auto &[sum, opcodes] = byLine[i.line];
    sum += i.counters;
    opcodes.push_back(i.opcode);
  }
  llvm::json::Object opcodes, spaces;
  for (auto &[name, count] : byOpcode)
    opcodes[name] = count;
  for (auto &[name, counters] : bySpace)
    spaces[name] = counters.toJSON();
  llvm::json::Array lines;
  for (auto &[line, entry] : byLine) {
    llvm::json::Object object = entry.first.toJSON();
    object["line"] = line;
    object["opcodes"] = std::move(entry.second);
    lines.push_back(std::move(object));
  }
  return llvm::json::Object{
      {"kernel", kernel},
      {"file", file},
      {"grid", ::toJSON(grid)},
      {"block", ::toJSON(block)},
      {"shared_bytes", sharedBytes},
      {"total", total().toJSON()},
      {"opcodes", std::move(opcodes)},
      {"spaces", std::move(spaces)},
      {"lines", std::move(lines)},
  };
}
