//===- Problem.cpp - Names and numbers of a case --------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Problem.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/xxhash.h"

using namespace e2e;
using llvm::StringRef;

static constexpr const char *kDynamicNames[] = {"static", "cache", "seqlens",
                                                "heads", "dynamic"};

std::string Case::getName() const {
  auto text = [](int64_t value) { return std::to_string(value); };
  return variant + "/" + shape.type.str() + "/b" + text(shape.batch) + "/h" +
         text(shape.heads) + "x" + text(shape.kvHeads) + "/s" +
         text(shape.queries) + "x" + text(shape.keys) + "/d" +
         text(shape.headDim) + "x" + text(shape.valueDim) + "/" +
         kDynamicNames[int(shape.dynamic)] + "/t" + text(threads);
}

/// Parses `PREFIXaxb`, or `PREFIXa` where there is one value.
static bool parseSizes(StringRef text, StringRef prefix,
                       std::initializer_list<int64_t *> values) {
  if (!text.consume_front(prefix))
    return false;
  bool isFirst = true;
  for (int64_t *value : values) {
    if (!isFirst && !text.consume_front("x"))
      return false;
    if (text.consumeInteger(10, *value) || *value < 0)
      return false;
    isFirst = false;
  }
  return text.empty();
}

std::optional<Case> Case::parse(StringRef name) {
  llvm::SmallVector<StringRef> parts;
  name.split(parts, '/');
  if (parts.size() != 8)
    return std::nullopt;
  Case result;
  Shape &shape = result.shape;
  result.variant = parts[0].str();
  std::optional<ElementType> type = ElementType::parse(parts[1]);
  const auto *dynamic = llvm::find(kDynamicNames, parts[6]);
  int64_t threads;
  bool isKnown = llvm::any_of(getVariants(), [&](const NamedVariant &variant) {
    return variant.name == result.variant;
  });
  if (!isKnown || !type || dynamic == std::end(kDynamicNames) ||
      !parseSizes(parts[2], "b", {&shape.batch}) ||
      !parseSizes(parts[3], "h", {&shape.heads, &shape.kvHeads}) ||
      !parseSizes(parts[4], "s", {&shape.queries, &shape.keys}) ||
      !parseSizes(parts[5], "d", {&shape.headDim, &shape.valueDim}) ||
      !parseSizes(parts[7], "t", {&threads}) || shape.kvHeads == 0 ||
      shape.heads % shape.kvHeads != 0)
    return std::nullopt;
  shape.type = *type;
  shape.dynamic = Dynamic(dynamic - std::begin(kDynamicNames));
  result.threads = unsigned(threads);
  return result;
}

static std::vector<double> toDoubles(const Tensor &tensor) {
  std::vector<double> values(size_t(tensor.getNumElements()));
  for (size_t i = 0; i < values.size(); ++i)
    values[i] = tensor.get(int64_t(i));
  return values;
}

/// The tensor with dimensions 1 and 2, or 2 and 3, exchanged.
static Tensor exchange(const Tensor &tensor, int first) {
  llvm::ArrayRef<int64_t> from = tensor.getShape();
  llvm::SmallVector<int64_t> to(from);
  std::swap(to[first], to[first + 1]);
  Tensor result = llvm::cantFail(Tensor::create(tensor.getType(), to));
  int64_t inner = first == 1 ? from[3] : 1;
  int64_t outer = first == 1 ? from[0] : from[0] * from[1];
  int64_t rows = from[first], columns = from[first + 1];
  for (int64_t o = 0; o < outer; ++o)
    for (int64_t r = 0; r < rows; ++r)
      for (int64_t c = 0; c < columns; ++c)
        for (int64_t i = 0; i < inner; ++i)
          result.set(((o * columns + c) * rows + r) * inner + i,
                     tensor.get(((o * rows + r) * columns + c) * inner + i));
  return result;
}

