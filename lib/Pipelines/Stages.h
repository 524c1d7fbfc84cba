//===- Stages.h - What pipelines have in common -----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_LIB_PIPELINES_STAGES_H
#define MOA_LIB_PIPELINES_STAGES_H

#include "moa/Pipelines/Pipelines.h"

namespace moa {

void simplify(mlir::OpPassManager &pm);

/// Graphs to kernels over tiles and functions that launch them.
void addTileStage(mlir::OpPassManager &pm, const MoaKernelOptions &options);

/// Kernels to the staged form, with the plan of shared memory.
void addStagedStage(mlir::OpPassManager &pm, const MoaKernelOptions &options);

} // namespace moa

#endif // MOA_LIB_PIPELINES_STAGES_H
