//===- Target.cpp - The chips that PTX is for -----------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptx/Target.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace attn::ptx;
using llvm::StringRef;

//===----------------------------------------------------------------------===//
// Chips
//===----------------------------------------------------------------------===//

/// From the table of technical specifications per compute capability in the
/// CUDA programming guide; the first entry stands for all older ones too.
static constexpr ChipLimits chips[] = {
    {52, 24, 2048, 32, 98304, 49152},     {60, 56, 2048, 32, 65536, 49152},
    {61, 30, 2048, 32, 98304, 49152},     {70, 80, 2048, 32, 98304, 98304},
    {75, 72, 1024, 16, 65536, 65536},     {80, 108, 2048, 32, 167936, 166912},
    {86, 84, 1536, 16, 102400, 101376},   {87, 16, 1536, 16, 167936, 166912},
    {88, 84, 1536, 16, 102400, 101376},   {89, 142, 1536, 24, 102400, 101376},
    {90, 132, 2048, 32, 233472, 232448},  {100, 148, 2048, 32, 233472, 232448},
    {103, 160, 2048, 32, 233472, 232448}, {110, 20, 1536, 24, 233472, 232448},
    {120, 188, 1536, 24, 102400, 101376}, {121, 48, 1536, 24, 102400, 101376},
};

std::string Target::getName() const {
  std::string name = "sm_" + std::to_string(sm);
  if (suffix)
    name += suffix;
  return name;
}

std::optional<Target> attn::ptx::parseTarget(StringRef name) {
  static constexpr unsigned known[] = {
      10, 11, 12, 13, 20, 21, 30, 32, 35, 37,  50,  52,  53,  60,  61, 62,
      70, 72, 75, 80, 86, 87, 88, 89, 90, 100, 101, 103, 110, 120, 121};
  if (!name.consume_front("sm_") && !name.consume_front("compute_"))
    return std::nullopt;
  Target target;
  if (name.consumeInteger(10, target.sm) ||
      !llvm::is_contained(known, target.sm))
    return std::nullopt;
  if (name.consume_front("a"))
    target.suffix = 'a';
  else if (name.consume_front("f"))
    target.suffix = 'f';
  bool mayHave = target.suffix == 'f' ? target.sm >= 100 : target.sm >= 90;
  if (!name.empty() || (target.suffix && !mayHave))
    return std::nullopt;
  return target;
}

const ChipLimits &attn::ptx::chipLimits(const Target &target) {
  const ChipLimits *found = &chips[0];
  for (const ChipLimits &chip : chips)
    if (chip.sm <= target.sm)
      found = &chip;
  return *found;
}

uint64_t ChipLimits::residentBlocks(uint64_t blockThreads,
                                    uint32_t blockShared) const {
  // Each block takes another kilobyte, which the system uses.
  uint64_t perProcessor =
      std::min<uint64_t>(blocks, threads / llvm::alignTo(blockThreads, 32));
  if (blockShared)
    perProcessor =
        std::min<uint64_t>(perProcessor, sharedBytes / (blockShared + 1024));
  return std::max<uint64_t>(perProcessor, 1) * multiprocessors;
}

//===----------------------------------------------------------------------===//
// Instructions
//===----------------------------------------------------------------------===//

namespace {
/// From the sections "Target ISA Notes" of the PTX ISA. An instruction needs
/// what every entry asks for whose opcode is its and whose modifiers it has.
/// What all targets from sm_53 on have is left out.
struct Requirement {
  StringRef opcode; // empty: any
  StringRef modifiers[3];
  unsigned sm;
  enum Kind : uint8_t {
    OrHigher,
    Accelerated, // and the suffix a, or f from sm_100 on
    Exactly,     // sm and the suffix a
  } kind = OrHigher;
};
} // namespace

