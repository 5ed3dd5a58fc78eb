//===- Variants.cpp - The variants of attention that are tested -----------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Problem.h"

#include <cmath>
#include <limits>

using namespace e2e;

static constexpr double kInfinity = std::numeric_limits<double>::infinity();

static int addExtra(Variant &variant, Extra extra) {
  variant.extras.push_back(std::move(extra));
  return int(variant.extras.size()) - 1;
}

/// An additive mask of scores that broadcasts where a flag is false.
static void addBias(Variant &variant, const Shape &shape, bool perBatch,
                    bool perHead, bool perQuery, ElementType type,
                    std::function<void(Tensor &)> fill = nullptr) {
  variant.bias =
      addExtra(variant, {"bias",
                         type,
                         {perBatch ? shape.batch : 1, perHead ? shape.heads : 1,
                          perQuery ? shape.queries : 1, shape.keys},
                         std::move(fill)});
}

static void addKeep(Variant &variant, const Shape &shape, bool perBatch,
                    bool perHead, bool perQuery,
                    std::function<void(Tensor &)> fill = nullptr) {
  variant.keep =
      addExtra(variant, {"keep",
                         ElementType::i1(),
                         {perBatch ? shape.batch : 1, perHead ? shape.heads : 1,
                          perQuery ? shape.queries : 1, shape.keys},
                         std::move(fill)});
}

static void addAlibi(Variant &variant, const Shape &shape) {
  variant.alibi = addExtra(
      variant, {"alibi", ElementType::f32(), {shape.heads}, [](Tensor &t) {
                  int64_t heads = t.getNumElements();
                  for (int64_t h = 0; h < heads; ++h)
                    t.set(h, std::exp2(-8.0 * double(h + 1) / double(heads)));
                }});
}

static void addSinks(Variant &variant, const Shape &shape) {
  variant.sinks =
      addExtra(variant, {"sinks", ElementType::f32(), {shape.heads}, nullptr});
}

/// Parts of the keys are joined by their lse in f32: of a score beyond 2^24 it
/// does not say how many keys share it.
static void keepKeysTogether(Variant &v) { v.schedule = {"kv_splits=1"}; }

/// Scores of up to 1e6 (f16) or 3e10, multiples of 512 or 2^27: the weights of
/// the largest are alike, all others are 0.
static void addHugeScores(Variant &v, const Shape &s) {
  bool isF16 = s.type == ElementType::f16();
  v.scale = isF16 ? 512 : 1;
  v.exactScores = true;
  keepKeysTogether(v);
  v.adjust = [isF16](Tensor &q, Tensor &k, Tensor &, const Shape &) {
    auto round = [](Tensor &t, double factor) {
      for (int64_t i = 0; i < t.getNumElements(); ++i)
        t.set(i, std::nearbyint(2 * t.get(i)) * factor);
    };
    round(q, isF16 ? 1 : 0x1p13);
    round(k, isF16 ? 1 : 0x1p14);
  };
}

/// Sets each element of `t` whose position is drawn to a special value.
static void sprinkle(Tensor &t, std::vector<double> values, int64_t period) {
  for (int64_t n = 0, i = 1; i < t.getNumElements(); i += period, ++n)
    t.set(i, values[size_t(n) % values.size()]);
}

static MaskRegion makeMask(std::string text,
                           std::function<bool(Position)> evaluate) {
  return {std::move(text), [evaluate](Position p, const std::vector<Tensor> &) {
            return evaluate(p);
          }};
}

