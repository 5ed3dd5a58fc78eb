//===- Tensor.cpp - Dense tensors in host memory --------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tensor/Tensor.h"

#include "memory/Allocator.h"
#include "tensor/Float.h"

#include "llvm/ADT/Twine.h"
#include "llvm/Support/MathExtras.h"
#include <cmath>
#include <cstring>
#include <limits>

using namespace attnrt;

/// Calls `function` with a value of the C++ type that stores `type`.
template <typename Function>
static auto dispatchInteger(ElementType type, Function function) {
  bool isUnsigned = !type.isSigned();
  switch (type.getByteSize()) {
  case 1:
    return isUnsigned ? function(uint8_t()) : function(int8_t());
  case 2:
    return isUnsigned ? function(uint16_t()) : function(int16_t());
  case 4:
    return isUnsigned ? function(uint32_t()) : function(int32_t());
  default:
    return isUnsigned ? function(uint64_t()) : function(int64_t());
  }
}

void Tensor::Deleter::operator()(void *pointer) const { deallocate(pointer); }

llvm::Expected<Tensor> Tensor::create(ElementType type,
                                      llvm::ArrayRef<int64_t> shape) {
  size_t bytes = type.getByteSize();
  for (int64_t size : shape)
    if (size < 0 || __builtin_mul_overflow(bytes, size_t(size), &bytes))
      return llvm::createStringError("a tensor of " + formatShape(shape, type) +
                                     " has no size in memory");
  void *allocation = tryAllocate(bytes);
  if (!allocation)
    return llvm::createStringError("out of memory: cannot allocate " +
                                   llvm::Twine(bytes) + " bytes for " +
                                   formatShape(shape, type));
  return Tensor(type, shape, allocation, allocation);
}

llvm::Expected<Tensor> Tensor::zeros(ElementType type,
                                     llvm::ArrayRef<int64_t> shape) {
  llvm::Expected<Tensor> tensor = create(type, shape);
  if (tensor)
    std::memset(tensor->data(), 0, tensor->getByteSize());
  return tensor;
}

Tensor Tensor::adopt(ElementType type, llvm::ArrayRef<int64_t> shape,
                     void *allocation, void *data) {
  return Tensor(type, shape, allocation, data);
}

int64_t Tensor::getNumElements() const {
  int64_t count = 1;
  for (int64_t size : shape)
    count *= size;
  return count;
}

double Tensor::get(int64_t position) const {
  if (type == ElementType::f32())
    return dataAs<float>()[position];
  if (type == ElementType::f64())
    return dataAs<double>()[position];
  if (type == ElementType::f16())
    return fromF16(dataAs<uint16_t>()[position]);
  if (type == ElementType::bf16())
    return fromBF16(dataAs<uint16_t>()[position]);
  return dispatchInteger(type, [&](auto zero) -> double {
    return static_cast<double>(dataAs<decltype(zero)>()[position]);
  });
}

void Tensor::set(int64_t position, double value) {
  if (type == ElementType::f32())
    dataAs<float>()[position] = static_cast<float>(value);
  else if (type == ElementType::f64())
    dataAs<double>()[position] = value;
  else if (type == ElementType::f16())
    dataAs<uint16_t>()[position] = toF16(value);
  else if (type == ElementType::bf16())
    dataAs<uint16_t>()[position] = toBF16(value);
  else if (type.isBool())
    dataAs<uint8_t>()[position] = value != 0;
  else
    dispatchInteger(type, [&](auto zero) {
      using T = decltype(zero);
      // Saturates: the conversion of what does not fit is undefined.
      constexpr double low = static_cast<double>(std::numeric_limits<T>::min());
      constexpr double high =
          static_cast<double>(std::numeric_limits<T>::max());
      T result = std::isnan(value) ? T(0)
                 : value <= low    ? std::numeric_limits<T>::min()
                 : value >= high   ? std::numeric_limits<T>::max()
                                   : static_cast<T>(value);
      dataAs<T>()[position] = result;
    });
}

void Tensor::reinterpret(ElementType newType) {
  assert(type.isBitCompatible(newType) && "not a change of name alone");
  type = newType;
}

llvm::Expected<Tensor> Tensor::clone() const {
  llvm::Expected<Tensor> copy = create(type, shape);
  if (copy && getByteSize() != 0)
    std::memcpy(copy->data(), elements, getByteSize());
  return copy;
}

llvm::Expected<Tensor> Tensor::convert(ElementType newType) const {
  if (type == newType)
    return clone();
  llvm::Expected<Tensor> result = create(newType, shape);
  if (result)
    for (int64_t i = 0, count = getNumElements(); i != count; ++i)
      result->set(i, get(i));
  return result;
}

DLTensor Tensor::getDLTensor() {
  DLTensor view;
  view.data = elements;
  view.device = {kDLCPU, 0};
  view.ndim = static_cast<int>(shape.size());
  view.dtype = type.getDLDataType();
  view.shape = shape.data();
  view.strides = nullptr;
  view.byte_offset = 0;
  return view;
}

std::string attnrt::formatShape(llvm::ArrayRef<int64_t> shape,
                                ElementType type) {
  std::string result;
  for (int64_t size : shape)
    result += (size < 0 ? std::string("?") : std::to_string(size)) + "x";
  return result + type.str();
}

/// The finaliser of SplitMix64.
static uint64_t mix(uint64_t z) {
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
  return z ^ (z >> 31);
}

void Tensor::repeatFirstElement() {
  char *bytes = dataAs<char>();
  size_t total = getByteSize();
  // Doubles what is filled, so that memcpy does the work.
  for (size_t filled = type.getByteSize(); filled < total;) {
    size_t next = std::min(filled, total - filled);
    std::memcpy(bytes + filled, bytes, next);
    filled += next;
  }
}

void attnrt::fillRandom(Tensor &tensor, uint64_t seed) {
  ElementType type = tensor.getType();
  size_t bytes = type.getByteSize();
  for (int64_t i = 0, count = tensor.getNumElements(); i != count; ++i) {
    uint64_t bits = mix(seed + uint64_t(i + 1) * 0x9E3779B97F4A7C15);
    if (type.isFloat()) {
      tensor.set(i, (double(bits >> 40) - 0x1p23) * 0x1p-23);
      continue;
    }
    bits >>= type.isBool() ? 63 : 64 - 8 * bytes;
    // Little-endian, as every host that LLVM's JIT runs this on.
    std::memcpy(tensor.dataAs<char>() + size_t(i) * bytes, &bits, bytes);
  }
}
