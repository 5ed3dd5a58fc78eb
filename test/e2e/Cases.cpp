//===- Cases.cpp - The cases of the end-to-end tests ----------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Runner.h"

#include <array>
#include <random>
#include <set>

using namespace e2e;

namespace {

struct Pair {
  int64_t first, second;
};

/// The values of each factor of a case.
struct Factors {
  std::vector<ElementType> types{ElementType::f32(), ElementType::f16(),
                                 ElementType::bf16()};
  /// Queries and keys. The lengths, dims and head counts of ggml's
  /// test-backend-ops are among these.
  std::vector<Pair> seqlens{
      {1, 1},       {2, 2},       {3, 3},     {17, 17},   {32, 32},
      {64, 64},     {75, 75},     {100, 100}, {113, 113}, {1000, 1000},
      {1024, 1024}, {1025, 1025}, {1, 1024},  {3, 1000},  {17, 113},
      {75, 512},    {113, 32},    {1025, 64}, {64, 0},    {1, 33}};
  /// Head dims of queries and keys, and of values.
  std::vector<Pair> dims{
      {8, 8},     {36, 36},   {40, 40},   {64, 64},   {72, 72},   {80, 80},
      {88, 88},   {96, 96},   {112, 112}, {128, 128}, {192, 192}, {256, 256},
      {320, 320}, {512, 512}, {576, 512}, {192, 128}, {64, 72},   {40, 8}};
  /// Query heads and KV heads.
  std::vector<Pair> heads{{1, 1}, {2, 2}, {3, 1},  {4, 2},
                          {8, 1}, {6, 3}, {16, 1}, {32, 1}};
  std::vector<int64_t> batches{1, 2, 3};
  std::vector<Dynamic> dynamics{Dynamic::None, Dynamic::Cache, Dynamic::Seqlens,
                                Dynamic::Heads, Dynamic::All};
  std::vector<unsigned> threads{1, 2, 3};

  static constexpr int kCount = 8;
  std::array<size_t, kCount> getSizes() const {
    return {getVariants().size(), types.size(),  seqlens.size(),
            dims.size(),          heads.size(),  batches.size(),
            dynamics.size(),      threads.size()};
  }
  Case make(const std::array<size_t, kCount> &choice) const;

  /// Whether the covering set holds each pair of values of two factors. A
  /// variant meets every type, kind of signature and number of threads, and
  /// some of the sizes, which meet each other.
  bool isPaired(int f, int g) const {
    return f != 0 || (g != 2 && g != 3 && g != 4);
  }
};

} // namespace

Case Factors::make(const std::array<size_t, kCount> &choice) const {
  Case result;
  result.variant = getVariants()[choice[0]].name;
  Shape &shape = result.shape;
  shape.type = types[choice[1]];
  shape.queries = seqlens[choice[2]].first;
  shape.keys = seqlens[choice[2]].second;
  shape.headDim = dims[choice[3]].first;
  shape.valueDim = dims[choice[3]].second;
  shape.heads = heads[choice[4]].first;
  shape.kvHeads = heads[choice[4]].second;
  shape.batch = batches[choice[5]];
  shape.dynamic = dynamics[choice[6]];
  result.threads = threads[choice[7]];
  return result;
}

static const Factors &getFactors() {
  static const Factors factors;
  return factors;
}

/// What a case should cost, if there is a choice.
static constexpr double kMaxCost = 3e8;

/// What the straight evaluation of a case costs, in multiplications.
static double getCost(const Case &testCase) {
  const Shape &s = testCase.shape;
  return double(s.batch * s.heads) * double(s.queries * s.keys) *
         double(s.headDim + s.valueDim);
}

namespace {

/// Lengths that the compiler treats in different ways.
enum Regime { Decode, CachedDecode, Short, Long, Unequal, kNumRegimes };

} // namespace

