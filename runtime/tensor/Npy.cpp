//===- Npy.cpp - Tensors in NumPy's .npy files ----------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tensor/Npy.h"

#include "support/OutputFile.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/MemoryBuffer.h"
#include <cstring>

using namespace attnrt;

static constexpr llvm::StringLiteral kMagic = "\x93NUMPY";

static llvm::Error makeError(llvm::StringRef path, const llvm::Twine &message) {
  return llvm::createStringError(path + ": " + message);
}

namespace {

/// What the header, a Python dictionary, says.
struct NpyHeader {
  std::string descr;
  bool isFortranOrder = false;
  llvm::SmallVector<int64_t> shape;
};

/// Parses the subset of Python literals that NumPy writes.
class HeaderParser {
public:
  explicit HeaderParser(llvm::StringRef text) : rest(text) {}

  /// False where the text is not such a dictionary.
  bool parse(NpyHeader &header);

private:
  bool consume(llvm::StringRef token) {
    rest = rest.ltrim();
    return rest.consume_front(token);
  }
  bool parseString(std::string &value);
  bool parseBool(bool &value);
  bool parseShape(llvm::SmallVectorImpl<int64_t> &shape);

  llvm::StringRef rest;
};

} // namespace

bool HeaderParser::parseString(std::string &value) {
  rest = rest.ltrim();
  if (rest.empty() || (rest[0] != '\'' && rest[0] != '"'))
    return false;
  size_t end = rest.find(rest[0], 1);
  if (end == llvm::StringRef::npos)
    return false;
  value = rest.slice(1, end).str();
  rest = rest.drop_front(end + 1);
  return true;
}

bool HeaderParser::parseBool(bool &value) {
  if (consume("True"))
    value = true;
  else if (consume("False"))
    value = false;
  else
    return false;
  return true;
}

bool HeaderParser::parseShape(llvm::SmallVectorImpl<int64_t> &shape) {
  if (!consume("("))
    return false;
  while (!consume(")")) {
    rest = rest.ltrim();
    int64_t size;
    if (rest.consumeInteger(10, size) || size < 0)
      return false;
    rest.consume_front("L"); // Python 2 wrote long integers.
    shape.push_back(size);
    if (!consume(",")) {
      if (!consume(")"))
        return false;
      break;
    }
  }
  return true;
}

bool HeaderParser::parse(NpyHeader &header) {
  bool hasDescr = false, hasOrder = false, hasShape = false;
  if (!consume("{"))
    return false;
  while (!consume("}")) {
    std::string key;
    if (!parseString(key) || !consume(":"))
      return false;
    bool &seen = key == "descr"           ? hasDescr
                 : key == "fortran_order" ? hasOrder
                                          : hasShape;
    if (seen)
      return false;
    seen = true;
    bool ok = key == "descr"           ? parseString(header.descr)
              : key == "fortran_order" ? parseBool(header.isFortranOrder)
              : key == "shape"         ? parseShape(header.shape)
                                       : false;
    if (!ok)
      return false;
    if (!consume(",") && !rest.ltrim().starts_with("}"))
      return false;
  }
  return hasDescr && hasOrder && hasShape;
}

/// The type that a descr such as `<f4` names.
static std::optional<ElementType> parseDescr(llvm::StringRef descr) {
  if (descr.size() < 3)
    return std::nullopt;
  char kind = descr[1];
  unsigned bytes;
  if (descr.drop_front(2).getAsInteger(10, bytes))
    return std::nullopt;
  bool isOrderKnown =
      descr[0] == '<' || descr[0] == '|' || (bytes == 1 && descr[0] == '=');
  if (!isOrderKnown || (bytes != 1 && bytes != 2 && bytes != 4 && bytes != 8))
    return std::nullopt;
  switch (kind) {
  case 'f':
    return bytes > 1 ? std::optional(ElementType(kDLFloat, 8 * bytes))
                     : std::nullopt;
  case 'i':
    return ElementType::signedInt(8 * bytes);
  case 'u':
    return ElementType::unsignedInt(8 * bytes);
  case 'b':
    return bytes == 1 ? std::optional(ElementType::i1()) : std::nullopt;
  case 'V':
    return ElementType::opaque(8 * bytes);
  default:
    return std::nullopt;
  }
}

static std::string makeDescr(ElementType type) {
  std::string size = std::to_string(type.getByteSize());
  if (type.isBool())
    return "|b1";
  if (type.isBF16() || type.isOpaque())
    return "|V" + size;
  const char *kind = type.isFloat() ? "f" : type.isUnsigned() ? "u" : "i";
  return (type.getByteSize() == 1 ? "|" : "<") + (kind + size);
}

