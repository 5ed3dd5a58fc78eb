//===- IndexSpace.cpp - Indices as sums of variables ----------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "IndexSpace.h"

#include "mlir/IR/BuiltinTypes.h"

using namespace mlir;
using namespace mlir::attn;

unsigned IndexSpace::addVariable(int64_t size, ArrayRef<SymbolicSize> known) {
  Variable variable;
  variable.size = size;
  if (!ShapedType::isDynamic(size))
    variable.known.push_back(SymbolicSize(size));
  for (const SymbolicSize &other : known)
    if (!llvm::is_contained(variable.known, other))
      variable.known.push_back(other);
  variables.push_back(variable);
  return variables.size() - 1;
}

IndexForm IndexSpace::getForm(unsigned variable) {
  IndexForm form;
  form.terms.push_back({variable, 1});
  return form;
}

/// Whether a factor comes before another: an unknown one, of what is above a
/// dimension of dynamic size, is the largest.
static bool isGreater(int64_t factor, int64_t other) {
  if (ShapedType::isDynamic(factor) || ShapedType::isDynamic(other))
    return !ShapedType::isDynamic(other);
  return factor > other;
}

/// Adds a term to a form, in order.
static void addTerm(IndexForm &form, unsigned variable, int64_t factor) {
  auto *same = llvm::find_if(
      form.terms, [&](const auto &term) { return term.first == variable; });
  if (same != form.terms.end()) {
    factor += same->second;
    form.terms.erase(same);
  }
  if (factor == 0)
    return;
  auto *at = llvm::find_if(form.terms, [&](const auto &term) {
    return isGreater(factor, term.second) ||
           (!ShapedType::isDynamic(factor) && term.second == factor &&
            term.first > variable);
  });
  form.terms.insert(at, {variable, factor});
}

IndexForm IndexSpace::resolve(const IndexForm &form) const {
  IndexForm result(form.constant);
  // In order, which factors that are dynamic do not show.
  SmallVector<std::pair<unsigned, int64_t>> worklist(llvm::reverse(form.terms));
  while (!worklist.empty()) {
    auto [variable, factor] = worklist.pop_back_val();
    const Variable &v = variables[variable];
    if (!v.isSplit) {
      addTerm(result, variable, factor);
      continue;
    }
    worklist.push_back({v.low, factor});
    worklist.push_back({v.high, ShapedType::isDynamic(factor)
                                    ? factor
                                    : factor * variables[v.low].size});
  }
  return result;
}

/// Whether a form has a factor that is dynamic.
static bool hasDynamicFactor(const IndexForm &form) {
  return llvm::any_of(form.terms, [](const auto &term) {
    return ShapedType::isDynamic(term.second);
  });
}

std::optional<IndexForm> IndexSpace::add(const IndexForm &x, const IndexForm &y,
                                         int64_t factor) {
  if ((hasDynamicFactor(x) && !y.isConstant()) ||
      (hasDynamicFactor(y) && (!x.isConstant() || factor != 1)))
    return std::nullopt;
  IndexForm sum = x;
  sum.constant += factor * y.constant;
  for (auto [variable, scale] : y.terms)
    addTerm(sum, variable, factor * scale);
  return sum;
}

std::optional<IndexForm> IndexSpace::join(const IndexForm &high,
                                          const IndexForm &low) {
  auto above = getDigits(high, ShapedType::kDynamic);
  auto below = getDigits(low, ShapedType::kDynamic);
  if (!above || !below || below->empty())
    return std::nullopt;
  IndexForm number;
  for (unsigned digit : *above)
    number.terms.push_back({digit, ShapedType::kDynamic});
  llvm::append_range(number.terms, resolve(low).terms);
  return number;
}

std::optional<std::pair<IndexForm, IndexForm>>
IndexSpace::divide(IndexForm form, int64_t divisor) {
  if (divisor <= 0 || hasDynamicFactor(form))
    return std::nullopt;
  while (true) {
    form = resolve(form);
    IndexForm quotient, remainder;
    quotient.constant = form.constant / divisor;
    remainder.constant = form.constant % divisor;
    int64_t most = remainder.constant;
    std::optional<std::pair<unsigned, int64_t>> split;
    for (auto [variable, factor] : form.terms) {
      if (factor % divisor == 0) {
        addTerm(quotient, variable, factor / divisor);
        continue;
      }
      int64_t size = variables[variable].size;
      addTerm(remainder, variable, factor);
      bool fits = !ShapedType::isDynamic(size) && factor > 0 &&
                  factor * (size - 1) < divisor;
      if (!fits && !split)
        split = {variable, factor};
      if (fits)
        most += factor * (size - 1);
    }
    if (form.constant < 0)
      return std::nullopt;
    if (!split) {
      if (most >= divisor)
        return std::nullopt;
      return std::pair(quotient, remainder);
    }
    // The digit below the divisor becomes a variable of its own.
    auto [variable, factor] = *split;
    int64_t size = variables[variable].size;
    if (factor <= 0 || divisor % factor != 0)
      return std::nullopt;
    int64_t low = divisor / factor;
    if (!ShapedType::isDynamic(size) && size % low != 0)
      return std::nullopt;
    SmallVector<SymbolicSize> known;
    for (SymbolicSize whole : variables[variable].known)
      if (SymbolicSize(low).divides(whole))
        known.push_back(whole /= SymbolicSize(low));
    unsigned highVariable = addVariable(
        ShapedType::isDynamic(size) ? ShapedType::kDynamic : size / low, known);
    unsigned lowVariable = addVariable(low);
    variables[variable].isSplit = true;
    variables[variable].high = highVariable;
    variables[variable].low = lowVariable;
  }
}