/// T5's bias: a table over the distance, its ends shared by all beyond.
static void addRelativeBias(Variant &v, const Shape &s) {
  int table =
      addExtra(v, {"table", ElementType::f32(), {s.heads, 63}, nullptr});
  v.score = ScoreRegion{
      R"(
        %c0 = arith.constant 0 : index
        %c31 = arith.constant 31 : index
        %c62 = arith.constant 62 : index
        %d = arith.subi %j, %i : index
        %m = arith.addi %d, %c31 : index
        %lo = arith.maxsi %m, %c0 : index
        %at = arith.minsi %lo, %c62 : index
        %t = tensor.extract %table[%h, %at] : $table
        %r = arith.addf %s, %t : f32
        attn.yield %r : f32)",
      [table](double score, Position p, const std::vector<Tensor> &extras) {
        int64_t at = std::clamp<int64_t>(p.j - p.i + 31, 0, 62);
        return score + extras[table].get(p.h * 63 + at);
      }};
}

static void addTanhRegion(Variant &v, const Shape &) {
  v.queryFactor = 8;
  v.score = ScoreRegion{
      R"(
        %c = arith.constant 2.5 : f32
        %x = arith.divf %s, %c : f32
        %t = math.tanh %x : f32
        %r = arith.mulf %t, %c : f32
        attn.yield %r : f32)",
      [](double score, Position, const std::vector<Tensor> &) {
        return 2.5 * std::tanh(score / 2.5);
      }};
}

static void addPrefix(Variant &v, const Shape &) {
  v.mask = makeMask(
      R"(
        %c20 = arith.constant 20 : index
        %causal = arith.cmpi sle, %j, %i : index
        %prefix = arith.cmpi slt, %j, %c20 : index
        %r = arith.ori %causal, %prefix : i1
        attn.yield %r : i1)",
      [](Position p) { return p.j <= p.i || p.j < 20; });
}

static void addChunks(Variant &v, const Shape &) {
  v.mask = makeMask(
      R"(
        %c50 = arith.constant 50 : index
        %ci = arith.divui %i, %c50 : index
        %cj = arith.divui %j, %c50 : index
        %same = arith.cmpi eq, %ci, %cj : index
        %causal = arith.cmpi sle, %j, %i : index
        %r = arith.andi %same, %causal : i1
        attn.yield %r : i1)",
      [](Position p) { return p.i / 50 == p.j / 50 && p.j <= p.i; });
}

static void addDilation(Variant &v, const Shape &) {
  v.mask = makeMask(
      R"(
        %c0 = arith.constant 0 : index
        %c3 = arith.constant 3 : index
        %d = arith.subi %i, %j : index
        %m = arith.remsi %d, %c3 : index
        %r = arith.cmpi eq, %m, %c0 : index
        attn.yield %r : i1)",
      [](Position p) { return (p.i - p.j) % 3 == 0; });
}

/// Attention within documents, whose numbers a tensor holds.
static void addDocuments(Variant &v, const Shape &s) {
  int documents =
      addExtra(v, {"documents",
                   ElementType::signedInt(32),
                   {std::max<int64_t>(std::max(s.queries, s.keys), 1)},
                   [](Tensor &t) {
                     for (int64_t i = 0; i < t.getNumElements(); ++i)
                       t.set(i, double(i / 37));
                   }});
  v.mask = MaskRegion{
      R"(
        %di = tensor.extract %documents[%i] : $documents
        %dj = tensor.extract %documents[%j] : $documents
        %r = arith.cmpi eq, %di, %dj : i32
        attn.yield %r : i1)",
      [documents](Position p, const std::vector<Tensor> &extras) {
        return extras[documents].get(p.i) == extras[documents].get(p.j);
      }};
}

/// A score region that reads a table which only has the kept keys.
static void addGuardedLoad(Variant &v, const Shape &s) {
  int64_t size = std::max<int64_t>(s.keys / 2, 1);
  int table = addExtra(v, {"table", ElementType::f32(), {size}, nullptr});
  v.score = ScoreRegion{
      R"(
        %t = tensor.extract %table[%j] : $table
        %r = arith.addf %s, %t : f32
        attn.yield %r : f32)",
      [table](double score, Position p, const std::vector<Tensor> &extras) {
        return score + extras[table].get(p.j);
      }};
  v.mask = MaskRegion{
      R"(
        %c0 = arith.constant 0 : index
        %n = tensor.dim %table, %c0 : $table
        %r = arith.cmpi slt, %j, %n : index
        attn.yield %r : i1)",
      [table](Position p, const std::vector<Tensor> &extras) {
        return p.j < extras[table].getNumElements();
      }};
}

