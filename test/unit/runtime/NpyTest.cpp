//===- NpyTest.cpp - Tensors in NumPy's .npy files ------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tensor/Npy.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "gtest/gtest.h"

using namespace attnrt;
using llvm::StringRef;

namespace {

class Npy : public testing::Test {
protected:
  void SetUp() override {
    ASSERT_FALSE(llvm::sys::fs::createUniqueDirectory("npy", directory));
    path = (directory + "/x.npy").str();
  }
  void TearDown() override { llvm::sys::fs::remove_directories(directory); }

  void write(StringRef bytes) {
    std::error_code code;
    llvm::raw_fd_ostream(path, code) << bytes;
    ASSERT_FALSE(code);
  }
  /// A file of format 1.0.
  void writeFile(StringRef header, StringRef elements) {
    std::string bytes("\x93NUMPY\x01\x00", 8);
    bytes += char(header.size());
    bytes += '\0';
    write(bytes + header.str() + elements.str());
  }
  std::string readError() {
    llvm::Expected<Tensor> tensor = readNpy(path);
    if (tensor)
      return "";
    std::string message = llvm::toString(tensor.takeError());
    EXPECT_TRUE(StringRef(message).starts_with(path + ": ")) << message;
    return StringRef(message).drop_front(path.size() + 2).str();
  }

  llvm::SmallString<128> directory;
  std::string path;
};

} // namespace

TEST_F(Npy, RoundTripsEveryType) {
  for (ElementType type :
       {ElementType::f64(), ElementType::f32(), ElementType::f16(),
        ElementType::signedInt(64), ElementType::signedInt(32),
        ElementType::signedInt(16), ElementType::signedInt(8),
        ElementType::unsignedInt(64), ElementType::unsignedInt(32),
        ElementType::unsignedInt(16), ElementType::unsignedInt(8),
        ElementType::i1()}) {
    llvm::Expected<Tensor> tensor = Tensor::create(type, {2, 3, 5});
    ASSERT_TRUE(bool(tensor));
    fillRandom(*tensor, 7);
    ASSERT_FALSE(bool(writeNpy(path, *tensor)));
    llvm::Expected<Tensor> read = readNpy(path);
    ASSERT_TRUE(bool(read));
    EXPECT_EQ(read->getType(), type) << type.str();
    EXPECT_EQ(read->getShape(), tensor->getShape());
    EXPECT_EQ(std::memcmp(read->data(), tensor->data(), read->getByteSize()),
              0);
  }
}

TEST_F(Npy, CarriesBF16AsVoids) {
  llvm::Expected<Tensor> tensor = Tensor::create(ElementType::bf16(), {4});
  ASSERT_TRUE(bool(tensor));
  fillRandom(*tensor, 1);
  ASSERT_FALSE(bool(writeNpy(path, *tensor)));
  llvm::Expected<Tensor> read = readNpy(path);
  ASSERT_TRUE(bool(read));
  EXPECT_EQ(read->getType(), ElementType::opaque(16));
  ASSERT_TRUE(read->getType().isBitCompatible(ElementType::bf16()));
  read->reinterpret(ElementType::bf16());
  EXPECT_EQ(read->get(3), tensor->get(3));
}

TEST_F(Npy, WritesWhatNumPyWrites) {
  llvm::Expected<Tensor> tensor = Tensor::zeros(ElementType::f32(), {2});
  ASSERT_TRUE(bool(tensor));
  ASSERT_FALSE(bool(writeNpy(path, *tensor)));
  auto file = llvm::MemoryBuffer::getFile(path);
  ASSERT_TRUE(file);
  std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': "
                       "(2,), }";
  header.resize(117, ' ');
  EXPECT_EQ((*file)->getBuffer().str(),
            std::string("\x93NUMPY\x01\x00\x76\x00", 10) + header + "\n" +
                std::string(8, '\0'));
}

TEST_F(Npy, ReadsScalarsAndEmptyTensors) {
  writeFile("{'descr': '<i2', 'fortran_order': False, 'shape': ()}",
            StringRef("\x05\x00", 2));
  llvm::Expected<Tensor> scalar = readNpy(path);
  ASSERT_TRUE(bool(scalar));
  EXPECT_EQ(scalar->getShape().size(), 0u);
  EXPECT_EQ(scalar->get(0), 5);
  writeFile("{\"descr\": \"<f8\", 'shape': (0, 3L), 'fortran_order': True}",
            "");
  llvm::Expected<Tensor> empty = readNpy(path);
  ASSERT_TRUE(bool(empty));
  EXPECT_EQ(empty->getNumElements(), 0);
}

TEST_F(Npy, ReadsFortranOrder) {
  writeFile("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3), }",
            StringRef("\0\1\2\3\4\5", 6));
  llvm::Expected<Tensor> tensor = readNpy(path);
  ASSERT_TRUE(bool(tensor));
  const double expected[] = {0, 2, 4, 1, 3, 5};
  for (int i = 0; i < 6; ++i)
    EXPECT_EQ(tensor->get(i), expected[i]);
}

