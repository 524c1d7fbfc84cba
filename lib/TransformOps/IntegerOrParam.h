//===- IntegerOrParam.h - Numbers of transform ops --------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A number that stands in the script, or a parameter that is computed or tuned
// there: one attribute and one operand, of which there is one.
//
//===----------------------------------------------------------------------===//

#ifndef MOA_LIB_TRANSFORMOPS_INTEGERORPARAM_H
#define MOA_LIB_TRANSFORMOPS_INTEGERORPARAM_H

#include "mlir/Dialect/Transform/Interfaces/TransformInterfaces.h"
#include "mlir/IR/OpImplementation.h"

namespace moa {

mlir::ParseResult
parseIntegerOrParam(mlir::OpAsmParser &parser, mlir::IntegerAttr &integer,
                    std::optional<mlir::OpAsmParser::UnresolvedOperand> &param);
void printIntegerOrParam(mlir::OpAsmPrinter &printer, mlir::Operation *op,
                         mlir::IntegerAttr integer, mlir::Value param);

/// Set `value` to the number or to what `param` holds, neither of which leaves
/// it as it is. A parameter that is no single number is a failure that calls it
/// `name`.
mlir::DiagnosedSilenceableFailure
readIntegerOrParam(mlir::Operation *op, mlir::transform::TransformState &state,
                   llvm::StringRef name, std::optional<int64_t> integer,
                   mlir::Value param, int64_t &value);

} // namespace moa

#endif // MOA_LIB_TRANSFORMOPS_INTEGERORPARAM_H
