//===- Sizes.h - What the dimensions of operands stand for ------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An op lists its dimensions by symbol ("D is dimension 2 of x and dimension 1
// of query"). The verifier compares what is static, the lowering emits run-time
// checks for the rest; both take their words from here.
//
//===----------------------------------------------------------------------===//

#ifndef MOA_IR_SIZES_H
#define MOA_IR_SIZES_H

#include "mlir/IR/Value.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/Twine.h"
#include <limits>
#include <string>

namespace mlir {
class Operation;
class OpBuilder;
} // namespace mlir

namespace moa {

/// One dimension of an operand, equal to `symbol * factor + plus`; or, with a
/// null `value`, a number that the op's attributes fix the symbol to.
struct Size {
  llvm::StringRef symbol;
  mlir::Value value;
  llvm::StringRef name;
  unsigned dim = 0;
  int64_t factor = 1;
  int64_t plus = 0;
  int64_t constant = 0;

  /// The static size, or ShapedType::kDynamic.
  int64_t getStatic() const;
  /// "'query' dimension 1 (47)", with "?" for a dynamic size.
  std::string describe() const;
};

/// A number that an attribute gives and that a dimension must not be below.
struct Bound {
  llvm::StringRef name;
  int64_t number;
  Size size;
};

/// A dimension that is the product or the sum of two others.
struct Combination {
  Size size, lhs, rhs;
  bool isProduct;
  llvm::StringRef what;
};

/// What no size is above.
inline constexpr int64_t kNoLimit = std::numeric_limits<int64_t>::max();

/// A dimension whose size must not be below `least` or above `most`, with the
/// words of the error.
struct Limit {
  Size size;
  int64_t least, most;
  std::string error;
};

/// The dimensions of one op, in the order in which they are compared.
class SizeList {
public:
  /// Dimension `dim` of `value` is `symbol * factor + plus`. A null value,
  /// which is an absent optional operand, is left out.
  void add(llvm::StringRef symbol, mlir::Value value, llvm::StringRef name,
           unsigned dim, int64_t factor = 1, int64_t plus = 0);
  /// The attribute `name` fixes `symbol`.
  void fix(llvm::StringRef symbol, llvm::StringRef name, int64_t size);

  /// Dimension `dim` of `value` is `symbol`, or 1 and serves all of them.
  void share(llvm::StringRef symbol, mlir::Value value, llvm::StringRef name,
             unsigned dim);

  /// `boundName`, which is `number`, must not exceed dimension `dim` of
  /// `value`.
  void bound(llvm::StringRef boundName, int64_t number, mlir::Value value,
             llvm::StringRef name, unsigned dim);

  /// Dimension `dim` of `value`, where there is one, is `lhs * rhs` or, if not
  /// `isProduct`, `lhs + rhs`, which counts `what`.
  void combine(mlir::Value value, llvm::StringRef name, unsigned dim,
               llvm::StringRef what, Size lhs, Size rhs, bool isProduct);

  /// Dimension `dim` of `value` is from `least` to `most`, or else `error`.
  void limit(mlir::Value value, unsigned dim, int64_t least, int64_t most,
             const llvm::Twine &error);

  llvm::ArrayRef<Size> getSizes() const { return sizes; }
  llvm::ArrayRef<Size> getShared() const { return shared; }
  llvm::ArrayRef<Bound> getBounds() const { return bounds; }
  llvm::ArrayRef<Combination> getCombinations() const { return combinations; }
  llvm::ArrayRef<Limit> getLimits() const { return limits; }
  /// The static size of `symbol` where an operand or attribute tells it,
  /// otherwise ShapedType::kDynamic.
  int64_t lookup(llvm::StringRef symbol) const;

private:
  llvm::SmallVector<Size> sizes, shared;
  llvm::SmallVector<Bound> bounds;
  llvm::SmallVector<Combination> combinations;
  llvm::SmallVector<Limit> limits;
};

/// `size`, or "?" where it is open.
std::string describeSize(int64_t size);

/// Dimension `dim` of `value` as a number, or "?".
std::string describeDim(mlir::Value value, unsigned dim);

/// Verify the operands and attributes of `op`, then compare the static sizes
/// that it lists; a mismatch is an error that names both dimensions and both
/// numbers.
llvm::LogicalResult verifySizedOp(mlir::Operation *op);

/// Emit a `cf.assert` at the insertion point for all that `op` lists and that
/// the static types leave open.
void emitSizeChecks(mlir::OpBuilder &builder, mlir::Operation *op);

/// Cast operands of `op` at the insertion point, so that their types have every
/// size that another operand or an attribute tells. This is for what replaces
/// `op`: the types of its results stay as they are. Checks of the sizes come
/// before, as the casts rely on them.
void refineOperands(mlir::OpBuilder &builder, mlir::Operation *op);

} // namespace moa

#endif // MOA_IR_SIZES_H
