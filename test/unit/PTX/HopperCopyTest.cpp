//===- HopperCopyTest.cpp - mbarriers, bulk copies, tensor maps, clusters -===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Harness.h"
#include "Reference.h"

#include "ptx/TensorMap.h"

#include <numeric>

using namespace attn::ptx;
using namespace attn::ptx::reference;
using namespace attn::ptx::test;

namespace {

std::string kernels() { return compiledKernel("hopper_copy", "sm_90a"); }

std::vector<int> counting(int n, int first = 0) {
  std::vector<int> v(n);
  std::iota(v.begin(), v.end(), first);
  return v;
}

TEST(Mbarrier, Phases) {
  Runner runner(kernels());
  constexpr int rounds = 5;
  std::vector<int> in = counting(rounds * 128), expected(rounds * 128);
  for (int i = 0; i < rounds * 128; ++i)
    expected[i] = in[i / 128 * 128 + 127 - i % 128];
  auto input = runner.upload(in);
  for (int seed = 0; seed < 4; ++seed) {
    if (seed)
      runner.options.seed = seed;
    auto out = runner.zeros<int>(in.size());
    runner.launch("barrierPhases", {.grid = 1, .block = 128}, input, out,
                  rounds);
    EXPECT_EQ(runner.read(out), expected) << "seed " << seed;
  }
}

TEST(Mbarrier, PendingCounts) {
  Runner runner(kernels());
  auto out = runner.zeros<uint32_t>(4);
  runner.launch("barrierCounts", {.grid = 1, .block = 32}, out);
  EXPECT_EQ(runner.read(out), (std::vector<uint32_t>{40, 33, 30, 37}));
}

TEST(Mbarrier, CopyArrives) {
  Runner runner(kernels());
  std::vector<int> in = counting(256, 7), expected(256);
  for (int i = 0; i < 256; ++i)
    expected[i] = in[i ^ 37];
  auto out = runner.zeros<int>(256);
  runner.launch("copyArrives", {.grid = 1, .block = 64}, runner.upload(in),
                out);
  EXPECT_EQ(runner.read(out), expected);
}

TEST(BulkCopy, InAndOut) {
  Runner runner(kernels());
  constexpr int rounds = 6;
  std::vector<int> in = counting(2 * rounds * 256), expected(in.size());
  for (size_t i = 0; i < in.size(); ++i)
    expected[i] = 3 * in[i / 256 * 256 + 255 - i % 256];
  auto input = runner.upload(in);
  for (int seed = 0; seed < 3; ++seed) {
    if (seed)
      runner.options.seed = seed;
    auto out = runner.zeros<int>(in.size());
    Totals totals =
        runner.launch("bulkCopy", {.grid = 2, .block = 96}, input, out, rounds);
    EXPECT_EQ(runner.read(out), expected);
    EXPECT_EQ(totals.of("cp.async.bulk.shared").bytesRead, in.size() * 4);
    EXPECT_EQ(totals.of("cp.async.bulk.shared").bytesWritten, in.size() * 4);
    EXPECT_EQ(totals.of("cp.async.bulk.global").bytesRead, in.size() * 4);
    EXPECT_EQ(totals.of("cp.async.bulk.global").bytesWritten, in.size() * 4);
  }
}

TEST(BulkCopy, Reduce) {
  Runner runner(kernels());
  auto out = runner.upload(counting(64, 100));
  runner.launch("bulkReduce", {.grid = 5, .block = 64}, out);
  std::vector<int> got = runner.read(out);
  for (int t = 0; t < 64; ++t)
    EXPECT_EQ(got[t], 100 + t + 5 * t + 10);
}

//===----------------------------------------------------------------------===//
// Tensor maps
//===----------------------------------------------------------------------===//

struct TileCase {
  const char *name;
  TensorType type;
  unsigned elementBytes;
  std::vector<uint64_t> dims;
  std::vector<uint32_t> box;
  std::vector<int> at;
  TensorSwizzle swizzle = TensorSwizzle::None;
  std::vector<uint32_t> steps = {}; // element strides
};

void PrintTo(const TileCase &c, std::ostream *os) { *os << c.name; }

/// A tensor whose rows are padded, filled with bytes that tell where they are.
struct Tensor {
  std::vector<uint8_t> bytes;
  std::vector<uint64_t> strides; // of each dimension, in bytes
};

Tensor makeTensor(const TileCase &c) {
  Tensor t;
  uint64_t stride = c.elementBytes;
  for (size_t d = 0; d < c.dims.size(); ++d) {
    t.strides.push_back(stride);
    stride = (stride * c.dims[d] + 15) / 16 * 16 + (d == 0 ? 16 : 0);
  }
  t.bytes.resize(stride);
  for (size_t i = 0; i < t.bytes.size(); ++i)
    t.bytes[i] = uint8_t(i * 131 + i / 251 + 1);
  return t;
}

TensorMap makeMap(const TileCase &c, const Tensor &t, uint64_t address) {
  TensorMap map;
  map.type = c.type;
  map.rank = c.dims.size();
  map.address = address;
  map.swizzle = c.swizzle;
  for (size_t d = 0; d < c.dims.size(); ++d) {
    map.dims[d] = c.dims[d];
    map.box[d] = c.box[d];
    if (d)
      map.strides[d - 1] = t.strides[d];
    if (!c.steps.empty())
      map.elementStrides[d] = c.steps[d];
  }
  return map;
}

/// Calls f(offset in shared memory, offset in the tensor or -1) for each byte
/// of the box.
template <typename F> void forBox(const TileCase &c, const Tensor &t, F f) {
  std::vector<uint32_t> counts;
  uint32_t total = 1;
  for (size_t d = 0; d < c.box.size(); ++d) {
    uint32_t step = c.steps.empty() ? 1 : c.steps[d];
    counts.push_back((c.box[d] + step - 1) / step);
    total *= counts.back();
  }
  // The width of a swizzle in 16-byte chunks: how many lines its pattern has.
  uint32_t lines =
      c.swizzle == TensorSwizzle::None ? 1 : 1u << unsigned(c.swizzle);
  uint32_t pitch = c.swizzle == TensorSwizzle::None ? counts[0] * c.elementBytes
                                                    : lines * 16;
  for (uint32_t e = 0; e < total; ++e) {
    uint32_t rest = e;
    int64_t source = 0;
    bool inside = true;
    for (size_t d = 0; d < counts.size(); ++d) {
      uint32_t step = c.steps.empty() ? 1 : c.steps[d];
      int64_t x = int64_t(c.at[d]) + rest % counts[d] * step;
      rest /= counts[d];
      inside = inside && x >= 0 && x < int64_t(c.dims[d]);
      source += x * int64_t(t.strides[d]);
    }
    for (uint32_t b = 0; b < c.elementBytes; ++b) {
      uint32_t place =
          e / counts[0] * pitch + e % counts[0] * c.elementBytes + b;
      uint32_t chunk = place / 16, line = place / 128;
      place = (chunk ^ (line % lines)) * 16 + place % 16;
      f(place, inside ? source + b : -1);
    }
  }
}

class TensorTile : public testing::TestWithParam<TileCase> {};

TEST_P(TensorTile, Load) {
  const TileCase &c = GetParam();
  Runner runner(kernels());
  Tensor t = makeTensor(c);
  auto tensor = runner.upload(t.bytes, "tensor");
  llvm::Expected<EncodedTensorMap> map =
      encodeTensorMap(makeMap(c, t, tensor.address));
  ASSERT_TRUE(bool(map)) << llvm::toString(map.takeError());
  uint32_t size = 0, expectedBytes = 0;
  forBox(c, t, [&](uint32_t place, int64_t) {
    size = std::max(size, (place + 128) / 128 * 128);
    ++expectedBytes;
  });
  std::vector<uint8_t> expected(size, 0xee);
  forBox(c, t, [&](uint32_t place, int64_t source) {
    expected[place] = source < 0 ? 0 : t.bytes[source];
  });
  auto out = runner.zeros<uint8_t>(size);
  runner.launch("loadTile" + std::to_string(c.dims.size()),
                {.grid = 1, .block = 64, .shared = size}, *map,
                runner.upload(c.at), out, int(size), int(expectedBytes));
  EXPECT_EQ(runner.read(out), expected);
}

TEST_P(TensorTile, Store) {
  const TileCase &c = GetParam();
  if (c.dims.size() != 2)
    return;
  Runner runner(kernels());
  Tensor t = makeTensor(c);
  auto tensor = runner.upload(t.bytes, "tensor");
  llvm::Expected<EncodedTensorMap> map =
      encodeTensorMap(makeMap(c, t, tensor.address));
  ASSERT_TRUE(bool(map)) << llvm::toString(map.takeError());
  uint32_t size = 0;
  forBox(c, t, [&](uint32_t place, int64_t) {
    size = std::max(size, (place + 128) / 128 * 128);
  });
  std::vector<uint8_t> tile(size);
  for (uint32_t i = 0; i < size; ++i)
    tile[i] = uint8_t(i * 37 + 5);
  std::vector<uint8_t> expected = t.bytes;
  forBox(c, t, [&](uint32_t place, int64_t target) {
    if (target >= 0)
      expected[target] = tile[place];
  });
  runner.launch("storeTile", {.grid = 1, .block = 64, .shared = size}, *map,
                runner.upload(tile), int(size), c.at[0], c.at[1], 0);
  EXPECT_EQ(runner.read(tensor), expected);
}

INSTANTIATE_TEST_SUITE_P(
    PTX, TensorTile,
    testing::Values(
        TileCase{"line", TensorType::F32, 4, {100}, {64}, {20}},
        TileCase{"lineOverTheEnd", TensorType::F32, 4, {100}, {64}, {60}},
        TileCase{"plane", TensorType::F16, 2, {70, 40}, {32, 16}, {8, 5}},
        TileCase{
            "planeBefore", TensorType::F16, 2, {70, 40}, {32, 16}, {-7, -3}},
        TileCase{
            "planeBeyond", TensorType::F16, 2, {70, 40}, {32, 16}, {50, 33}},
        TileCase{
            "planeOutside", TensorType::F16, 2, {70, 40}, {32, 16}, {0, 90}},
        TileCase{"swizzle32",
                 TensorType::F16,
                 2,
                 {70, 40},
                 {16, 24},
                 {3, 1},
                 TensorSwizzle::Bytes32},
        TileCase{"swizzle64",
                 TensorType::F16,
                 2,
                 {70, 40},
                 {32, 24},
                 {3, 1},
                 TensorSwizzle::Bytes64},
        TileCase{"swizzle128",
                 TensorType::F16,
                 2,
                 {70, 40},
                 {64, 24},
                 {16, 20},
                 TensorSwizzle::Bytes128},
        TileCase{"swizzle128Narrow",
                 TensorType::F16,
                 2,
                 {70, 40},
                 {16, 12},
                 {16, 20},
                 TensorSwizzle::Bytes128},
        TileCase{"bytes128",
                 TensorType::U8,
                 1,
                 {300, 20},
                 {128, 8},
                 {100, 3},
                 TensorSwizzle::Bytes128},
        TileCase{"doubles",
                 TensorType::F64,
                 8,
                 {20, 12},
                 {16, 4},
                 {2, 9},
                 TensorSwizzle::Bytes128},
        TileCase{"steps",
                 TensorType::F32,
                 4,
                 {40, 30},
                 {16, 12},
                 {4, 2},
                 TensorSwizzle::None,
                 {1, 3}},
        TileCase{"cube",
                 TensorType::BF16,
                 2,
                 {40, 10, 6},
                 {32, 4, 3},
                 {4, 8, 4},
                 TensorSwizzle::Bytes64},
        TileCase{"four",
                 TensorType::F32,
                 4,
                 {20, 6, 5, 4},
                 {8, 3, 2, 2},
                 {15, 1, -1, 3}},
        TileCase{"five",
                 TensorType::F16,
                 2,
                 {24, 4, 3, 3, 2},
                 {16, 2, 2, 2, 2},
                 {4, 1, 1, 2, 0},
                 TensorSwizzle::Bytes32}),
    [](const auto &info) { return std::string(info.param.name); });

TEST(TensorTile, ReductionAdds) {
  Runner runner(kernels());
  TileCase c{"sum", TensorType::S32, 4, {40, 30}, {16, 8}, {30, 4}};
  std::vector<int> values = counting(44 * 30);
  auto tensor = runner.upload(values, "tensor");
  Tensor t{{}, {4, 176}};
  llvm::Expected<EncodedTensorMap> map =
      encodeTensorMap(makeMap(c, t, tensor.address));
  ASSERT_TRUE(bool(map)) << llvm::toString(map.takeError());
  std::vector<int> tile = counting(128, 1000);
  runner.launch("storeTile", {.grid = 1, .block = 64, .shared = 512}, *map,
                runner.upload(tile), 512, 30, 4, 1);
  for (int y = 0; y < 8; ++y)
    for (int x = 0; x < 10; ++x) // the rest lies outside
      values[(4 + y) * 44 + 30 + x] += tile[y * 16 + x];
  EXPECT_EQ(runner.read(tensor), values);
}

TEST(TensorMap, MadeOnTheDevice) {
  Runner runner(kernels());
  constexpr int width = 24, height = 9;
  std::vector<uint16_t> tensor(width * height), expected(8 * 16);
  std::iota(tensor.begin(), tensor.end(), 100);
  for (int y = 0; y < 8; ++y)
    for (int x = 0; x < 16; ++x)
      if (3 + y < height && 4 + x < width)
        expected[y * 16 + x] = tensor[(3 + y) * width + 4 + x];
  auto out = runner.zeros<uint16_t>(8 * 16);
  runner.launch("deviceMap", {.grid = 1, .block = 32}, runner.upload(tensor),
                runner.zeros<uint8_t>(128, "scratch"), out, width, height);
  EXPECT_EQ(runner.read(out), expected);
}

TEST(TensorMap, EncodesWhatItDecodes) {
  TensorMap map;
  map.type = TensorType::BF16;
  map.rank = 3;
  map.address = 0x1234567890;
  map.dims = {uint64_t(1) << 32, 7, 9};
  map.strides = {uint64_t(1) << 33, uint64_t(1) << 37};
  map.box = {64, 5, 256};
  map.elementStrides = {1, 2, 8, 1, 1};
  map.swizzle = TensorSwizzle::Bytes128;
  map.fillNaN = true;
  llvm::Expected<EncodedTensorMap> encoded = encodeTensorMap(map);
  ASSERT_TRUE(bool(encoded)) << llvm::toString(encoded.takeError());
  llvm::Expected<TensorMap> decoded = decodeTensorMap(encoded->bytes.data());
  ASSERT_TRUE(bool(decoded)) << llvm::toString(decoded.takeError());
  EXPECT_EQ(decoded->type, map.type);
  EXPECT_EQ(decoded->rank, map.rank);
  EXPECT_EQ(decoded->address, map.address);
  EXPECT_EQ(decoded->swizzle, map.swizzle);
  EXPECT_TRUE(decoded->fillNaN);
  for (int d = 0; d < 3; ++d) {
    EXPECT_EQ(decoded->dims[d], map.dims[d]);
    EXPECT_EQ(decoded->box[d], map.box[d]);
    EXPECT_EQ(decoded->elementStrides[d], map.elementStrides[d]);
  }
  EXPECT_EQ(decoded->strides[0], map.strides[0]);
  EXPECT_EQ(decoded->strides[1], map.strides[1]);
  EXPECT_EQ(decoded->boxBytes(), 64u * 3 * 32 * 2);
  uint8_t zeros[128] = {};
  EXPECT_EQ(llvm::toString(decodeTensorMap(zeros).takeError()),
            "the box has size 0 in dimension 0, expected 1 to 256");
}

TEST(TensorMap, Constraints) {
  auto problem = [](auto change) {
    TensorMap map;
    map.type = TensorType::F16;
    map.rank = 2;
    map.address = 0x1000;
    map.dims = {64, 64};
    map.strides = {128};
    map.box = {32, 8};
    change(map);
    llvm::Expected<EncodedTensorMap> encoded = encodeTensorMap(map);
    return encoded ? std::string() : llvm::toString(encoded.takeError());
  };
  EXPECT_EQ(problem([](TensorMap &) {}), "");
  EXPECT_EQ(problem([](TensorMap &m) { m.rank = 6; }),
            "invalid tensor map: rank is 6, expected 1 to 5");
  EXPECT_EQ(problem([](TensorMap &m) { m.address = 0x1008; }),
            "invalid tensor map: the tensor's address 0x1008 is not a multiple "
            "of 16");
  EXPECT_EQ(problem([](TensorMap &m) { m.dims[1] = 0; }),
            "invalid tensor map: dimension 1 has size 0, expected 1 to 2^32");
  EXPECT_EQ(problem([](TensorMap &m) { m.strides[0] = 130; }),
            "invalid tensor map: the stride of dimension 1 is 130 bytes, "
            "expected a multiple of 16 below 2^40");
  EXPECT_EQ(problem([](TensorMap &m) { m.box[1] = 257; }),
            "invalid tensor map: the box has size 257 in dimension 1, expected "
            "1 to 256");
  EXPECT_EQ(problem([](TensorMap &m) { m.elementStrides[1] = 9; }),
            "invalid tensor map: the element stride of dimension 1 is 9, "
            "expected 1 to 8");
  EXPECT_EQ(problem([](TensorMap &m) { m.elementStrides[0] = 2; }),
            "invalid tensor map: the element stride of dimension 0 is 2, "
            "expected 1");
  EXPECT_EQ(problem([](TensorMap &m) { m.box[0] = 12; }),
            "invalid tensor map: a row of the box has 24 bytes, expected a "
            "multiple of 16");
  EXPECT_EQ(problem([](TensorMap &m) { m.swizzle = TensorSwizzle::Bytes32; }),
            "invalid tensor map: a row of the box has 64 bytes, more than the "
            "swizzle's 32");
  EXPECT_EQ(problem([](TensorMap &m) {
              m.type = TensorType::U16;
              m.fillNaN = true;
            }),
            "invalid tensor map: NaN cannot fill a tensor of u16");
}

//===----------------------------------------------------------------------===//
// Clusters
//===----------------------------------------------------------------------===//

TEST(Cluster, Ring) {
  Runner runner(kernels());
  std::vector<int> in = counting(8 * 64);
  auto out = runner.zeros<int>(in.size());
  runner.launch("clusterRing", {.grid = 8, .block = 64}, runner.upload(in),
                out);
  std::vector<int> got = runner.read(out);
  for (int b = 0; b < 8; ++b) {
    int before = b / 4 * 4 + (b + 3) % 4;
    for (int t = 0; t < 64; ++t)
      EXPECT_EQ(got[b * 64 + t], in[before * 64 + t] * 11) << b << ", " << t;
  }
}

TEST(Cluster, RemoteArrivals) {
  Runner runner(kernels());
  std::vector<int> in = counting(4 * 32, 1);
  for (int seed = 0; seed < 3; ++seed) {
    if (seed)
      runner.options.seed = seed;
    auto out = runner.zeros<int>(64);
    runner.launch("clusterArrivals", {.grid = 4, .block = 32},
                  runner.upload(in), out);
    std::vector<int> got = runner.read(out);
    for (int i = 0; i < 64; ++i)
      EXPECT_EQ(got[i], in[i / 32 * 64 + i % 32] * 1000 +
                            in[i / 32 * 64 + 32 + i % 32]);
  }
}

TEST(Cluster, Multicast) {
  Runner runner(kernels());
  TileCase c{"halves", TensorType::S32, 4, {128}, {64}, {0}};
  std::vector<int> values = counting(128, 500);
  auto tensor = runner.upload(values, "tensor");
  llvm::Expected<EncodedTensorMap> map =
      encodeTensorMap(makeMap(c, {{}, {4}}, tensor.address));
  ASSERT_TRUE(bool(map)) << llvm::toString(map.takeError());
  auto out = runner.zeros<int>(256);
  runner.launch("clusterMulticast", {.grid = 2, .block = 64}, *map, out);
  std::vector<int> got = runner.read(out);
  for (int i = 0; i < 256; ++i)
    EXPECT_EQ(got[i], values[i % 128]);
}

TEST(Cluster, AsynchronousStores) {
  Runner runner(kernels());
  std::vector<int> in = counting(4 * 64, 3);
  for (int seed = 0; seed < 3; ++seed) {
    if (seed)
      runner.options.seed = seed;
    auto out = runner.zeros<int>(in.size());
    runner.launch("clusterAsyncStores", {.grid = 4, .block = 32},
                  runner.upload(in), out);
    std::vector<int> got = runner.read(out);
    for (int b = 0; b < 4; ++b) {
      const int *other = in.data() + (b ^ 1) * 64;
      int sum = 1000;
      for (int t = 0; t < 32; ++t)
        sum += other[2 * t];
      for (int t = 0; t < 64; ++t)
        EXPECT_EQ(got[b * 64 + t], other[t] + (t < 32 ? sum : 0));
    }
  }
}

TEST(Cluster, StoreMatrixAndElect) {
  Runner runner(kernels());
  std::vector<uint32_t> in = randomBits(128, 71);
  auto out = runner.zeros<uint32_t>(7 * 32);
  runner.launch("storeMatrix", {.grid = 1, .block = 32}, runner.upload(in),
                out);
  std::vector<uint32_t> got = runner.read(out);
  auto halfOf = [](const uint32_t *words, int index) {
    return uint16_t(words[index / 2] >> (16 * (index % 2)));
  };
  for (int matrix = 0; matrix < 4; ++matrix)
    for (int row = 0; row < 8; ++row)
      for (int column = 0; column < 8; ++column) {
        // Lane 4 * row + column / 2 holds (row, column).
        uint16_t value =
            in[matrix * 32 + row * 4 + column / 2] >> (16 * (column % 2));
        EXPECT_EQ(halfOf(&got[matrix * 32], row * 8 + column), value);
        if (matrix < 2) {
          EXPECT_EQ(halfOf(&got[(4 + matrix) * 32], column * 8 + row), value);
        }
      }
  for (int t = 0; t < 32; ++t)
    EXPECT_EQ(got[6 * 32 + t], t == 0 ? 100u : 0u);
}

} // namespace
