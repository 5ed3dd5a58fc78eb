//===- GemmTest.cpp - Matrix products on the tensor cores -----------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Harness.h"
#include "Reference.h"

#include <functional>

using namespace attn::ptx;
using namespace attn::ptx::reference;
using namespace attn::ptx::test;

namespace {

class Gemm : public KernelTest {};

struct Shape {
  int m, n, k;
};

/// Small integers and halves, so that sums are exact in f32 in any order.
double element(int i) { return double((i * 7919) % 17 - 8) / 2; }

/// The product of row-major a [m, k] and b, [k, n] or [n, k].
std::vector<double> product(const std::vector<double> &a,
                            const std::vector<double> &b, Shape s,
                            bool aColumns, bool bColumns) {
  std::vector<double> c(s.m * s.n);
  for (int i = 0; i < s.m; ++i)
    for (int j = 0; j < s.n; ++j) {
      double sum = 0;
      for (int l = 0; l < s.k; ++l)
        sum += (aColumns ? a[l * s.m + i] : a[i * s.k + l]) *
               (bColumns ? b[j * s.k + l] : b[l * s.n + j]);
      c[i * s.n + j] = sum;
    }
  return c;
}

/// Runs a kernel (a, b, c, m, n, k) on elements made by `toElement` and
/// compares with the exact product. Returns the counters.
template <typename In, typename Out>
Totals checkProduct(const std::string &file, const char *kernel, Shape s,
                    LaunchShape launch, bool aColumns, bool bColumns,
                    const std::function<In(double)> &toElement,
                    const std::function<double(Out)> &fromElement,
                    const std::function<double(int)> &make = element) {
  Runner runner(file);
  std::vector<double> a(s.m * s.k), b(s.n * s.k);
  std::vector<In> aIn, bIn;
  for (int i = 0; i < s.m * s.k; ++i) {
    a[i] = make(i);
    aIn.push_back(toElement(a[i]));
  }
  for (int i = 0; i < s.n * s.k; ++i) {
    b[i] = make(i + 5);
    bIn.push_back(toElement(b[i]));
  }
  auto out = runner.zeros<Out>(s.m * s.n);
  Totals totals = runner.launch(kernel, launch, runner.upload(aIn),
                                runner.upload(bIn), out, s.m, s.n, s.k);
  std::vector<double> expected = product(a, b, s, aColumns, bColumns);
  std::vector<Out> got = runner.read(out);
  int bad = 0;
  for (int i = 0; i < s.m * s.n && bad < 5; ++i)
    if (fromElement(got[i]) != expected[i]) {
      ++bad;
      ADD_FAILURE() << kernel << ": element (" << i / s.n << ", " << i % s.n
                    << ") is " << fromElement(got[i]) << ", expected "
                    << expected[i];
    }
  return totals;
}

template <typename T> double identity(T v) { return v; }

constexpr Shape mmaShape = {128, 64, 160};
constexpr LaunchShape mmaLaunch = {.grid = {1, 2}, .block = 128};

uint64_t flops(Shape s) { return 2ull * s.m * s.n * s.k; }

TEST_P(Gemm, MmaF16) {
  Totals t = checkProduct<uint16_t, float>(
      kernelFile("gemm_mma"), "gemmF16", mmaShape, mmaLaunch, false, false,
      [](double v) { return encode(v, kF16); }, identity<float>);
  EXPECT_EQ(t.of("mma").mmaFlops, flops(mmaShape));
  EXPECT_EQ(t.bankConflicts(), 0u) << "the swizzle keeps ldmatrix and cp.async "
                                      "free of conflicts";
}

TEST_P(Gemm, MmaBF16) {
  Totals t = checkProduct<uint16_t, float>(
      kernelFile("gemm_mma"), "gemmBF16", mmaShape, mmaLaunch, false, false,
      [](double v) { return encode(v, kBF16); }, identity<float>);
  EXPECT_EQ(t.of("mma").mmaFlops, flops(mmaShape));
}

TEST_P(Gemm, MmaTF32) {
  Totals t = checkProduct<float, float>(
      kernelFile("gemm_mma"), "gemmTF32", mmaShape, mmaLaunch, false, true,
      [](double v) { return float(v); }, identity<float>);
  EXPECT_EQ(t.of("mma").mmaFlops, flops(mmaShape));
  EXPECT_EQ(t.bankConflicts(), 0u);
}

TEST_P(Gemm, MmaS8) {
  Shape s = {64, 128, 192};
  Totals t = checkProduct<int8_t, int>(
      kernelFile("gemm_mma"), "gemmS8", s, {.grid = {2, 1}, .block = 128},
      false, true, [](double v) { return int8_t(v); }, identity<int>,
      [](int i) { return double(int8_t(i * 101)); });
  EXPECT_EQ(t.of("mma").mmaFlops, flops(s));
}

struct Wmma {
  const char *kernel;
  int m, n;
  bool aColumns, bColumns;
};

template <typename In, typename Out>
void checkWmma(const std::string &file, Wmma w,
               const std::function<In(double)> &toElement,
               const std::function<double(Out)> &fromElement,
               const std::function<double(int)> &make = element) {
  Shape s = {64, 32, 48};
  checkProduct<In, Out>(file, w.kernel, s,
                        {.grid = {s.n / w.n, s.m / w.m}, .block = 32},
                        w.aColumns, w.bColumns, toElement, fromElement, make);
}

TEST_P(Gemm, WmmaF16) {
  for (Wmma w : {Wmma{"wmmaF16", 16, 16, false, false},
                 Wmma{"wmmaF16Columns", 16, 16, true, true},
                 Wmma{"wmmaF16Wide", 8, 32, false, true},
                 Wmma{"wmmaF16Tall", 32, 8, false, false}})
    checkWmma<uint16_t, float>(
        kernelFile("gemm_wmma"), w, [](double v) { return encode(v, kF16); },
        identity<float>);
}

TEST_P(Gemm, WmmaF16Sum) {
  // Sums of 48 products of magnitude at most 4: exact in half precision.
  checkWmma<uint16_t, uint16_t>(
      kernelFile("gemm_wmma"), {"wmmaF16Sum", 16, 16, false, true},
      [](double v) { return encode(v, kF16); },
      [](uint16_t v) { return decode(v, kF16); },
      [](int i) { return double((i * 7919) % 5 - 2); });
}

TEST_P(Gemm, WmmaOthers) {
  checkWmma<uint16_t, float>(
      kernelFile("gemm_wmma"), {"wmmaBF16", 16, 16, false, false},
      [](double v) { return encode(v, kBF16); }, identity<float>);
  checkWmma<float, float>(
      kernelFile("gemm_wmma"), {"wmmaTF32", 16, 16, false, false},
      [](double v) { return float(v); }, identity<float>);
  checkWmma<int8_t, int>(
      kernelFile("gemm_wmma"), {"wmmaS8", 16, 16, false, true},
      [](double v) { return int8_t(v); }, identity<int>,
      [](int i) { return double(int8_t(i * 101)); });
  checkWmma<uint8_t, int>(
      kernelFile("gemm_wmma"), {"wmmaU8", 16, 16, false, false},
      [](double v) { return uint8_t(v); }, identity<int>,
      [](int i) { return double(uint8_t(i * 101)); });
  checkWmma<double, double>(
      kernelFile("gemm_wmma"), {"wmmaF64", 8, 8, false, true},
      [](double v) { return v; }, identity<double>);
}

ATTN_FOR_EACH_ARCHITECTURE(Gemm);

} // namespace
