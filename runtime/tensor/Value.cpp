//===- Value.cpp - Tensors as command-line arguments ----------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tensor/Value.h"

#include "tensor/Npy.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"
#include <cmath>
#include <cstring>

using namespace attnrt;

static llvm::Error makeError(llvm::StringRef text, const llvm::Twine &message) {
  return llvm::createStringError("value '" + text + "': " + message);
}

/// Splits `2x3xf32` into sizes and type.
static llvm::Error parseType(llvm::StringRef text, llvm::StringRef whole,
                             llvm::SmallVectorImpl<int64_t> &shape,
                             std::optional<ElementType> &type) {
  llvm::StringRef rest = text;
  while (!rest.empty() && llvm::isDigit(rest[0])) {
    int64_t size;
    if (rest.consumeInteger(10, size) || !rest.consume_front("x"))
      return makeError(whole,
                       "'" + text + "' is not a type such as 2x3xf32 or i32");
    shape.push_back(size);
  }
  type = ElementType::parse(rest);
  if (!type)
    return makeError(whole,
                     "unknown element type '" + rest +
                         "', expected f64, f32, f16, bf16, i64, i32, i16, i8, "
                         "u64, u32, u16, u8, i1 or index");
  return llvm::Error::success();
}

/// Stores one number, which must be of the element type and fit it.
static bool parseElement(llvm::StringRef text, Tensor &tensor,
                         int64_t position) {
  ElementType type = tensor.getType();
  if (type.isFloat()) {
    double value;
    if (text.getAsDouble(value, /*AllowInexact=*/true))
      return false;
    tensor.set(position, value);
    // A number that the type rounds to infinity is none of its values.
    return !std::isinf(tensor.get(position)) ||
           text.contains_insensitive("inf");
  }
  uint64_t bits;
  if (type.isBool()) {
    if (text == "true")
      bits = 1;
    else if (text == "false")
      bits = 0;
    else if (text.getAsInteger(0, bits) || bits > 1)
      return false;
  } else if (type.isUnsigned()) {
    if (text.getAsInteger(0, bits) ||
        !llvm::isUIntN(8 * type.getByteSize(), bits))
      return false;
  } else {
    int64_t value;
    if (text.getAsInteger(0, value) ||
        !llvm::isIntN(8 * type.getByteSize(), value))
      return false;
    bits = static_cast<uint64_t>(value);
  }
  std::memcpy(tensor.dataAs<char>() + size_t(position) * type.getByteSize(),
              &bits, type.getByteSize());
  return true;
}

static llvm::Error parseElements(llvm::StringRef text, llvm::StringRef whole,
                                 Tensor &tensor) {
  llvm::SmallVector<llvm::StringRef> words;
  llvm::StringRef rest = text;
  while (true) {
    rest = rest.ltrim("[], \t\n");
    if (rest.empty())
      break;
    words.push_back(rest.substr(0, rest.find_first_of("[], \t\n")));
    rest = rest.drop_front(words.back().size());
  }
  int64_t count = tensor.getNumElements();
  bool isSplat = words.size() == 1;
  if (!isSplat && static_cast<int64_t>(words.size()) != count)
    return makeError(whole, "has " + llvm::Twine(words.size()) +
                                " elements, expected 1 or " +
                                llvm::Twine(count));
  for (int64_t i = 0, parsed = isSplat ? std::min<int64_t>(count, 1) : count;
       i != parsed; ++i)
    if (!parseElement(words[i], tensor, i))
      return makeError(whole, "'" + words[i] + "' is not a value of " +
                                  tensor.getType().str());
  if (isSplat)
    tensor.repeatFirstElement();
  return llvm::Error::success();
}

static llvm::Error readRaw(llvm::StringRef path, Tensor &tensor) {
  auto file = llvm::MemoryBuffer::getFile(path, /*IsText=*/false,
                                          /*RequiresNullTerminator=*/false);
  if (!file)
    return llvm::createStringError(
        path + ": cannot read the file: " + file.getError().message());
  if ((*file)->getBufferSize() != tensor.getByteSize())
    return llvm::createStringError(
        path + ": holds " + llvm::Twine((*file)->getBufferSize()) +
        " bytes, expected " + llvm::Twine(tensor.getByteSize()) + " for " +
        formatShape(tensor.getShape(), tensor.getType()));
  if (tensor.getByteSize() != 0)
    std::memcpy(tensor.data(), (*file)->getBufferStart(), tensor.getByteSize());
  return llvm::Error::success();
}

llvm::Expected<Tensor> attnrt::parseValue(llvm::StringRef text) {
  if (text.starts_with("@"))
    return readNpy(text.drop_front());
  auto [typeText, content] = text.split('=');
  llvm::SmallVector<int64_t> shape;
  std::optional<ElementType> type;
  if (llvm::Error error = parseType(typeText, text, shape, type))
    return error;
  if (content.empty() && text.contains('='))
    return makeError(text, "nothing follows the '='");
  llvm::Expected<Tensor> tensor = Tensor::zeros(*type, shape);
  if (!tensor)
    return tensor.takeError();
  llvm::Error error = llvm::Error::success();
  llvm::StringRef argument = content;
  if (argument.empty() || argument == "zeros") {
    // Done.
  } else if (argument.consume_front("@")) {
    error = llvm::joinErrors(std::move(error), readRaw(argument, *tensor));
  } else if (argument.consume_front("random:")) {
    uint64_t seed;
    if (argument.getAsInteger(0, seed))
      error = llvm::joinErrors(
          std::move(error), makeError(text, "'" + argument +
                                                "' is not a seed, expected an "
                                                "unsigned integer"));
    else
      fillRandom(*tensor, seed);
  } else {
    error = llvm::joinErrors(std::move(error),
                             parseElements(content, text, *tensor));
  }
  if (error)
    return std::move(error);
  return tensor;
}

static void formatElement(llvm::raw_ostream &os, const Tensor &tensor,
                          int64_t position) {
  ElementType type = tensor.getType();
  if (type.isFloat()) {
    double value = tensor.get(position);
    // A NaN's sign says nothing.
    os << llvm::format("%g", std::isnan(value) ? std::fabs(value) : value);
    return;
  }
  uint64_t bits = 0;
  std::memcpy(&bits,
              tensor.dataAs<char>() + size_t(position) * type.getByteSize(),
              type.getByteSize());
  if (type.isSigned())
    os << llvm::SignExtend64(bits, 8 * type.getByteSize());
  else
    os << bits;
}

/// Prints dimensions `dim` and up, `position` onwards; false when the limit is
/// reached.
static bool formatDims(llvm::raw_ostream &os, const Tensor &tensor, size_t dim,
                       int64_t &position, int64_t limit) {
  if (dim == tensor.getShape().size()) {
    if (position == limit) {
      os << "...";
      return false;
    }
    formatElement(os, tensor, position++);
    return true;
  }
  bool isInnermost = dim + 1 == tensor.getShape().size();
  for (int64_t i = 0; i < tensor.getShape()[dim]; ++i) {
    if (isInnermost && i != 0)
      os << ' ';
    if (!isInnermost)
      os << '[';
    bool goesOn = formatDims(os, tensor, dim + 1, position, limit);
    if (!isInnermost)
      os << ']';
    if (!goesOn)
      return false;
  }
  return true;
}

std::string attnrt::formatValue(const Tensor &tensor, int64_t maxElements) {
  std::string result;
  llvm::raw_string_ostream os(result);
  os << formatShape(tensor.getShape(), tensor.getType()) << '=';
  int64_t position = 0;
  formatDims(os, tensor, 0, position, maxElements);
  return result;
}
