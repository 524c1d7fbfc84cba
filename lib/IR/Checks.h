//===- Checks.h - What the verifiers of several ops check -------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each check reports on the op and names the numbers or types that are at odds.
//
//===----------------------------------------------------------------------===//

#ifndef MOA_LIB_IR_CHECKS_H
#define MOA_LIB_IR_CHECKS_H

#include "moa/IR/Moa.h"
#include <limits>

namespace moa {

/// An operand and the name that the documentation gives it.
struct NamedValue {
  llvm::StringRef name;
  mlir::Value value;
};

/// The size of dimension `dim` of a tensor, kDynamic when it is open.
int64_t getDim(mlir::Value value, unsigned dim);

/// What indices and offsets, which are i32, count.
constexpr int64_t kMostSlots = std::numeric_limits<int32_t>::max();

/// The size of `dim` of `value`, a tensor or a buffer.
mlir::OpFoldResult getSize(mlir::OpBuilder &builder, mlir::Location loc,
                           mlir::Value value, unsigned dim);

/// The sizes of `value`, a tensor or a buffer.
llvm::SmallVector<mlir::OpFoldResult>
getSizes(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value value);

/// `size`, or kDynamic when it is no size: inference may run on ops that no
/// verifier has seen.
int64_t sizeOrDynamic(int64_t size);

/// Whether `operands` is one tensor or buffer of `rank` dimensions, or none
/// where it may be absent: inference may run on ops that no verifier has seen.
bool isShapedOperand(mlir::ValueRange operands, int64_t rank,
                     bool isOptional = false);

/// The error of an inference that lacks an operand or attribute.
llvm::LogicalResult emitIncomplete(std::optional<mlir::Location> loc,
                                   llvm::StringRef op);

/// A product of sizes; kDynamic when a factor is open or the product too large.
int64_t multiplySizes(int64_t a, int64_t b);

/// The size that others of `symbol` are compared with: the first static one, or
/// the first one of all.
const Size *findReference(llvm::ArrayRef<Size> sizes, llvm::StringRef symbol);

/// `symbol`, which a dimension has been added for, is at least `least`, or else
/// `error`.
void limitLeast(SizeList &sizes, llvm::StringRef symbol, int64_t least,
                const llvm::Twine &error);

/// "the width of a head (16)": what `sizes` tell of d.
std::string describeHeadWidth(const SizeList &sizes);

/// Whether the static sizes that `op` lists are those that it needs.
bool sizesMatch(mlir::Operation *op);

/// Whether `op` checks nothing less without `operand`: static sizes of others
/// tell its own.
bool isRedundant(mlir::Operation *op, mlir::Value operand);

/// The attribute `name` must be at least 1.
llvm::LogicalResult checkPositive(mlir::Operation *op, llvm::StringRef name,
                                  int64_t number);

/// 1 <= `topK` <= `experts`; open experts are not compared.
llvm::LogicalResult checkTopK(mlir::Operation *op, int64_t topK,
                              int64_t experts);

/// Dimension `dim` of the operand must be static; `what` says what it counts.
llvm::LogicalResult checkStatic(mlir::Operation *op, NamedValue operand,
                                unsigned dim, llvm::StringRef what);

/// Dimension 1 of the operand, the slots of a token, is static and at least 1.
llvm::LogicalResult checkSlots(mlir::Operation *op, NamedValue operand);

/// The operands that are there have the element type of `reference`.
llvm::LogicalResult checkElementTypes(mlir::Operation *op, NamedValue reference,
                                      llvm::ArrayRef<NamedValue> operands);

/// `operand` has the element type of `reference`, or f32.
llvm::LogicalResult checkElementTypeOrF32(mlir::Operation *op,
                                          NamedValue operand,
                                          NamedValue reference);

/// Query heads can be mapped to key/value heads.
llvm::LogicalResult checkHeadMap(mlir::Operation *op, HeadMap map,
                                 int64_t heads, int64_t kvHeads);

/// A window, where there is one, is at least 1, and a scale finite.
llvm::LogicalResult checkScores(mlir::Operation *op,
                                std::optional<uint64_t> window,
                                std::optional<llvm::APFloat> scale);

/// The rotation of a product's rows as queries: `rotary` and what it needs,
/// which without it have no meaning.
llvm::LogicalResult checkRotaryOperands(mlir::Operation *op, RotaryAttr rotary,
                                        std::optional<uint64_t> heads,
                                        mlir::Value length,
                                        mlir::Value position);

} // namespace moa

#endif // MOA_LIB_IR_CHECKS_H
