//===- Reshapes.h - Looking through reshapes --------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_LIB_TRANSFORMS_FUSE_RESHAPES_H
#define MOA_LIB_TRANSFORMS_FUSE_RESHAPES_H

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/IR/TypeUtilities.h"
#include "moa/IR/Moa.h"

namespace moa {

/// The reshapes between a value and the value that they start from. A reshape
/// keeps the elements in their order.
struct Reshapes {
  explicit Reshapes(mlir::Value value);

  /// Whether the value is all that the source is used for.
  bool isOnlyUse() const;
  /// The same reshapes of `source`, at the insertion point.
  mlir::Value replay(mlir::RewriterBase &rewriter, mlir::Value source) const;
  /// Erase the reshapes and the op before them, as far as they are unused.
  void eraseUnused(mlir::RewriterBase &rewriter) const;

  mlir::Value value, source;
  /// From the source to the value.
  llvm::SmallVector<mlir::Operation *> ops;
};

/// The type of `value`, a ranked tensor.
inline mlir::RankedTensorType getTensorType(mlir::Value value) {
  return mlir::cast<mlir::RankedTensorType>(value.getType());
}

/// The heads of a slot where `heads` [B,T,k*H,d] are a reshape of `slots`
/// [B*T*k,H*d]; failure where sizes leave that open.
mlir::FailureOr<int64_t> getHeadsPerSlot(mlir::Value slots, mlir::Value heads,
                                         int64_t topK);

} // namespace moa

#endif // MOA_LIB_TRANSFORMS_FUSE_RESHAPES_H