const std::vector<NamedVariant> &e2e::getVariants() {
  static const std::vector<NamedVariant> variants = {
      {"full", [](Variant &, const Shape &) {}},
      {"sharp", [](Variant &v, const Shape &) { v.queryFactor = 16; }},
      {"huge_scores", addHugeScores},
      {"huge_scores_causal",
       [](Variant &v, const Shape &s) {
         addHugeScores(v, s);
         v.causal = true;
       }},
      {"lse", [](Variant &v, const Shape &) { v.lse = true; }},
      {"scale", [](Variant &v, const Shape &) { v.scale = 0.3125; }},
      {"wide_output", [](Variant &v, const Shape &) { v.wideOutput = true; }},
      {"causal", [](Variant &v, const Shape &) { v.causal = true; }},
      {"causal_lse",
       [](Variant &v, const Shape &) { v.causal = v.lse = true; }},
      {"causal_top_left",
       [](Variant &v, const Shape &) { v.causal = v.topLeft = true; }},
      {"causal_offset",
       [](Variant &v, const Shape &s) {
         v.causal = true;
         v.queryOffset = s.keys / 2;
       }},
      {"window",
       [](Variant &v, const Shape &) { v.windowLeft = 40, v.windowRight = 9; }},
      {"window_left",
       [](Variant &v, const Shape &) {
         v.causal = true;
         v.windowLeft = 63;
       }},
      {"window_right", [](Variant &v, const Shape &) { v.windowRight = 3; }},
      // Queries far behind the last key see nothing.
      {"window_empty",
       [](Variant &v, const Shape &s) {
         v.windowLeft = v.windowRight = 5;
         v.queryOffset = s.keys - s.queries / 2;
         v.lse = true;
       }},
      {"softcap",
       [](Variant &v, const Shape &) {
         v.softcap = 5;
         v.queryFactor = 8;
       }},
      {"softcap_causal",
       [](Variant &v, const Shape &) {
         v.softcap = 30;
         v.causal = true;
       }},
      {"alibi", addAlibi},
      {"alibi_causal",
       [](Variant &v, const Shape &s) {
         addAlibi(v, s);
         v.causal = true;
       }},
      {"bias",
       [](Variant &v, const Shape &s) {
         addBias(v, s, true, true, true, ElementType::f32());
       }},
      {"bias_keys",
       [](Variant &v, const Shape &s) {
         addBias(v, s, false, false, false, s.type);
       }},
      {"bias_heads",
       [](Variant &v, const Shape &s) {
         addBias(v, s, false, true, true, s.type);
       }},
      {"bias_batch_causal",
       [](Variant &v, const Shape &s) {
         addBias(v, s, true, false, false, ElementType::f32());
         v.causal = true;
       }},
      // What models use for masking, and scores that dwarf all others.
      {"bias_huge",
       [](Variant &v, const Shape &s) {
         addBias(v, s, true, false, true, ElementType::f32(), [](Tensor &t) {
           sprinkle(t, {-1e30, -kInfinity, -3.40282347e38, -1e30}, 3);
         });
       }},
      {"bias_1e30",
       [](Variant &v, const Shape &s) {
         v.lse = true;
         keepKeysTogether(v);
         addBias(v, s, false, false, false, ElementType::f32(),
                 [](Tensor &t) { sprinkle(t, {1e30, -1e30, 1e30}, 5); });
       }},
      {"bias_all_dropped",
       [](Variant &v, const Shape &s) {
         v.lse = true;
         addBias(v, s, false, false, true, ElementType::f32(), [](Tensor &t) {
           int64_t keys = t.getShape()[3];
           for (int64_t i = 0; i < t.getNumElements(); ++i)
             if (i / std::max<int64_t>(keys, 1) % 4 == 2)
               t.set(i, -kInfinity);
         });
       }},
      {"keep",
       [](Variant &v, const Shape &s) { addKeep(v, s, true, true, true); }},
      {"keep_keys",
       [](Variant &v, const Shape &s) { addKeep(v, s, true, false, false); }},
      {"keep_empty_rows",
       [](Variant &v, const Shape &s) {
         v.lse = true;
         addKeep(v, s, false, true, true, [](Tensor &t) {
           int64_t keys = t.getShape()[3];
           for (int64_t i = 0; i < t.getNumElements(); ++i)
             if (i / std::max<int64_t>(keys, 1) % 7 == 3)
               t.set(i, 0);
         });
       }},
      {"keep_padding_causal",
       [](Variant &v, const Shape &s) {
         v.causal = true;
         addKeep(v, s, true, false, false, [](Tensor &t) {
           int64_t keys = t.getShape()[3];
           for (int64_t i = 0; i < t.getNumElements(); ++i)
             t.set(i, i % keys < keys - keys / 3);
         });
       }},
      {"sinks", addSinks},
      {"sinks_window",
       [](Variant &v, const Shape &s) {
         addSinks(v, s);
         v.causal = v.lse = true;
         v.windowLeft = 30;
       }},
      {"bshd", [](Variant &v, const Shape &) { v.layouts = Layouts::BSHD; }},
      {"bshd_causal",
       [](Variant &v, const Shape &) {
         v.layouts = Layouts::BSHD;
         v.causal = v.lse = true;
       }},
      {"key_bhds",
       [](Variant &v, const Shape &) { v.layouts = Layouts::KeyBHDS; }},
      {"deterministic",
       [](Variant &v, const Shape &) { v.deterministic = true; }},
      {"everything",
       [](Variant &v, const Shape &s) {
         v.causal = v.lse = true;
         v.queryOffset = s.keys - s.queries;
         v.windowLeft = 200;
         v.softcap = 20;
         v.scale = 0.125;
         addBias(v, s, false, true, false, ElementType::f32());
         addKeep(v, s, true, false, true);
         addAlibi(v, s);
         addSinks(v, s);
         addRelativeBias(v, s);
         addPrefix(v, s);
       }},
      {"region_relative_bias", addRelativeBias},
      {"region_tanh", addTanhRegion},
      {"region_prefix", addPrefix},
      {"region_chunks", addChunks},
      {"region_dilated", addDilation},
      {"region_documents", addDocuments},
      {"region_guarded_load", addGuardedLoad},
      {"region_documents_causal",
       [](Variant &v, const Shape &s) {
         addDocuments(v, s);
         v.causal = true;
         v.lse = true;
       }},
      {"region_score_and_mask",
       [](Variant &v, const Shape &s) {
         addRelativeBias(v, s);
         addChunks(v, s);
       }},
      // NaN and +inf reach the rows that keep them. (A value that is NaN also
      // reaches rows of which it is dropped: zero times NaN.)
      {"nan_query",
       [](Variant &v, const Shape &) {
         v.lse = true;
         v.adjust = [](Tensor &q, Tensor &, Tensor &, const Shape &s) {
           sprinkle(q, {NAN}, 3 * s.headDim);
         };
       }},
      {"nan_value",
       [](Variant &v, const Shape &) {
         v.adjust = [](Tensor &, Tensor &, Tensor &value, const Shape &s) {
           if (s.keys > 2)
             value.set((s.keys / 2) * s.valueDim + s.valueDim / 2, NAN);
         };
       }},
      {"infinite_bias",
       [](Variant &v, const Shape &s) {
         addBias(v, s, false, false, true, ElementType::f32(), [](Tensor &t) {
           int64_t keys = std::max<int64_t>(t.getShape()[3], 1);
           for (int64_t i = 0; i < t.getNumElements(); ++i)
             if (i / keys % 5 == 1 && i % keys == keys / 2)
               t.set(i, kInfinity);
         });
       }},
  };
  return variants;
}