static constexpr Requirement requirements[] = {
    // Memory.
    {"", {"shared::cluster"}, 90},
    {"", {"cluster"}, 90},
    {"", {"relaxed"}, 70},
    {"", {"acquire"}, 70},
    {"", {"release"}, 70},
    {"", {"acq_rel"}, 70},
    {"", {"mmio"}, 70},
    {"", {"L1::evict_normal"}, 70},
    {"", {"L1::evict_unchanged"}, 70},
    {"", {"L1::evict_first"}, 70},
    {"", {"L1::evict_last"}, 70},
    {"", {"L1::no_allocate"}, 70},
    {"", {"L2::cache_hint"}, 80},
    {"", {"L2::64B"}, 75},
    {"", {"L2::128B"}, 75},
    {"", {"L2::256B"}, 80},
    {"ld", {"b128"}, 70},
    {"ld", {"v8"}, 100},
    {"st", {"b128"}, 70},
    {"st", {"v8"}, 100},
    {"st", {"async"}, 90},
    {"discard", {}, 80},
    {"applypriority", {}, 80},
    {"createpolicy", {}, 80},
    {"prefetch", {"tensormap"}, 90},
    {"isspacep", {"param"}, 70},
    {"cvta", {"param"}, 70},
    {"mapa", {}, 90},
    {"getctarank", {}, 90},
    {"multimem", {}, 90},
    // Atomics.
    {"atom", {"cta"}, 60},
    {"atom", {"sys"}, 60},
    {"atom", {"add", "f64"}, 60},
    {"atom", {"add", "f16x2"}, 60},
    {"atom", {"add", "f16"}, 70},
    {"atom", {"bf16"}, 90},
    {"atom", {"bf16x2"}, 90},
    {"atom", {"cas", "b16"}, 70},
    {"atom", {"b128"}, 90},
    {"atom", {"v2"}, 90},
    {"atom", {"v4"}, 90},
    {"atom", {"v8"}, 90},
    {"red", {"cta"}, 60},
    {"red", {"sys"}, 60},
    {"red", {"add", "f64"}, 60},
    {"red", {"add", "f16x2"}, 60},
    {"red", {"add", "f16"}, 70},
    {"red", {"bf16"}, 90},
    {"red", {"bf16x2"}, 90},
    {"red", {"v2"}, 90},
    {"red", {"v4"}, 90},
    {"red", {"v8"}, 90},
    {"red", {"async"}, 90},
    // Synchronisation.
    {"fence", {}, 70},
    {"fence", {"proxy", "async"}, 90},
    {"fence", {"proxy", "async.global"}, 90},
    {"fence", {"proxy", "async.shared::cta"}, 90},
    {"fence", {"proxy", "async::generic"}, 90},
    {"fence", {"proxy", "tensormap::generic"}, 90},
    {"fence", {"mbarrier_init"}, 90},
    {"membar", {"proxy"}, 70},
    {"mbarrier", {}, 80},
    {"mbarrier", {"try_wait"}, 90},
    {"mbarrier", {"expect_tx"}, 90},
    {"mbarrier", {"complete_tx"}, 90},
    {"barrier", {"cluster"}, 90},
    {"griddepcontrol", {}, 90},
    {"setmaxnreg", {}, 90, Requirement::Accelerated},
    {"nanosleep", {}, 70},
    // Within a warp.
    {"match", {}, 70},
    {"redux", {}, 80},
    {"redux", {"f32"}, 100, Requirement::Accelerated},
    {"elect", {}, 90},
    // Asynchronous copies.
    {"cp", {"async"}, 80},
    {"cp", {"async", "bulk"}, 90},
    {"cp", {"reduce", "async", "bulk"}, 90},
    {"cp", {"cp_mask"}, 100},
    {"tensormap", {"replace"}, 90, Requirement::Accelerated},
    {"tensormap", {"cp_fenceproxy"}, 90},
    // Matrices.
    {"ldmatrix", {}, 75},
    {"ldmatrix", {"m16n16"}, 100, Requirement::Accelerated},
    {"ldmatrix", {"m8n16"}, 100, Requirement::Accelerated},
    {"stmatrix", {}, 90},
    {"stmatrix", {"m16n8"}, 100, Requirement::Accelerated},
    {"movmatrix", {}, 75},
    {"wmma", {}, 70},
    {"wmma", {"s8"}, 72},
    {"wmma", {"u8"}, 72},
    {"wmma", {"s4"}, 75},
    {"wmma", {"u4"}, 75},
    {"wmma", {"b1"}, 75},
    {"wmma", {"b1", "and"}, 80},
    {"wmma", {"bf16"}, 80},
    {"wmma", {"tf32"}, 80},
    {"wmma", {"f64"}, 80},
    {"mma", {}, 70},
    {"mma", {"m16n8k8"}, 75},
    {"mma", {"m8n8k16"}, 75},
    {"mma", {"m8n8k32"}, 75},
    {"mma", {"m8n8k128"}, 75},
    {"mma", {"m16n8k4"}, 80},
    {"mma", {"m16n8k16"}, 80},
    {"mma", {"m16n8k32"}, 80},
    {"mma", {"m16n8k64"}, 80},
    {"mma", {"m16n8k128"}, 80},
    {"mma", {"m16n8k256"}, 80},
    {"mma", {"and"}, 80},
    {"mma", {"sp"}, 80},
    {"mma", {"sp::ordered_metadata"}, 80},
    {"mma", {"bf16"}, 80},
    {"mma", {"tf32"}, 80},
    {"mma", {"f64"}, 80},
    {"mma", {"m16n8k4", "f64"}, 90},
    {"mma", {"m16n8k8", "f64"}, 90},
    {"mma", {"m16n8k16", "f64"}, 90},
    {"mma", {"e4m3"}, 89},
    {"mma", {"e5m2"}, 89},
    {"mma", {"kind::f8f6f4"}, 120, Requirement::Accelerated},
    {"wgmma", {}, 90, Requirement::Exactly},
    // Floating point.
    {"tanh", {}, 75},
    {"tanh", {"bf16"}, 90},
    {"tanh", {"bf16x2"}, 90},
    {"ex2", {"f16"}, 75},
    {"ex2", {"f16x2"}, 75},
    {"ex2", {"bf16"}, 90},
    {"ex2", {"bf16x2"}, 90},
    {"add", {"bf16"}, 90},
    {"add", {"bf16x2"}, 90},
    {"add", {"f32x2"}, 100},
    {"add", {"u16x2"}, 90},
    {"add", {"s16x2"}, 90},
    {"add", {"f32", "f16"}, 100},
    {"add", {"f32", "bf16"}, 100},
    {"sub", {"f32", "f16"}, 100},
    {"sub", {"f32", "bf16"}, 100},
    {"fma", {"f32", "f16"}, 100},
    {"fma", {"f32", "bf16"}, 100},
    {"sub", {"bf16"}, 90},
    {"sub", {"bf16x2"}, 90},
    {"sub", {"f32x2"}, 100},
    {"mul", {"bf16"}, 90},
    {"mul", {"bf16x2"}, 90},
    {"mul", {"f32x2"}, 100},
    {"fma", {"bf16"}, 80},
    {"fma", {"bf16x2"}, 80},
    {"fma", {"relu"}, 80},
    {"fma", {"oob"}, 90},
    {"fma", {"f32x2"}, 100},
    {"neg", {"bf16"}, 80},
    {"neg", {"bf16x2"}, 80},
    {"abs", {"bf16"}, 80},
    {"abs", {"bf16x2"}, 80},
    {"min", {"f16"}, 80},
    {"min", {"f16x2"}, 80},
    {"min", {"bf16"}, 80},
    {"min", {"bf16x2"}, 80},
    {"min", {"NaN"}, 80},
    {"min", {"xorsign"}, 86},
    {"min", {"s16x2"}, 90},
    {"min", {"u16x2"}, 90},
    {"min", {"relu"}, 90},
    {"max", {"f16"}, 80},
    {"max", {"f16x2"}, 80},
    {"max", {"bf16"}, 80},
    {"max", {"bf16x2"}, 80},
    {"max", {"NaN"}, 80},
    {"max", {"xorsign"}, 86},
    {"max", {"s16x2"}, 90},
    {"max", {"u16x2"}, 90},
    {"max", {"relu"}, 90},
    {"set", {"bf16"}, 90},
    {"set", {"bf16x2"}, 90},
    {"setp", {"bf16"}, 90},
    {"setp", {"bf16x2"}, 90},
    // Conversions.
    {"cvt", {"bf16"}, 80},
    {"cvt", {"bf16x2"}, 80},
    {"cvt", {"relu"}, 80},
    {"cvt", {"tf32"}, 80},
    {"cvt", {"tf32", "rn"}, 90},
    {"cvt", {"tf32", "rz"}, 90},
    {"cvt", {"bf16", "u8"}, 90},
    {"cvt", {"bf16", "s8"}, 90},
    {"cvt", {"bf16", "u16"}, 90},
    {"cvt", {"bf16", "s16"}, 90},
    {"cvt", {"bf16", "u32"}, 90},
    {"cvt", {"bf16", "s32"}, 90},
    {"cvt", {"bf16", "u64"}, 90},
    {"cvt", {"bf16", "s64"}, 90},
    {"cvt", {"bf16", "f64"}, 90},
    {"cvt", {"e2m1x2"}, 100, Requirement::Accelerated},
    {"cvt", {"e2m3x2"}, 100, Requirement::Accelerated},
    {"cvt", {"e3m2x2"}, 100, Requirement::Accelerated},
    {"cvt", {"ue8m0x2"}, 100, Requirement::Accelerated},
    {"cvt", {"e4m3x2"}, 89},
    {"cvt", {"e5m2x2"}, 89},
    {"cvt", {"e4m3x4"}, 100, Requirement::Accelerated},
    {"cvt", {"e5m2x4"}, 100, Requirement::Accelerated},
    {"cvt", {"rs"}, 100, Requirement::Accelerated},
    {"cvt", {"pack"}, 72},
    {"cvt", {"pack", "u4"}, 75},
    {"cvt", {"pack", "s4"}, 75},
    {"cvt", {"pack", "u2"}, 75},
    {"cvt", {"pack", "s2"}, 75},
    // Special registers, without what follows a dot.
    {"", {"%clusterid"}, 90},
    {"", {"%nclusterid"}, 90},
    {"", {"%cluster_ctaid"}, 90},
    {"", {"%cluster_nctaid"}, 90},
    {"", {"%cluster_ctarank"}, 90},
    {"", {"%cluster_nctarank"}, 90},
    {"", {"%is_explicit_cluster"}, 90},
    {"", {"%aggr_smem_size"}, 90},
    // Integers and the stack.
    {"dp4a", {}, 61},
    {"dp2a", {}, 61},
    {"bmsk", {}, 70},
    {"szext", {}, 70},
    {"alloca", {}, 52},
    {"stacksave", {}, 52},
    {"stackrestore", {}, 52},
};

