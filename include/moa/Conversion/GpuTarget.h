//===- GpuTarget.h - What kernels are compiled for and to -------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_CONVERSION_GPUTARGET_H
#define MOA_CONVERSION_GPUTARGET_H

#include "moa/Support/Chips.h"

namespace moa {

/// The chip named `chip`, where kernels can be compiled for it with LLVM's
/// `features`, or its own where these are empty, to `format`; otherwise an
/// error that says what can be given.
llvm::FailureOr<const Chip *> findGpuTarget(llvm::StringRef chip,
                                            llvm::StringRef features,
                                            llvm::StringRef format,
                                            ReportFailure fail);

} // namespace moa

#endif // MOA_CONVERSION_GPUTARGET_H