/// Copies elements whose first index varies fastest to row-major order.
static void copyFortranOrder(const char *source, Tensor &tensor) {
  size_t bytes = tensor.getType().getByteSize();
  llvm::ArrayRef<int64_t> shape = tensor.getShape();
  llvm::SmallVector<int64_t> strides, index(shape.size(), 0);
  int64_t stride = 1;
  for (int64_t size : shape) {
    strides.push_back(stride);
    stride *= size;
  }
  char *target = tensor.dataAs<char>();
  for (int64_t i = 0, count = tensor.getNumElements(); i != count; ++i) {
    int64_t position = 0;
    for (size_t d = 0; d < shape.size(); ++d)
      position += index[d] * strides[d];
    std::memcpy(target + size_t(i) * bytes, source + size_t(position) * bytes,
                bytes);
    for (size_t d = shape.size(); d-- > 0;) {
      if (++index[d] < shape[d])
        break;
      index[d] = 0;
    }
  }
}

llvm::Expected<Tensor> attnrt::readNpy(llvm::StringRef path) {
  auto file = llvm::MemoryBuffer::getFile(path, /*IsText=*/false,
                                          /*RequiresNullTerminator=*/false);
  if (!file)
    return makeError(path,
                     "cannot read the file: " + file.getError().message());
  llvm::StringRef bytes = (*file)->getBuffer();
  if (!bytes.consume_front(kMagic))
    return makeError(path, "not a .npy file: it does not begin with NumPy's "
                           "magic string");
  if (bytes.size() < 4)
    return makeError(path, "truncated in the header");
  unsigned major = static_cast<uint8_t>(bytes[0]);
  unsigned minor = static_cast<uint8_t>(bytes[1]);
  if (major < 1 || major > 3)
    return makeError(path, "is in .npy format " + llvm::Twine(major) + "." +
                               llvm::Twine(minor) + ", expected 1.0 to 3.0");
  bytes = bytes.drop_front(2);
  size_t lengthSize = major == 1 ? 2 : 4;
  if (bytes.size() < lengthSize)
    return makeError(path, "truncated in the header");
  size_t length = major == 1 ? llvm::support::endian::read16le(bytes.data())
                             : llvm::support::endian::read32le(bytes.data());
  bytes = bytes.drop_front(lengthSize);
  if (bytes.size() < length)
    return makeError(path, "truncated in the header");

  NpyHeader header;
  if (!HeaderParser(bytes.take_front(length)).parse(header))
    return makeError(path, "malformed header, expected a dictionary of descr "
                           "(a simple type), fortran_order and shape");
  bytes = bytes.drop_front(length);
  std::optional<ElementType> type = parseDescr(header.descr);
  if (!type)
    return makeError(path, "elements of type '" + header.descr +
                               "', expected little-endian integers, floats of "
                               "2, 4 or 8 bytes, or bool");
  llvm::Expected<Tensor> tensor = Tensor::create(*type, header.shape);
  if (!tensor)
    return makeError(path, llvm::toString(tensor.takeError()));
  size_t size = tensor->getByteSize();
  if (bytes.size() != size)
    return makeError(path, "holds " + llvm::Twine(bytes.size()) +
                               " bytes of elements, expected " +
                               llvm::Twine(size) + " for " +
                               formatShape(header.shape, *type));
  if (size == 0)
    return tensor;
  if (header.isFortranOrder)
    copyFortranOrder(bytes.data(), *tensor);
  else
    std::memcpy(tensor->data(), bytes.data(), size);
  return tensor;
}

llvm::Error attnrt::writeNpy(llvm::StringRef path, const Tensor &tensor) {
  std::string header = "{'descr': '" + makeDescr(tensor.getType()) +
                       "', 'fortran_order': False, 'shape': (" +
                       llvm::join(llvm::map_range(tensor.getShape(),
                                                  [](int64_t size) {
                                                    return std::to_string(size);
                                                  }),
                                  ", ") +
                       (tensor.getShape().size() == 1 ? ",), }" : "), }");
  // NumPy aligns the elements to 64 bytes.
  size_t prefix = kMagic.size() + 4;
  header.append(63 - (prefix + header.size()) % 64, ' ');
  header += '\n';
  return writeFile(path, [&](llvm::raw_ostream &os) {
    os << kMagic << '\x01' << '\0';
    os << char(header.size() & 255) << char(header.size() >> 8);
    os << header;
    os.write(tensor.dataAs<char>(), tensor.getByteSize());
  });
}
