//===- Compare.cpp - Results against expected values ----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "moa/Runtime/Compare.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"
#include <algorithm>
#include <cmath>
#include <limits>

using namespace llvm;

namespace moa {

Tolerance getDefaultTolerance(ElementType type) {
  switch (type) {
  case ElementType::F64:
    // Gates, logits and log-sum-exps of an f64 layer are f32.
    return {1e-6, 1e-6};
  case ElementType::F32:
    return {1e-4, 1e-4};
  case ElementType::F16:
    return {4e-3, 4e-3};
  case ElementType::BF16:
    return {2e-2, 2e-2};
  default:
    return {0, 0};
  }
}

/// Count one pair of numbers, at `index`, into `result`.
static void countPair(Comparison &result, int64_t index, double got,
                      double want) {
  if (got == want || (std::isnan(got) && std::isnan(want)))
    return;
  double error = std::fabs(got - want);
  // Where one is not finite the difference is no number that could be compared.
  if (!std::isfinite(error))
    error = std::numeric_limits<double>::infinity();
  const Tolerance &tolerance = result.tolerance;
  if (!std::isfinite(want) || !std::isfinite(got) ||
      !(error <= tolerance.absolute + tolerance.relative * std::fabs(want)))
    ++result.mismatches;
  if (error > result.absoluteError) {
    result.absoluteError = error;
    result.absoluteAt = index;
  }
  if (want == 0) {
    result.omitsZeros = true;
    return;
  }
  double relative = std::isfinite(want) ? error / std::fabs(want) : error;
  if (relative > result.relativeError) {
    result.relativeError = relative;
    result.relativeAt = index;
  }
}

/// Count one pair of integers, which are equal or not.
static void countPair(Comparison &result, int64_t index, int64_t got,
                      int64_t want) {
  if (got == want)
    return;
  ++result.mismatches;
  // Not a difference of doubles, in which large neighbours are equal.
  uint64_t difference = got > want ? uint64_t(got) - uint64_t(want)
                                   : uint64_t(want) - uint64_t(got);
  double error = difference;
  if (error > result.absoluteError) {
    result.absoluteError = error;
    result.absoluteAt = index;
  }
  if (want == 0)
    result.omitsZeros = true;
  else if (error / std::fabs(double(want)) > result.relativeError) {
    result.relativeError = error / std::fabs(double(want));
    result.relativeAt = index;
  }
}

Comparison compare(const Tensor &got, const Tensor &want,
                   std::optional<double> absolute,
                   std::optional<double> relative) {
  Comparison result;
  bool floats = isFloat(got.getType());
  if (got.getShape() != want.getShape() || floats != isFloat(want.getType())) {
    result.comparable = false;
    return result;
  }
  int64_t count = got.getNumElements();
  if (!floats) {
    for (int64_t i = 0; i != count; ++i)
      countPair(result, i, got.getInteger(i), want.getInteger(i));
    return result;
  }
  Tolerance a = getDefaultTolerance(got.getType());
  Tolerance b = getDefaultTolerance(want.getType());
  result.tolerance = {absolute.value_or(std::max(a.absolute, b.absolute)),
                      relative.value_or(std::max(a.relative, b.relative))};
  for (int64_t i = 0; i != count; ++i)
    countPair(result, i, got.getFloat(i), want.getFloat(i));
  return result;
}

/// One line for the largest error of one kind, with what it leaves out.
static void printError(raw_ostream &os, StringRef kind, double error,
                       int64_t index, const Tensor &got, const Tensor &want,
                       StringRef omitted) {
  os << "  largest " << kind << " error " << format("%.3g", error);
  if (error != 0)
    os << " at " << got.formatPosition(index) << ": got " << got.format(index)
       << ", expected " << want.format(index);
  os << omitted << '\n';
}

void printComparison(raw_ostream &os, StringRef name,
                     const Comparison &comparison, const Tensor &got,
                     const Tensor &want) {
  os << name << ": " << (comparison.isMatch() ? "OK" : "MISMATCH");
  if (!comparison.comparable) {
    os << ": got " << got.formatType() << ", expected " << want.formatType()
       << '\n';
    return;
  }
  os << ": " << comparison.mismatches << " of " << got.getNumElements()
     << " elements of " << got.formatType() << " differ";
  if (isFloat(got.getType()))
    os << " (atol " << format("%g", comparison.tolerance.absolute) << ", rtol "
       << format("%g", comparison.tolerance.relative) << ")";
  os << '\n';
  printError(os, "absolute", comparison.absoluteError, comparison.absoluteAt,
             got, want, "");
  printError(os, "relative", comparison.relativeError, comparison.relativeAt,
             got, want,
             comparison.omitsZeros ? " (of elements expected to be other than "
                                     "0)"
                                   : "");
}

} // namespace moa