static Regime getRegime(const Shape &s) {
  if (s.queries <= 3)
    return s.dynamic == Dynamic::Cache ? CachedDecode : Decode;
  if (s.queries != s.keys)
    return Unequal;
  return s.keys < 1000 ? Short : Long;
}

/// Adds cases so that each variant meets each regime.
static void addMissingRegimes(std::vector<Case> &cases,
                              std::mt19937_64 &random) {
  const Factors &factors = getFactors();
  std::array<size_t, Factors::kCount> sizes = factors.getSizes();
  std::set<std::pair<std::string, Regime>> seen;
  for (const Case &testCase : cases)
    seen.insert({testCase.variant, getRegime(testCase.shape)});
  for (size_t variant = 0; variant < sizes[0]; ++variant)
    for (int regime = 0; regime < kNumRegimes; ++regime) {
      if (seen.count({getVariants()[variant].name, Regime(regime)}))
        continue;
      Case testCase;
      do {
        std::array<size_t, Factors::kCount> choice{variant};
        for (int f = 1; f < Factors::kCount; ++f)
          choice[f] = size_t(random() % sizes[f]);
        testCase = factors.make(choice);
      } while (getRegime(testCase.shape) != regime ||
               getCost(testCase) > kMaxCost);
      cases.push_back(testCase);
    }
}

/// Adds cases without a batch, queries or keys, whose number each kind of
/// signature knows.
static void addEmptySizes(std::vector<Case> &cases) {
  const Factors &factors = getFactors();
  const char *variants[] = {"lse", "causal", "sinks_window", "everything"};
  size_t count = 0;
  for (Dynamic dynamic : factors.dynamics)
    for (int64_t Shape::*size :
         {&Shape::batch, &Shape::queries, &Shape::keys}) {
      Case testCase;
      testCase.variant = variants[count % std::size(variants)];
      Shape &s = testCase.shape;
      s = {2, 4, 2, 5, 40, 64, 64};
      s.type = factors.types[count % factors.types.size()];
      s.dynamic = dynamic;
      s.*size = 0;
      cases.push_back(testCase);
      ++count;
    }
}

/// Adds decode steps on caches of lengths that fewer parts than there are hold,
/// or none.
static void addCacheLengths(std::vector<Case> &cases) {
  const Factors &factors = getFactors();
  const char *variants[] = {"lse",
                            "causal_lse",
                            "window_left",
                            "window_empty",
                            "sinks",
                            "sinks_window",
                            "keep_empty_rows",
                            "bshd_causal",
                            "deterministic",
                            "region_documents_causal",
                            "everything"};
  size_t count = 0;
  for (const char *variant : variants)
    for (int64_t keys : {0, 1, 65, 2000}) {
      Case testCase;
      testCase.variant = variant;
      Shape &s = testCase.shape;
      auto [heads, kvHeads] = factors.heads[count % factors.heads.size()];
      s = {1, heads, kvHeads, 1, keys, 64, 64};
      s.type = factors.types[count % factors.types.size()];
      s.dynamic = Dynamic::Cache;
      cases.push_back(testCase);
      ++count;
    }
}