static bool has(const Target &target, const Requirement &r) {
  switch (r.kind) {
  case Requirement::OrHigher:
    return target.sm >= r.sm;
  case Requirement::Accelerated:
    return target.sm >= r.sm && target.suffix;
  case Requirement::Exactly:
    return target.sm == r.sm && target.suffix == 'a';
  }
  return true;
}

static std::string describe(const Requirement &r) {
  std::string name = "sm_" + std::to_string(r.sm);
  switch (r.kind) {
  case Requirement::OrHigher:
    return name + " or higher";
  case Requirement::Accelerated:
    return name + "a or a higher one with such a suffix";
  case Requirement::Exactly:
    return name + "a";
  }
  return name;
}

std::string attn::ptx::missingFeature(llvm::ArrayRef<StringRef> parts,
                                      const Target &target) {
  // The highest of what is missing says it best.
  const Requirement *missing = nullptr;
  llvm::ArrayRef<StringRef> modifiers = parts.drop_front();
  for (const Requirement &r : requirements) {
    bool applies =
        (r.opcode.empty() || r.opcode == parts.front()) &&
        llvm::all_of(r.modifiers, [&](StringRef modifier) {
          return modifier.empty() || llvm::is_contained(modifiers, modifier);
        });
    if (applies && !has(target, r) && (!missing || missing->sm <= r.sm))
      missing = &r;
  }
  return missing ? describe(*missing) : "";
}
