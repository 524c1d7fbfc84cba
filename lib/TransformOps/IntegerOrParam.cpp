//===- IntegerOrParam.cpp - Numbers of transform ops ----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "IntegerOrParam.h"

using namespace mlir;

ParseResult
moa::parseIntegerOrParam(OpAsmParser &parser, IntegerAttr &integer,
                         std::optional<OpAsmParser::UnresolvedOperand> &param) {
  OpAsmParser::UnresolvedOperand operand;
  OptionalParseResult parsed = parser.parseOptionalOperand(operand);
  if (parsed.has_value()) {
    param = operand;
    return *parsed;
  }
  return parser.parseAttribute(integer, parser.getBuilder().getI64Type());
}

void moa::printIntegerOrParam(OpAsmPrinter &printer, Operation *,
                              IntegerAttr integer, Value param) {
  if (param)
    printer << param;
  else
    printer << integer.getInt();
}

DiagnosedSilenceableFailure
moa::readIntegerOrParam(Operation *op, transform::TransformState &state,
                        StringRef name, std::optional<int64_t> integer,
                        Value param, int64_t &value) {
  if (integer)
    value = *integer;
  if (!param)
    return DiagnosedSilenceableFailure::success();
  ArrayRef<Attribute> values = state.getParams(param);
  if (values.size() != 1)
    return emitSilenceableFailure(op)
           << name << " has " << values.size() << " values, must have 1";
  auto number = dyn_cast<IntegerAttr>(values[0]);
  if (!number)
    return emitSilenceableFailure(op)
           << name << " is " << values[0] << ", must be an integer";
  value = number.getInt();
  return DiagnosedSilenceableFailure::success();
}