Problem Problem::make(const Case &testCase) {
  Problem problem;
  problem.shape = testCase.shape;
  problem.threads = testCase.threads;
  const Shape &s = problem.shape;
  Variant &variant = problem.variant;
  llvm::find_if(getVariants(), [&](const NamedVariant &named) {
    return named.name == testCase.variant;
  })->make(variant, s);

  // The same numbers wherever the name is.
  uint64_t seed = llvm::xxh3_64bits(testCase.getName());
  auto makeRandom = [&](ElementType type, llvm::ArrayRef<int64_t> shape) {
    Tensor tensor = llvm::cantFail(Tensor::create(type, shape));
    attnrt::fillRandom(tensor, ++seed);
    return tensor;
  };
  Tensor q = makeRandom(s.type, {s.batch, s.heads, s.queries, s.headDim});
  Tensor k = makeRandom(s.type, {s.batch, s.kvHeads, s.keys, s.headDim});
  Tensor v = makeRandom(s.type, {s.batch, s.kvHeads, s.keys, s.valueDim});
  if (variant.queryFactor != 1)
    for (int64_t i = 0; i < q.getNumElements(); ++i)
      q.set(i, q.get(i) * variant.queryFactor);
  if (variant.adjust)
    variant.adjust(q, k, v, s);
  problem.q = toDoubles(q);
  problem.k = toDoubles(k);
  problem.v = toDoubles(v);
  if (variant.layouts == Layouts::BSHD) {
    q = exchange(q, 1);
    k = exchange(k, 1);
    v = exchange(v, 1);
  } else if (variant.layouts == Layouts::KeyBHDS) {
    k = exchange(k, 2);
  }
  problem.inputs.push_back(std::move(q));
  problem.inputs.push_back(std::move(k));
  problem.inputs.push_back(std::move(v));
  if (variant.queryOffset) {
    Tensor offset =
        llvm::cantFail(Tensor::create(ElementType::signedInt(64), {}));
    offset.set(0, double(*variant.queryOffset));
    problem.inputs.push_back(std::move(offset));
  }
  for (const Extra &extra : variant.extras) {
    Tensor tensor = makeRandom(extra.type, extra.shape);
    if (extra.fill)
      extra.fill(tensor);
    problem.extras.push_back(llvm::cantFail(tensor.clone()));
    problem.inputs.push_back(std::move(tensor));
  }
  return problem;
}

//===----------------------------------------------------------------------===//
// Text
//===----------------------------------------------------------------------===//

static std::string makeType(llvm::ArrayRef<int64_t> shape, ElementType type,
                            llvm::ArrayRef<bool> isDynamic) {
  std::string text = "tensor<";
  for (auto [i, size] : llvm::enumerate(shape))
    text += (isDynamic[i] ? "?" : std::to_string(size)) + "x";
  return text + type.str() + ">";
}

