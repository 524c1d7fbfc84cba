//===- LinalgBuilders.h - Short ways to common linalg ops -------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The few shapes of linalg ops that decomposition and lowering consist of:
// element-wise maps, row reductions and matrix products.
//
//===----------------------------------------------------------------------===//

#ifndef MOA_UTILS_LINALGBUILDERS_H
#define MOA_UTILS_LINALGBUILDERS_H

#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace moa {

/// Builds the scalar body of an op from its scalar arguments.
using BodyBuilder = llvm::function_ref<mlir::Value(mlir::ImplicitLocOpBuilder &,
                                                   mlir::ValueRange)>;
using Sizes = llvm::ArrayRef<mlir::OpFoldResult>;

/// The type in which products and sums of `element` are accumulated: f64 for
/// f64, otherwise f32.
mlir::Type getAccumulatorType(mlir::Type element);

/// `value`, a float, extended or truncated to `type`.
mlir::Value convertFloat(mlir::ImplicitLocOpBuilder &b, mlir::Value value,
                         mlir::Type type);

/// A constant of the float or integer type `type`.
mlir::Value createConstant(mlir::ImplicitLocOpBuilder &b, mlir::Type type,
                           double value);

/// A tensor of `sizes` filled with `value`.
mlir::Value createFilled(mlir::ImplicitLocOpBuilder &b, Sizes sizes,
                         mlir::Type element, double value);

/// An operand of an element-wise map: element (i0, ..., in) of the result
/// reads element (i[dims[0]], i[dims[1]], ...) of `value`. Without dims, which
/// is the common case, the operand has the result's shape.
struct MapOperand {
  MapOperand(mlir::Value value) : value(value), identity(true) {}
  MapOperand(mlir::Value value, llvm::ArrayRef<unsigned> dims)
      : value(value), dims(dims), identity(false) {}
  mlir::Value value;
  llvm::SmallVector<unsigned, 4> dims;
  bool identity;
};

/// `destination` overwritten element by element.
mlir::Value mapInto(mlir::ImplicitLocOpBuilder &b, mlir::Value destination,
                    llvm::ArrayRef<MapOperand> operands, BodyBuilder body);

/// As above; the last argument of `body` is the element of `value` itself.
mlir::Value updateElements(mlir::ImplicitLocOpBuilder &b, mlir::Value value,
                           llvm::ArrayRef<MapOperand> operands,
                           BodyBuilder body);

/// A new tensor of `sizes` and `element`, computed element by element.
mlir::Value mapElements(mlir::ImplicitLocOpBuilder &b, Sizes sizes,
                        mlir::Type element, llvm::ArrayRef<MapOperand> operands,
                        BodyBuilder body);

/// The elements of `value` converted to the float type `element`; `value`
/// itself where it has that type.
mlir::Value convertElements(mlir::ImplicitLocOpBuilder &b, mlir::Value value,
                            mlir::Type element);

/// Fold the last dimension of `value` into a tensor filled with `init`; `body`
/// takes an element and the accumulator.
mlir::Value reduceRows(mlir::ImplicitLocOpBuilder &b, mlir::Value value,
                       mlir::Type element, double init, BodyBuilder body);

/// lhs [M,K] times rhs [K,N] ([N,K] if `transposed`), accumulated onto `init`.
mlir::Value createMatmul(mlir::ImplicitLocOpBuilder &b, mlir::Value lhs,
                         mlir::Value rhs, mlir::Value init, bool transposed);

/// The product as above accumulated from zero in the accumulator type, and
/// rounded once to `element`.
mlir::Value createRoundedMatmul(mlir::ImplicitLocOpBuilder &b, mlir::Value lhs,
                                mlir::Value rhs, mlir::Type element,
                                bool transposed);

/// acc [N,D] + bias [D], rows of zeros where skip [N], + residual [N,D],
/// rounded to `element`; `bias`, `skip` and `residual` may be null.
mlir::Value finishRows(mlir::ImplicitLocOpBuilder &b, mlir::Value acc,
                       mlir::Value bias, mlir::Value skip, mlir::Value residual,
                       mlir::Type element);

/// All sizes of `value`, static ones as attributes.
llvm::SmallVector<mlir::OpFoldResult> getSizes(mlir::ImplicitLocOpBuilder &b,
                                               mlir::Value value);

/// The size of one dimension of `value` as an index value.
mlir::Value getSize(mlir::ImplicitLocOpBuilder &b, mlir::Value value,
                    int64_t dim);

} // namespace moa

#endif // MOA_UTILS_LINALGBUILDERS_H
