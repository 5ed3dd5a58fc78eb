//===- Tensor.h - Dense tensors in host memory -----------------*- C++ -*--===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_RUNTIME_TENSOR_TENSOR_H
#define ATTN_RUNTIME_TENSOR_TENSOR_H

#include "tensor/ElementType.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/Error.h"
#include <memory>

namespace attnrt {

/// A dense row-major tensor that owns its memory. Moves are cheap, copies are
/// explicit.
class Tensor {
public:
  /// Uninitialised elements; an error where the size overflows or there is no
  /// memory.
  static llvm::Expected<Tensor> create(ElementType type,
                                       llvm::ArrayRef<int64_t> shape);
  /// All elements zero.
  static llvm::Expected<Tensor> zeros(ElementType type,
                                      llvm::ArrayRef<int64_t> shape);
  /// Takes over `allocation` (of allocate()), in which the elements begin at
  /// `data`.
  static Tensor adopt(ElementType type, llvm::ArrayRef<int64_t> shape,
                      void *allocation, void *data);

  ElementType getType() const { return type; }
  llvm::ArrayRef<int64_t> getShape() const { return shape; }
  int64_t getNumElements() const;
  size_t getByteSize() const {
    return size_t(getNumElements()) * type.getByteSize();
  }
  void *data() { return elements; }
  const void *data() const { return elements; }
  template <typename T> T *dataAs() { return static_cast<T *>(elements); }
  template <typename T> const T *dataAs() const {
    return static_cast<const T *>(elements);
  }

  /// The element at a row-major position as a double (i64 and u64 round to
  /// it), and its assignment, rounding to the nearest even.
  double get(int64_t position) const;
  void set(int64_t position, double value);

  /// Copies the first element to all others.
  void repeatFirstElement();

  /// The same bits as elements of a type that isBitCompatible() with this one.
  void reinterpret(ElementType newType);

  /// Gives up the memory, which stays allocated.
  void release() { (void)allocation.release(); }

  llvm::Expected<Tensor> clone() const;
  /// Converts the elements.
  llvm::Expected<Tensor> convert(ElementType newType) const;

  /// A view of this tensor for other frameworks; valid while this lives.
  DLTensor getDLTensor();

private:
  struct Deleter {
    void operator()(void *pointer) const;
  };

  Tensor(ElementType type, llvm::ArrayRef<int64_t> shape, void *allocation,
         void *data)
      : type(type), shape(shape), allocation(allocation), elements(data) {}

  ElementType type;
  llvm::SmallVector<int64_t, 4> shape;
  std::unique_ptr<void, Deleter> allocation;
  void *elements;
};

/// `2x3xf32`, `f32` for rank 0; a negative size prints as `?`.
std::string formatShape(llvm::ArrayRef<int64_t> shape, ElementType type);

/// Fills `tensor` from a counter-based generator: element n depends on (seed,
/// n) alone. With h = mix(seed + (n + 1) · 0x9E3779B97F4A7C15), the n-th output
/// of SplitMix64 (Steele et al., 2014) seeded with `seed`:
///  - floats: ((h >> 40) - 2^23) / 2^23, uniform in [-1, 1) and exact in f32,
///    rounded to nearest even where the type is narrower. f64 gets the same
///    values.
///  - i1: h >> 63; other integers: the upper bits of h.
void fillRandom(Tensor &tensor, uint64_t seed);

} // namespace attnrt

#endif // ATTN_RUNTIME_TENSOR_TENSOR_H
