//===- ScheduleCpu.h - Loops that suit a CPU --------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_TRANSFORMS_SCHEDULECPU_H
#define MOA_TRANSFORMS_SCHEDULECPU_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/PatternMatch.h"

namespace moa {

/// The choices of `scheduleForCpu`.
struct CpuSchedule {
  /// Rows and columns that one iteration of a parallel loop computes.
  int64_t rows = 32, columns = 256;
  /// Iterations from which an op gets a parallel loop.
  int64_t parallelFrom = 8192;

  /// What is wrong with the choices, in words; empty if nothing is.
  std::string getError() const;
};

/// Give the linalg ops on tensors of `function` loops that suit a CPU: what
/// `moa-schedule-cpu` does. Failure with an error where an op cannot be tiled.
mlir::LogicalResult scheduleForCpu(mlir::RewriterBase &rewriter,
                                   mlir::func::FuncOp function,
                                   const CpuSchedule &schedule);

} // namespace moa

#endif // MOA_TRANSFORMS_SCHEDULECPU_H
