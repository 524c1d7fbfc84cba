//===- TileDialect.cpp - The moa_tile dialect and its types ---------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "moa/Tile/IR/Tile.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace moa::tile;

#include "moa/Tile/IR/TileDialect.cpp.inc"
#include "moa/Tile/IR/TileEnums.cpp.inc"
#define GET_TYPEDEF_CLASSES
#include "moa/Tile/IR/TileTypes.cpp.inc"

void TileDialect::initialize() {
  addTypes<
#define GET_TYPEDEF_LIST
#include "moa/Tile/IR/TileTypes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "moa/Tile/IR/TileOps.cpp.inc"
      >();
}

//===----------------------------------------------------------------------===//
// Attributes on other dialects' ops
//===----------------------------------------------------------------------===//

static LogicalResult verifyWarps(Operation *op, Attribute attribute) {
  auto warps = dyn_cast<DenseI64ArrayAttr>(attribute);
  if (!warps || warps.size() != 2)
    return op->emitOpError() << "'" << TileDialect::kWarpsAttr
                             << "' must be array<i64: rows, columns>";
  int64_t rows = warps[0], columns = warps[1];
  constexpr int64_t kMaxWarps = 32;
  // The product of two large numbers may be anything.
  if (rows < 1 || columns < 1 || rows > kMaxWarps || columns > kMaxWarps ||
      rows * columns > kMaxWarps)
    return op->emitOpError()
           << "'" << TileDialect::kWarpsAttr << "' asks for " << rows << " x "
           << columns << " warps, a block has 1 to " << kMaxWarps;
  return success();
}

static LogicalResult verifyPositive(Operation *op, NamedAttribute attribute,
                                    int64_t minimum) {
  auto number = dyn_cast<IntegerAttr>(attribute.getValue());
  if (!number || !number.getType().isInteger(64) || number.getInt() < minimum)
    return op->emitOpError() << "'" << attribute.getName().getValue()
                             << "' must be an i64 of at least " << minimum;
  return success();
}

LogicalResult TileDialect::verifyOperationAttribute(Operation *op,
                                                    NamedAttribute attribute) {
  StringRef name = attribute.getName().getValue();
  if (name == kStagesAttr) {
    if (!isa<scf::ForOp>(op))
      return op->emitOpError() << "'" << name << "' belongs on an scf.for";
    return verifyPositive(op, attribute, 1);
  }
  if (name != kWarpsAttr && name != kRegistersAttr && name != kSharedBytesAttr)
    return op->emitOpError() << "'" << name << "' is not known";
  if (!isa<FunctionOpInterface>(op))
    return op->emitOpError() << "'" << name << "' belongs on a function";
  if (name == kWarpsAttr)
    return verifyWarps(op, attribute.getValue());
  return verifyPositive(op, attribute, name == kRegistersAttr ? 1 : 0);
}

//===----------------------------------------------------------------------===//
// Buffers
//===----------------------------------------------------------------------===//

LogicalResult BufferType::verify(function_ref<InFlightDiagnostic()> emitError,
                                 ArrayRef<int64_t> shape, Type elementType,
                                 int64_t swizzle) {
  // C1
  if (shape.size() != 2 && shape.size() != 3)
    return emitError() << "a buffer has 2 dimensions, or 3 with stages, not "
                       << shape.size();
  for (int64_t size : shape)
    if (size < 1)
      return emitError() << "size " << size << " of a buffer is below 1";
  // C2
  if (!elementType.isF32() && !elementType.isF16() && !elementType.isBF16() &&
      !elementType.isInteger(32))
    return emitError() << "a buffer holds f32, f16, bf16 or i32, not "
                       << elementType;
  // C3
  constexpr int64_t kPieceBytes = 16;
  int64_t rowBytes = shape.back() * elementType.getIntOrFloatBitWidth() / 8;
  if (swizzle != 1 && swizzle != 2 && swizzle != 4 && swizzle != 8)
    return emitError() << "swizzle " << swizzle << " is not 1, 2, 4 or 8";
  if (swizzle > 1 && rowBytes % (swizzle * kPieceBytes) != 0)
    return emitError() << "a swizzle of " << swizzle << " pieces of "
                       << kPieceBytes << " bytes does not divide a row of "
                       << rowBytes << " bytes";
  return success();
}

Type BufferType::parse(AsmParser &parser) {
  SmallVector<int64_t> shape;
  Type elementType;
  int64_t swizzle = 1;
  SMLoc location = parser.getCurrentLocation();
  if (parser.parseLess() ||
      parser.parseDimensionList(shape, /*allowDynamic=*/false) ||
      parser.parseType(elementType))
    return {};
  if (succeeded(parser.parseOptionalComma()) &&
      (parser.parseKeyword("swizzle") || parser.parseEqual() ||
       parser.parseInteger(swizzle)))
    return {};
  if (parser.parseGreater())
    return {};
  return getChecked([&] { return parser.emitError(location); },
                    parser.getContext(), shape, elementType, swizzle);
}

void BufferType::print(AsmPrinter &printer) const {
  printer << '<';
  printer.printDimensionList(getShape());
  printer << 'x' << getElementType();
  if (getSwizzle() != 1)
    printer << ", swizzle = " << getSwizzle();
  printer << '>';
}
