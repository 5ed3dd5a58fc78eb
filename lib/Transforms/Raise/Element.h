//===- Element.h - Elements of tensors as scalar expressions ----*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Frontends put reshapes, transposes, broadcasts and elementwise operations
// between what belongs together, each in many spellings. An element of a tensor
// at symbolic indices, expressed through its producers, has one form for all of
// them: what moves data changes only indices, what computes is a scalar
// expression.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_TRANSFORMS_RAISE_ELEMENT_H
#define ATTN_LIB_TRANSFORMS_RAISE_ELEMENT_H

#include "IndexSpace.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SmallBitVector.h"
#include "llvm/Support/Allocator.h"

namespace mlir::attn {

/// A scalar: an element of a tensor, or an operation on scalars.
struct Element {
  enum class Kind {
    Tensor,   ///< `value` at `indices`.
    Scalar,   ///< `value`, which is no tensor.
    Constant, ///< `constant`.
    Index,    ///< `indices[0]`, of type index.
    Select,   ///< `operands[0] ? operands[1] : operands[2]`.
    Operation ///< `op` on `operands`.
  };
  Kind kind;
  Type type;
  Value value;
  SmallVector<IndexForm, 4> indices;
  /// Of a tensor: whether a dynamic dimension is read at 0 where its size is 1.
  bool broadcasts = false;
  /// Of a tensor that tensor.extract reads: the dimensions that may be longer
  /// than the loops around it, or shorter where a condition guards it.
  llvm::SmallBitVector parts;
  /// Of a tensor: whether the sum that makes it begins with 0 instead.
  bool beginsWithZero = false;
  TypedAttr constant;
  Operation *op = nullptr;
  SmallVector<Element *, 3> operands;
  /// What `expand` found.
  Element *expanded = nullptr;
  bool isExpanded = false;

  bool isTensor() const { return kind == Kind::Tensor; }
  /// Whether all that is read may be a part of the tensor.
  bool isPart() const { return parts.any(); }
  bool isSelect() const { return kind == Kind::Select; }
  template <typename Op> bool is() const {
    return kind == Kind::Operation && isa<Op>(op);
  }
  /// The number of a constant.
  std::optional<double> getNumber() const;
};

/// The tensor operation that an operation on scalars belongs to.
Operation *getTensorOp(Operation *op);

/// The condition low <= key - query <= high.
struct Band {
  IndexForm query, key;
  std::optional<int64_t> low, high;
};

/// One step of a reduction: the element that is combined, by which operation,
/// starting with what.
struct Reduction {
  Operation *combiner;
  Element *body, *init;
};

/// Reads elements through their producers.
class ElementReader {
public:
  IndexSpace space;

  /// How far constants may be from others that they stand for, relatively:
  /// they were rounded to the type of the program.
  double tolerance = 1e-6;

  /// Whether a product of constants is 1, however they were rounded.
  bool isOne(double number) const { return std::abs(number - 1) < tolerance; }

  /// A number of the type.
  Element *getConstant(double number, Type type);

  /// An operation on other operands.
  Element *getOperation(Element *operation, ArrayRef<Element *> operands);

  /// From now on the elements of the operation's result, a sum that begins with
  /// its init, are an addition of the sum that begins with 0 and the init.
  void splitInit(linalg::LinalgOp op) { split.insert(op); }

  Element *getTensor(Value tensor, ArrayRef<IndexForm> indices);

  /// The definition of an element of a tensor, one producer up; null where the
  /// producer is no view and not elementwise.
  Element *expand(Element *element);

  /// Expands until the element is an operation, or has no definition.
  Element *look(Element *element);

  /// An element that a reduction produces, with the reduced indices given. They
  /// run over all that is reduced, unless `isPart`.
  std::optional<Reduction> getReduction(Element *element,
                                        ArrayRef<IndexForm> reduced,
                                        bool isPart = false);

  /// A variable for a loop of an operation.
  IndexForm addLoop(linalg::LinalgOp op, unsigned loop);

  /// The number of elements that a reduction of one index combines.
  std::optional<int64_t> getReductionSize(Element *element);

  /// A variable for the only index that a reduction combines.
  std::optional<IndexForm> addReducedLoop(Element *element);

  /// Whether two elements are the same value.
  bool areEqual(Element *x, Element *y);

  /// Whether the element's value depends on a variable of the form.
  bool dependsOn(Element *element, const IndexForm &form);

  /// The operations that were expanded or reduced on the way, in order.
  const llvm::SetVector<Operation *> &getVisited() const { return visited; }

private:
  Element *create(Element::Kind kind, Type type);
  Element *expandInit(Element *element);
  std::optional<OpResult> findReduction(Element *&element);
  Element *expandLinalg(linalg::LinalgOp op, OpResult result,
                        ArrayRef<IndexForm> indices);
  Element *expandView(Value tensor, ArrayRef<IndexForm> indices);
  /// Binds the loops of an operation to forms, by the map of one result, all of
  /// which has to be written.
  std::optional<SmallVector<IndexForm>> bindLoops(linalg::LinalgOp op,
                                                  OpOperand *init,
                                                  ArrayRef<IndexForm> indices,
                                                  ArrayRef<IndexForm> reduced);
  Element *evaluate(Value value, linalg::LinalgOp op, ArrayRef<IndexForm> loops,
                    llvm::DenseMap<Value, Element *> &known);
  std::optional<IndexForm> asForm(Element *element);
  bool hasKnownLoops(linalg::LinalgOp op, ArrayRef<IndexForm> loops);
  bool mayBePart(Value tensor, unsigned dim, const IndexForm &index);
  Element *evaluateExtract(tensor::ExtractOp extract,
                           ArrayRef<Element *> operands);

  llvm::SpecificBumpPtrAllocator<Element> allocator;
  llvm::SetVector<Operation *> visited;
  llvm::SmallPtrSet<Operation *, 2> split;
};

} // namespace mlir::attn

#endif // ATTN_LIB_TRANSFORMS_RAISE_ELEMENT_H
