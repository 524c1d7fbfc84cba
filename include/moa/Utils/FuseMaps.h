//===- FuseMaps.h - Chains of element-wise ops as one -----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_UTILS_FUSEMAPS_H
#define MOA_UTILS_FUSEMAPS_H

#include "mlir/IR/PatternMatch.h"

namespace moa {

/// Fuse each linalg.generic of `root` that computes element by element into its
/// one user, if that is a linalg.generic. Upstream's pass does that and also
/// moves reshapes, by which products become loops that have no kernel of
/// products.
void fuseMaps(mlir::RewriterBase &rewriter, mlir::Operation *root);

} // namespace moa

#endif // MOA_UTILS_FUSEMAPS_H