std::vector<Case> e2e::getCoveringCases() {
  // Greedy: each case is the one of some random ones that holds most pairs that
  // no earlier one held, as far as it is cheap enough.
  constexpr int kCount = Factors::kCount;
  const Factors &factors = getFactors();
  std::array<size_t, kCount> sizes = factors.getSizes();
  std::array<size_t, kCount + 1> offsets{};
  for (int f = 0; f < kCount; ++f)
    offsets[f + 1] = offsets[f] + sizes[f];
  size_t total = offsets[kCount];
  std::vector<bool> isCovered(total * total);
  std::vector<std::pair<size_t, size_t>> open;
  for (int f = 0; f < kCount; ++f)
    for (int g = f + 1; g < kCount; ++g)
      for (size_t a = 0; a < sizes[f] && factors.isPaired(f, g); ++a)
        for (size_t b = 0; b < sizes[g]; ++b)
          open.push_back({offsets[f] + a, offsets[g] + b});

  std::mt19937_64 random(7);
  auto draw = [&](size_t size) { return size_t(random() % size); };
  auto split = [&](size_t value) {
    int f = 0;
    while (value >= offsets[f + 1])
      ++f;
    return std::pair(f, value - offsets[f]);
  };
  auto countNew = [&](const std::array<size_t, kCount> &choice) {
    int count = 0;
    for (int f = 0; f < kCount; ++f)
      for (int g = f + 1; g < kCount; ++g)
        count += !isCovered[(offsets[f] + choice[f]) * total + offsets[g] +
                            choice[g]];
    return count;
  };
  std::vector<Case> cases;
  std::shuffle(open.begin(), open.end(), random);
  for (auto [a, b] : open) {
    if (isCovered[a * total + b])
      continue;
    std::array<size_t, kCount> best{};
    int bestCount = -1;
    double bestCost = 0;
    for (int attempt = 0; attempt < 60; ++attempt) {
      std::array<size_t, kCount> choice;
      for (int f = 0; f < kCount; ++f)
        choice[f] = draw(sizes[f]);
      auto [f, x] = split(a);
      auto [g, y] = split(b);
      choice[f] = x;
      choice[g] = y;
      double cost = getCost(factors.make(choice));
      int count = countNew(choice);
      // Some pairs are expensive in any case: then the cheapest.
      bool isBetter = bestCount < 0 ||
                      (cost <= kMaxCost && bestCost > kMaxCost) ||
                      (cost <= kMaxCost && count > bestCount) ||
                      (bestCost > kMaxCost && cost < bestCost);
      if (!isBetter)
        continue;
      best = choice;
      bestCount = count;
      bestCost = cost;
    }
    for (int f = 0; f < kCount; ++f)
      for (int g = f + 1; g < kCount; ++g)
        isCovered[(offsets[f] + best[f]) * total + offsets[g] + best[g]] = true;
    cases.push_back(factors.make(best));
  }
  addMissingRegimes(cases, random);
  addEmptySizes(cases);
  addCacheLengths(cases);
  return cases;
}

void e2e::forAllCases(llvm::function_ref<bool(const Case &)> visit) {
  const Factors &factors = getFactors();
  std::array<size_t, Factors::kCount> sizes = factors.getSizes(), choice{};
  while (true) {
    if (!visit(factors.make(choice)))
      return;
    int f = Factors::kCount - 1;
    while (f >= 0 && ++choice[f] == sizes[f])
      choice[f--] = 0;
    if (f < 0)
      return;
  }
}

Case e2e::drawCase(uint64_t seed) {
  std::mt19937_64 random(seed);
  // Not std::uniform_int_distribution, which each library does its own way.
  auto draw = [&](int64_t low, int64_t high) {
    return low + int64_t(random() % uint64_t(high - low + 1));
  };
  Case result;
  const std::vector<NamedVariant> &variants = getVariants();
  result.variant = variants[size_t(draw(0, variants.size() - 1))].name;
  Shape &s = result.shape;
  s.type = getFactors().types[size_t(draw(0, 2))];
  s.kvHeads = draw(1, 3);
  s.heads = s.kvHeads * draw(1, 5);
  s.batch = draw(1, 3);
  // Short ones show edges, long ones several tiles.
  auto drawSeqlen = [&] { return draw(0, 3) ? draw(1, 70) : draw(71, 700); };
  s.queries = drawSeqlen();
  s.keys = draw(0, 2) ? drawSeqlen() : s.queries;
  s.headDim = draw(0, 2) ? 8 * draw(1, 20) : draw(1, 160);
  s.valueDim = draw(0, 2) ? s.headDim : draw(1, 160);
  s.dynamic = Dynamic(draw(0, 4));
  result.threads = unsigned(draw(1, 3));
  return result;
}
