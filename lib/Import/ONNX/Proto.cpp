//===- Proto.cpp - ONNX's messages ----------------------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Proto.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

using namespace mlir;
using namespace mlir::attn::onnx_import;
using onnx::TensorProto;

Type mlir::attn::onnx_import::getElementType(MLIRContext *context,
                                             int32_t dataType) {
  Builder b(context);
  switch (dataType) {
  case TensorProto::FLOAT:
    return b.getF32Type();
  case TensorProto::FLOAT16:
    return b.getF16Type();
  case TensorProto::BFLOAT16:
    return b.getBF16Type();
  case TensorProto::DOUBLE:
    return b.getF64Type();
  case TensorProto::BOOL:
    return b.getI1Type();
  case TensorProto::INT8:
    return b.getI8Type();
  case TensorProto::INT16:
    return b.getI16Type();
  case TensorProto::INT32:
    return b.getI32Type();
  case TensorProto::INT64:
    return b.getI64Type();
  default:
    return {};
  }
}

std::string mlir::attn::onnx_import::getTypeName(int32_t dataType) {
  if (TensorProto::DataType_IsValid(dataType))
    return StringRef(TensorProto::DataType_Name(
                         static_cast<TensorProto::DataType>(dataType)))
        .lower();
  return ("of number " + Twine(dataType)).str();
}

bool mlir::attn::onnx_import::isShape(ArrayRef<int64_t> shape) {
  // More than the addresses of any machine.
  constexpr int64_t maxElements = int64_t(1) << 48;
  int64_t count = 1;
  for (int64_t size : shape)
    if (size < 0 ||
        llvm::MulOverflow(count, std::max<int64_t>(size, 1), count) ||
        count > maxElements)
      return false;
  return true;
}

/// The bytes of a tensor that is kept in a file beside the model.
static llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
readExternal(const TensorProto &tensor, StringRef folder, size_t size) {
  std::string location;
  uint64_t offset = 0, length = size;
  for (const auto &entry : tensor.external_data()) {
    StringRef key = entry.key(), value = entry.value();
    if (key == "location")
      location = value;
    else if ((key == "offset" && value.getAsInteger(10, offset)) ||
             (key == "length" && value.getAsInteger(10, length)))
      return llvm::createStringError(
          llvm::formatv("its {0} in an external file is '{1}', expected a "
                        "number",
                        key, value));
  }
  // A model may not read files outside its folder.
  if (location.empty() || llvm::sys::path::is_absolute(location) ||
      llvm::is_contained(llvm::make_range(llvm::sys::path::begin(location),
                                          llvm::sys::path::end(location)),
                         ".."))
    return llvm::createStringError(llvm::formatv(
        "its external file is '{0}', expected a path in the model's folder",
        location));
  if (length != size)
    return llvm::createStringError(llvm::formatv(
        "it has {0} bytes in '{1}', expected {2}", length, location, size));
  SmallString<128> path(folder);
  llvm::sys::path::append(path, location);
  // A slice beyond the end would be padded with zeros.
  uint64_t fileSize;
  std::error_code error = llvm::sys::fs::file_size(path, fileSize);
  if (!error && (offset > fileSize || size > fileSize - offset))
    return llvm::createStringError(
        llvm::formatv("cannot read {0} bytes at {1} of '{2}', which has {3}",
                      size, offset, path.str(), fileSize));
  auto buffer = llvm::MemoryBuffer::getFileSlice(path, size, offset);
  if (error || !buffer)
    return llvm::createStringError(
        llvm::formatv("cannot read '{0}': {1}", path.str(),
                      (error ? error : buffer.getError()).message()));
  return std::move(*buffer);
}

/// The elements of a field of numbers, as raw bytes of T.
template <typename T, typename Field>
static llvm::Expected<std::vector<char>> pack(const Field &field,
                                              int64_t count) {
  if (field.size() != count)
    return llvm::createStringError(llvm::formatv(
        "it has {0} elements, expected {1}", field.size(), count));
  std::vector<char> bytes(count * sizeof(T));
  for (int64_t i = 0; i < count; ++i) {
    T value = static_cast<T>(field.Get(static_cast<int>(i)));
    memcpy(bytes.data() + i * sizeof(T), &value, sizeof(T));
  }
  return bytes;
}

static llvm::Expected<std::vector<char>> packField(const TensorProto &tensor,
                                                   int64_t count) {
  switch (tensor.data_type()) {
  case TensorProto::FLOAT:
    return pack<float>(tensor.float_data(), count);
  case TensorProto::DOUBLE:
    return pack<double>(tensor.double_data(), count);
  case TensorProto::INT64:
    return pack<int64_t>(tensor.int64_data(), count);
  case TensorProto::INT32:
    return pack<int32_t>(tensor.int32_data(), count);
  case TensorProto::FLOAT16:
  case TensorProto::BFLOAT16:
  case TensorProto::INT16:
    return pack<int16_t>(tensor.int32_data(), count);
  default:
    return pack<int8_t>(tensor.int32_data(), count);
  }
}

/// Above this a value lives in a resource, which is not compared with every
/// other constant.
static constexpr size_t kMinResourceBytes = 1 << 16;

DenseElementsAttr mlir::attn::onnx_import::makeElements(RankedTensorType type,
                                                        ArrayRef<char> bytes) {
  if (!type.getElementType().isInteger(1))
    return DenseElementsAttr::getFromRawBuffer(type, bytes);
  SmallVector<bool> values;
  for (char byte : bytes)
    values.push_back(byte != 0);
  return DenseElementsAttr::get(type, values);
}

static ElementsAttr makeAttribute(RankedTensorType type, ArrayRef<char> bytes) {
  if (bytes.size() < kMinResourceBytes ||
      !isa<FloatType>(type.getElementType()))
    return makeElements(type, bytes);
  return DenseResourceElementsAttr::get(
      type, "onnx", HeapAsmResourceBlob::allocateAndCopyWithAlign(bytes, 64));
}

llvm::Expected<ElementsAttr> mlir::attn::onnx_import::readTensor(
    MLIRContext *context, const TensorProto &tensor, StringRef folder) {
  auto fail = [&](const Twine &message) {
    return llvm::createStringError("tensor '" + tensor.name() +
                                   "': " + message);
  };
  Type element = getElementType(context, tensor.data_type());
  if (!element)
    return fail("elements of type " + getTypeName(tensor.data_type()) +
                " are not supported");
  SmallVector<int64_t> shape(tensor.dims().begin(), tensor.dims().end());
  if (!isShape(shape))
    return fail("its shape is no shape of a tensor");
  auto type = RankedTensorType::get(shape, element);
  int64_t count = type.getNumElements();
  size_t width = llvm::divideCeil(element.getIntOrFloatBitWidth(), 8);
  size_t size = static_cast<size_t>(count) * width;
  if (tensor.data_location() == TensorProto::EXTERNAL) {
    auto buffer = readExternal(tensor, folder, size);
    if (!buffer)
      return fail(llvm::toString(buffer.takeError()));
    return makeAttribute(type, ArrayRef((*buffer)->getBufferStart(), size));
  }
  if (tensor.has_raw_data()) {
    const std::string &bytes = tensor.raw_data();
    if (bytes.size() != size)
      return fail("it has " + Twine(bytes.size()) + " bytes, expected " +
                  Twine(size));
    return makeAttribute(type, ArrayRef(bytes.data(), bytes.size()));
  }
  auto bytes = packField(tensor, count);
  if (!bytes)
    return fail(llvm::toString(bytes.takeError()));
  return makeAttribute(type, *bytes);
}
