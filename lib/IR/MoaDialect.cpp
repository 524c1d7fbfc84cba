//===- MoaDialect.cpp - The moa dialect and its attributes ----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "moa/IR/Moa.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/DialectImplementation.h"
#include "mlir/Transforms/InliningUtils.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace moa;

#include "moa/IR/MoaDialect.cpp.inc"
#include "moa/IR/MoaEnums.cpp.inc"
#include "moa/IR/MoaInterfaces.cpp.inc"
#define GET_ATTRDEF_CLASSES
#include "moa/IR/MoaAttributes.cpp.inc"

namespace {
/// Every op is pure and without regions: it may be inlined anywhere.
struct MoaInlinerInterface : DialectInlinerInterface {
  using DialectInlinerInterface::DialectInlinerInterface;
  bool isLegalToInline(Operation *, Region *, bool, IRMapping &) const final {
    return true;
  }
};
} // namespace

void MoaDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "moa/IR/MoaAttributes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "moa/IR/MoaOps.cpp.inc"
      >();
  addInterfaces<MoaInlinerInterface>();
}

/// Names are those of tensors in files: there is one, and it is not empty.
static LogicalResult verifyName(Operation *op, NamedAttribute attribute) {
  auto name = dyn_cast<StringAttr>(attribute.getValue());
  if (attribute.getName() != "moa.name" || (name && !name.empty()))
    return success();
  return op->emitOpError() << "has " << attribute.getValue()
                           << " for 'moa.name': give a string that is not "
                              "empty";
}

LogicalResult MoaDialect::verifyRegionArgAttribute(Operation *op,
                                                   unsigned /*region*/,
                                                   unsigned /*argument*/,
                                                   NamedAttribute attribute) {
  return verifyName(op, attribute);
}

LogicalResult
MoaDialect::verifyRegionResultAttribute(Operation *op, unsigned /*region*/,
                                        unsigned /*result*/,
                                        NamedAttribute attribute) {
  return verifyName(op, attribute);
}

LogicalResult GateAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                               Activation, GateOrder, bool normalize,
                               bool detachDivisor, FloatAttr scale) {
  // C1
  if (detachDivisor && !normalize)
    return emitError()
           << "detach_divisor without normalize: there is no divisor";
  // C2
  if (scale && !scale.getValue().isFinite())
    return emitError() << "gate scale (" << scale.getValueAsDouble()
                       << ") must be finite";
  return success();
}

LogicalResult RotaryAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                 FloatAttr theta, int64_t dim) {
  // C1
  if (dim <= 0 || dim % 2 != 0)
    return emitError() << "rotary dim (" << dim
                       << ") must be even and positive";
  // C2
  if (!theta.getValue().isFinite() || theta.getValueAsDouble() <= 0)
    return emitError() << "rotary theta (" << theta.getValueAsDouble()
                       << ") must be finite and positive";
  return success();
}