static void replaceAll(std::string &text, const std::string &from,
                       const std::string &to) {
  for (size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

std::string e2e::makeModule(const Problem &problem) {
  const Shape &s = problem.shape;
  const Variant &variant = problem.variant;
  bool openDims = s.dynamic == Dynamic::All;
  bool openHeads = openDims || s.dynamic == Dynamic::Heads;
  bool openQueries = openHeads || s.dynamic == Dynamic::Seqlens;
  bool openKeys = s.dynamic != Dynamic::None;
  bool openBatch = openHeads || s.dynamic == Dynamic::Cache;
  auto makeOperandType = [&](int64_t heads, int64_t seqlen, bool openSeqlen,
                             int64_t dim, ElementType type, bool isBSHD,
                             bool isBHDS) {
    llvm::SmallVector<int64_t> shape{s.batch, heads, seqlen, dim};
    llvm::SmallVector<bool> open{openBatch, openHeads, openSeqlen, openDims};
    int at = isBSHD ? 1 : 2;
    if (isBSHD || isBHDS) {
      std::swap(shape[at], shape[at + 1]);
      std::swap(open[at], open[at + 1]);
    }
    return makeType(shape, type, open);
  };
  bool isBSHD = variant.layouts == Layouts::BSHD;
  bool isBHDS = variant.layouts == Layouts::KeyBHDS;
  ElementType outputType = variant.wideOutput ? ElementType::f32() : s.type;
  std::string q = makeOperandType(s.heads, s.queries, openQueries, s.headDim,
                                  s.type, isBSHD, false);
  std::string k = makeOperandType(s.kvHeads, s.keys, openKeys, s.headDim,
                                  s.type, isBSHD, isBHDS);
  std::string v = makeOperandType(s.kvHeads, s.keys, openKeys, s.valueDim,
                                  s.type, isBSHD, false);
  std::string o = makeOperandType(s.heads, s.queries, openQueries, s.valueDim,
                                  outputType, isBSHD, false);
  if (variant.lse)
    o = "(" + o + ", " +
        makeType({s.batch, s.heads, s.queries}, ElementType::f32(),
                 {openBatch, openHeads, openQueries}) +
        ")";

  std::string arguments = "%q: " + q + ", %k: " + k + ", %v: " + v;
  std::string operands = "query(%q) key(%k) value(%v)";
  std::string types = q + ", " + k + ", " + v;
  if (variant.queryOffset) {
    arguments += ", %offset: index";
    operands += " query_offset(%offset)";
    types += ", index";
  }
  std::vector<std::string> extraTypes;
  for (const Extra &extra : variant.extras) {
    llvm::SmallVector<bool> open;
    if (extra.name == "bias" || extra.name == "keep") {
      // Sizes of one broadcast: they are never open.
      open = {openBatch, openHeads, openQueries, openKeys};
      for (auto [flag, size] : llvm::zip(open, extra.shape))
        flag &= size != 1;
    } else {
      for (int64_t size : extra.shape)
        open.push_back(size == s.heads ? openHeads : openKeys);
    }
    extraTypes.push_back(makeType(extra.shape, extra.type, open));
    arguments += ", %" + extra.name + ": " + extraTypes.back();
  }
  // In the order of the op's operands.
  for (auto [name, index] :
       {std::pair("bias", variant.bias), std::pair("keep", variant.keep),
        std::pair("alibi", variant.alibi), std::pair("sinks", variant.sinks)})
    if (index >= 0) {
      operands += std::string(" ") + name + "(%" + name + ")";
      types += ", " + extraTypes[index];
    }

  std::string attributes;
  llvm::raw_string_ostream os(attributes);
  if (variant.scale)
    os << llvm::format(" scale(%.9e)", *variant.scale);
  if (variant.causal)
    os << (variant.topLeft ? " causal(top_left)" : " causal");
  if (variant.windowLeft >= 0 || variant.windowRight >= 0)
    os << " window(" << variant.windowLeft << ", " << variant.windowRight
       << ")";
  if (variant.softcap != 0)
    os << llvm::format(" softcap(%.9e)", variant.softcap);
  if (variant.deterministic)
    os << " deterministic";
  if (isBSHD)
    os << " layout(query = bshd, key = bshd, value = bshd, output = bshd)";
  if (isBHDS)
    os << " layout(key = bhds)";
  if (variant.allowTF32)
    os << " allow_tf32";
  auto addRegion = [&](const char *head, std::string text) {
    for (auto [extra, type] : llvm::zip(variant.extras, extraTypes))
      replaceAll(text, "$" + extra.name, type);
    os << "\n      " << head << " {" << text << "\n      }";
  };
  if (variant.score)
    addRegion("score(%s, %b, %h, %i, %j)", variant.score->text);
  if (variant.mask)
    addRegion("mask(%b, %h, %i, %j)", variant.mask->text);

  std::string results = variant.lse ? "%o, %lse" : "%o";
  std::string resultTypes = variant.lse ? o.substr(1, o.size() - 2) : o;
  return "func.func @attention(" + arguments + ") -> " + o + " {\n  " +
         results + " = attn.sdpa " + operands + attributes + "\n      : (" +
         types + ") -> " + o + "\n  return " + results + " : " + resultTypes +
         "\n}\n";
}
