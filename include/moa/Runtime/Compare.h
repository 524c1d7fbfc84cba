//===- Compare.h - Results against expected values --------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_RUNTIME_COMPARE_H
#define MOA_RUNTIME_COMPARE_H

#include "moa/Runtime/Tensor.h"

namespace moa {

/// `got` agrees with `want` where |got - want| <= absolute + relative * |want|.
struct Tolerance {
  double absolute;
  double relative;
};

/// The tolerance for values of `type`: 1e-6 (f64), 1e-4 (f32), 4e-3 (f16),
/// 2e-2 (bf16), both absolute and relative; none for integers.
Tolerance getDefaultTolerance(ElementType type);

/// What a comparison found.
struct Comparison {
  bool comparable = true;
  Tolerance tolerance = {0, 0};
  int64_t mismatches = 0;
  /// The largest errors and their positions: infinite where one of two values
  /// that differ is not finite. Nothing is relative to an expected 0.
  double absoluteError = 0;
  double relativeError = 0;
  int64_t absoluteAt = 0;
  int64_t relativeAt = 0;
  /// Whether elements expected to be 0 differ, which have no relative error.
  bool omitsZeros = false;

  bool isMatch() const { return comparable && mismatches == 0; }
};

/// Compare `got` with `want`, floats with floats of any width and integers with
/// integers; `absolute` and `relative` override the default tolerance, which is
/// the wider one of the two types. NaN agrees with NaN, an infinity with the
/// same infinity. Integers must be equal whatever the tolerance.
Comparison compare(const Tensor &got, const Tensor &want,
                   std::optional<double> absolute,
                   std::optional<double> relative);

/// Print `comparison` of the result `name`.
void printComparison(llvm::raw_ostream &os, llvm::StringRef name,
                     const Comparison &comparison, const Tensor &got,
                     const Tensor &want);

} // namespace moa

#endif // MOA_RUNTIME_COMPARE_H