std::optional<IndexForm> IndexSpace::apply(AffineExpr expr,
                                           ArrayRef<IndexForm> dims) {
  if (auto constant = dyn_cast<AffineConstantExpr>(expr))
    return IndexForm(constant.getValue());
  if (auto dim = dyn_cast<AffineDimExpr>(expr))
    return dims[dim.getPosition()];
  auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
  if (!binary)
    return std::nullopt;
  std::optional<IndexForm> lhs = apply(binary.getLHS(), dims);
  std::optional<IndexForm> rhs = apply(binary.getRHS(), dims);
  if (!lhs || !rhs)
    return std::nullopt;
  if (expr.getKind() == AffineExprKind::Add)
    return add(*lhs, *rhs);
  if (!rhs->isConstant())
    return std::nullopt;
  if (expr.getKind() == AffineExprKind::Mul)
    return add(IndexForm(), *lhs, rhs->constant);
  auto quotient = divide(*lhs, rhs->constant);
  if (!quotient)
    return std::nullopt;
  if (expr.getKind() == AffineExprKind::FloorDiv)
    return quotient->first;
  if (expr.getKind() == AffineExprKind::Mod)
    return quotient->second;
  return std::nullopt;
}

std::optional<SmallVector<IndexForm>>
IndexSpace::apply(AffineMap map, ArrayRef<IndexForm> dims) {
  SmallVector<IndexForm> results;
  for (AffineExpr expr : map.getResults()) {
    std::optional<IndexForm> result = apply(expr, dims);
    if (!result)
      return std::nullopt;
    results.push_back(*result);
  }
  return results;
}

std::optional<std::pair<int64_t, int64_t>>
IndexSpace::getRange(const IndexForm &form) const {
  IndexForm resolved = resolve(form);
  std::pair<int64_t, int64_t> range(resolved.constant, resolved.constant);
  for (auto [variable, factor] : resolved.terms) {
    int64_t size = variables[variable].size;
    if (ShapedType::isDynamic(size) || ShapedType::isDynamic(factor))
      return std::nullopt;
    (factor < 0 ? range.first : range.second) += factor * (size - 1);
  }
  return range;
}

SmallVector<SymbolicSize> IndexSpace::getSizes(const IndexForm &form) const {
  if (form.constant == 0 && form.terms.size() == 1 && form.terms[0].second == 1)
    return llvm::to_vector(variables[form.terms[0].first].known);
  auto digits = getDigits(form, ShapedType::kDynamic);
  if (!digits)
    return {};
  SmallVector<SymbolicSize> products{SymbolicSize(1)};
  for (unsigned digit : *digits) {
    SmallVector<SymbolicSize> longer;
    for (const SymbolicSize &product : products)
      for (SymbolicSize size : variables[digit].known)
        longer.push_back(size *= product);
    products = longer;
  }
  return products;
}

bool IndexSpace::areEqual(const IndexForm &x, const IndexForm &y) const {
  IndexForm forms[] = {resolve(x), resolve(y)};
  if (forms[0].constant != forms[1].constant)
    return false;
  auto getFactor = [](const IndexForm &form, unsigned variable) -> int64_t {
    for (auto [other, factor] : form.terms)
      if (other == variable)
        return factor;
    return 0;
  };
  // Compared, not subtracted: a factor may stand for a size that is dynamic.
  return llvm::all_of(forms, [&](const IndexForm &form) {
    return llvm::all_of(form.terms, [&](const auto &term) {
      // A variable of size 1 is always 0.
      return variables[term.first].size == 1 ||
             getFactor(forms[0], term.first) == getFactor(forms[1], term.first);
    });
  });
}

bool IndexSpace::dependsOn(const IndexForm &form,
                           const IndexForm &other) const {
  IndexForm x = resolve(form), y = resolve(other);
  return llvm::any_of(x.terms, [&](const auto &term) {
    return llvm::any_of(y.terms, [&](const auto &otherTerm) {
      return term.first == otherTerm.first;
    });
  });
}

std::optional<SmallVector<unsigned>>
IndexSpace::getDigits(const IndexForm &form, int64_t size) const {
  IndexForm resolved = resolve(form);
  if (resolved.constant != 0)
    return std::nullopt;
  SmallVector<unsigned> digits;
  int64_t factor = 1;
  for (auto [variable, expected] : llvm::reverse(resolved.terms)) {
    if (expected != factor)
      return std::nullopt;
    digits.insert(digits.begin(), variable);
    int64_t extent = variables[variable].size;
    if (ShapedType::isDynamic(extent))
      factor = ShapedType::kDynamic;
    else
      factor *= extent;
  }
  if (factor != size && !ShapedType::isDynamic(factor) &&
      !ShapedType::isDynamic(size))
    return std::nullopt;
  return digits;
}
