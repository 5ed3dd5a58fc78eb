//===- Signature.cpp - The types of a function that is to be called -------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Execution/Signature.h"

#include "mlir/IR/BuiltinTypes.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace mlir::attn;
using attnrt::ElementType;

static std::optional<ElementType> getElementType(Type type) {
  if (type.isF64())
    return ElementType::f64();
  if (type.isF32())
    return ElementType::f32();
  if (type.isF16())
    return ElementType::f16();
  if (type.isBF16())
    return ElementType::bf16();
  if (type.isIndex())
    return ElementType::signedInt(64);
  auto integer = dyn_cast<IntegerType>(type);
  if (!integer)
    return std::nullopt;
  switch (unsigned width = integer.getWidth()) {
  case 1:
    return ElementType::i1();
  case 8:
  case 16:
  case 32:
  case 64:
    return integer.isUnsigned() ? ElementType::unsignedInt(width)
                                : ElementType::signedInt(width);
  default:
    return std::nullopt;
  }
}

/// Whether a buffer lies in memory as a tensor does.
static bool isContiguous(Type type) {
  auto buffer = dyn_cast<MemRefType>(type);
  return buffer && buffer.getLayout().isIdentity() && !buffer.getMemorySpace();
}

static std::optional<ValueType> getValueType(Type type) {
  auto tensor = dyn_cast<ShapedType>(type);
  if (tensor && !isa<RankedTensorType>(type) && !isContiguous(type))
    return std::nullopt;
  std::optional<ElementType> element =
      getElementType(tensor ? tensor.getElementType() : type);
  if (!element)
    return std::nullopt;
  ValueType result{*element, {}, !tensor};
  if (tensor)
    llvm::append_range(result.shape, tensor.getShape());
  return result;
}

std::string ValueType::str() const {
  return attnrt::formatShape(shape, element);
}

llvm::Expected<Signature> Signature::get(func::FuncOp function) {
  Signature signature;
  signature.name = function.getName().str();
  auto convert = [&](TypeRange types, SmallVectorImpl<ValueType> &values,
                     StringRef kind) -> llvm::Error {
    for (auto [i, type] : llvm::enumerate(types)) {
      std::optional<ValueType> value = getValueType(type);
      if (!value)
        return llvm::createStringError(llvm::formatv(
            "{0} {1} of function '{2}' is of type {3}, expected a ranked "
            "tensor, contiguous memref or scalar of f64, f32, f16, bf16, index "
            "or an integer of "
            "1, 8, 16, 32 or 64 bits",
            kind, i, signature.name, type));
      values.push_back(*value);
    }
    return llvm::Error::success();
  };
  if (llvm::Error error =
          convert(function.getArgumentTypes(), signature.arguments, "argument"))
    return std::move(error);
  if (llvm::Error error =
          convert(function.getResultTypes(), signature.results, "result"))
    return std::move(error);
  return signature;
}

static bool isCompatible(ArrayRef<int64_t> expected, ArrayRef<int64_t> found) {
  return expected.size() == found.size() &&
         llvm::all_of(llvm::zip(expected, found), [](auto pair) {
           return std::get<0>(pair) == std::get<1>(pair) ||
                  ShapedType::isDynamic(std::get<0>(pair));
         });
}

llvm::Error Signature::checkInputCount(size_t count) const {
  if (count == arguments.size())
    return llvm::Error::success();
  return llvm::createStringError(
      llvm::formatv("function '{0}' takes {1} inputs, found {2}", name,
                    arguments.size(), count));
}

llvm::Error Signature::bind(MutableArrayRef<attnrt::Tensor> inputs) const {
  if (llvm::Error error = checkInputCount(inputs.size()))
    return error;
  for (auto [i, argument] : llvm::enumerate(arguments)) {
    attnrt::Tensor &input = inputs[i];
    if (!isCompatible(argument.shape, input.getShape()) ||
        !input.getType().isBitCompatible(argument.element))
      return llvm::createStringError(llvm::formatv(
          "input {0} of function '{1}' is {2}, expected {3}", i, name,
          attnrt::formatShape(input.getShape(), input.getType()),
          argument.str()));
    input.reinterpret(argument.element);
  }
  return llvm::Error::success();
}