TEST_F(Npy, ReadsLongHeaders) {
  std::string header = "{'descr': '|b1', 'fortran_order': False, 'shape': (1,)";
  header.resize(70000, ' ');
  header += "}\n";
  std::string bytes("\x93NUMPY\x02\x00", 8);
  for (int i = 0; i < 4; ++i)
    bytes += char(header.size() >> (8 * i) & 255);
  write(bytes + header + "\1");
  llvm::Expected<Tensor> tensor = readNpy(path);
  ASSERT_TRUE(bool(tensor));
  EXPECT_EQ(tensor->getType(), ElementType::i1());
  EXPECT_EQ(tensor->get(0), 1);
}

TEST_F(Npy, RejectsWhatIsNotNpy) {
  EXPECT_EQ(readError(), "cannot read the file: No such file or directory");
  write("");
  EXPECT_EQ(readError(), "not a .npy file: it does not begin with NumPy's "
                         "magic string");
  write("PK\3\4 an .npz file");
  EXPECT_EQ(readError(), "not a .npy file: it does not begin with NumPy's "
                         "magic string");
  write(StringRef("\x93NUMPY\x07\x01\0\0", 10));
  EXPECT_EQ(readError(), "is in .npy format 7.1, expected 1.0 to 3.0");
}

TEST_F(Npy, RejectsTruncatedFiles) {
  std::string whole("\x93NUMPY\x01\x00\x36\x00", 10);
  whole += "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}";
  whole.resize(10 + 0x36, ' ');
  for (size_t size : {6, 7, 8, 9, 10, 30, 63}) {
    write(StringRef(whole).take_front(size));
    EXPECT_EQ(readError(), "truncated in the header") << size;
  }
  writeFile("{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}",
            "1234567");
  EXPECT_EQ(readError(), "holds 7 bytes of elements, expected 8 for 2xf32");
  writeFile("{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}",
            "123456789");
  EXPECT_EQ(readError(), "holds 9 bytes of elements, expected 8 for 2xf32");
}

TEST_F(Npy, RejectsTypesWithoutCounterpart) {
  for (StringRef descr :
       {">f4", "<c8", "<U4", "|O", "<f16", "|V3", "", "<m8"}) {
    writeFile(
        ("{'descr': '" + descr + "', 'fortran_order': False, 'shape': (1,)}")
            .str(),
        "12345678");
    EXPECT_EQ(readError(), ("elements of type '" + descr +
                            "', expected little-endian integers, floats of 2, "
                            "4 or 8 bytes, or bool")
                               .str());
  }
}

TEST_F(Npy, RejectsMalformedHeaders) {
  for (StringRef header :
       {"", "{}", "{'descr': '<f4', 'fortran_order': False}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2 3)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)",
        "{'descr': '<f4', 'fortran_order': Maybe, 'shape': (2,)}",
        "{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (2,)}",
        "{'descr': '<f4, 'fortran_order': False, 'shape': (2,)}",
        "{'shape': (1,), 'descr': '<f4', 'fortran_order': False, 'shape': "
        "(2,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': "
        "(99999999999999999999,)}",
        "{'descr': '<f4', 'fortran_order': False, 'size': (2,)}"}) {
    writeFile(header, "12345678");
    EXPECT_EQ(readError(), "malformed header, expected a dictionary of descr "
                           "(a simple type), fortran_order and shape")
        << header.str();
  }
}

TEST_F(Npy, RejectsSizesThatOverflow) {
  writeFile("{'descr': '<f4', 'fortran_order': False, 'shape': "
            "(4611686018427387904, 8)}",
            "");
  EXPECT_EQ(readError(), "a tensor of 4611686018427387904x8xf32 has no size in "
                         "memory");
  // Fits a size_t, not a machine.
  writeFile("{'descr': '<f4', 'fortran_order': False, 'shape': "
            "(1152921504606846976,)}",
            "");
  EXPECT_EQ(readError(),
            "out of memory: cannot allocate 4611686018427387904 bytes for "
            "1152921504606846976xf32");
}

TEST_F(Npy, LeavesNoHalfWrittenFile) {
  llvm::Expected<Tensor> tensor = Tensor::zeros(ElementType::f32(), {2});
  ASSERT_TRUE(bool(tensor));
  llvm::Error error = writeNpy((directory + "/no/x.npy").str(), *tensor);
  ASSERT_TRUE(bool(error));
  EXPECT_NE(llvm::toString(std::move(error))
                .find("/no/x.npy: cannot write the file: "),
            std::string::npos);
  error = writeNpy(directory, *tensor);
  ASSERT_TRUE(bool(error));
  EXPECT_NE(llvm::toString(std::move(error)).find("is not a regular file"),
            std::string::npos);
  ASSERT_FALSE(bool(writeNpy(path, *tensor)));
  std::error_code code;
  int files = 0;
  for (llvm::sys::fs::directory_iterator it(directory, code), end; it != end;
       it.increment(code))
    ++files;
  EXPECT_EQ(files, 1) << "the temporary is gone";
}
