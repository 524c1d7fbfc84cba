//===- TileOps.cpp - Operations of the moa_tile dialect -------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "moa/Tile/IR/Tile.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace moa::tile;

#define GET_OP_CLASSES
#include "moa/Tile/IR/TileOps.cpp.inc"

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

/// Check `found` indices into `memory`, which has one of its dimensions indexed
/// by rows if `byRows`.
static LogicalResult verifyIndices(Operation *op, MemRefType memory,
                                   size_t found, bool byRows) {
  int64_t expected = memory.getRank() - byRows;
  if (static_cast<int64_t>(found) != expected)
    return op->emitOpError() << "number of indices into " << memory << " ("
                             << found << ") must be " << expected
                             << (byRows ? " besides the row index" : "");
  return success();
}

/// Check that memory of this rank has tiles of this shape.
static LogicalResult verifyTileRank(Operation *op, MemRefType memory,
                                    ArrayRef<int64_t> tile, bool byRows) {
  if (memory.getRank() == 0)
    return op->emitOpError()
           << "needs memory of rank 1 or more, got " << memory;
  if (memory.getRank() > 1 || tile[1] == 1 || (tile[0] == 1 && !byRows))
    return success();
  return op->emitOpError() << "memory of rank 1 has tiles of one column"
                           << (byRows ? "" : " or one row") << ", not "
                           << tile[0] << " x " << tile[1];
}

static LogicalResult verifyElement(Operation *op, MemRefType memory,
                                   Type element) {
  if (memory.getElementType() != element)
    return op->emitOpError() << "moves elements of " << element << " and "
                             << memory.getElementType() << ", must be the same";
  return success();
}

static LogicalResult verifyRowIndex(Operation *op, ShapedType rows,
                                    ArrayRef<int64_t> tile) {
  if (rows.getDimSize(0) == tile[0] && rows.getDimSize(1) == 1)
    return success();
  return op->emitOpError() << "row index has shape " << rows.getDimSize(0)
                           << " x " << rows.getDimSize(1) << ", a tile of "
                           << tile[0] << " rows needs " << tile[0] << " x 1";
}

LogicalResult LoadOp::verify() {
  auto memory = getSource().getType();
  // C1
  if (failed(verifyIndices(*this, memory, getIndices().size(), false)))
    return failure();
  // C2
  if (failed(verifyTileRank(*this, memory, getType().getShape(), false)))
    return failure();
  // C3
  return verifyElement(*this, memory, getType().getElementType());
}

LogicalResult GatherOp::verify() {
  auto memory = getSource().getType();
  ArrayRef<int64_t> shape = getType().getShape();
  // C2
  if (failed(verifyTileRank(*this, memory, shape, true)))
    return failure();
  // C1
  if (failed(verifyIndices(*this, memory, getIndices().size(), true)))
    return failure();
  // C3
  if (failed(verifyElement(*this, memory, getType().getElementType())))
    return failure();
  // C4
  return verifyRowIndex(*this, getRows().getType(), shape);
}

LogicalResult StoreOp::verify() {
  auto memory = getDestination().getType();
  auto type = getTile().getType();
  // C1
  if (failed(verifyIndices(*this, memory, getIndices().size(), false)))
    return failure();
  // C2
  if (failed(verifyTileRank(*this, memory, type.getShape(), false)))
    return failure();
  // C3
  return verifyElement(*this, memory, type.getElementType());
}

LogicalResult ScatterOp::verify() {
  auto memory = getDestination().getType();
  auto type = getTile().getType();
  // C2
  if (failed(verifyTileRank(*this, memory, type.getShape(), true)))
    return failure();
  // C1
  if (failed(verifyIndices(*this, memory, getIndices().size(), true)))
    return failure();
  // C3
  if (failed(verifyElement(*this, memory, type.getElementType())))
    return failure();
  // C4
  if (failed(verifyRowIndex(*this, getRows().getType(), type.getShape())))
    return failure();
  // C5
  if (getAdd() && !type.getElementType().isF32())
    return emitOpError() << "adds elements of " << type.getElementType()
                         << ", only f32 can be added atomically";
  return success();
}

LogicalResult CopyOp::verify() {
  auto memory = getSource().getType();
  BufferType buffer = getBuffer().getType();
  bool byRows = static_cast<bool>(getRows());
  // C2
  if (memory.getRank() < 2)
    return emitOpError() << "needs memory of rank 2 or more, got " << memory;
  if (buffer.getShape().size() != 2)
    return emitOpError() << "fills one stage, got " << buffer;
  // C1
  if (failed(verifyIndices(*this, memory, getIndices().size(), byRows)))
    return failure();
  // C3
  if (failed(verifyElement(*this, memory, buffer.getElementType())))
    return failure();
  // C4
  if (byRows)
    return verifyRowIndex(*this, getRows().getType(), buffer.getShape());
  return success();
}

//===----------------------------------------------------------------------===//
// Between blocks
//===----------------------------------------------------------------------===//

LogicalResult ArriveOp::verify() {
  // C1
  if (failed(verifyIndices(*this, getCounters().getType(), getIndices().size(),
                           false)))
    return failure();
  // C2
  std::optional<int64_t> count = getConstantIntValue(getCount());
  if (count && *count < 1)
    return emitOpError() << "is the arrival of one of " << *count
                         << " blocks, must be 1 or more";
  return success();
}

//===----------------------------------------------------------------------===//
// Arithmetic
//===----------------------------------------------------------------------===//

/// Shape and element type of a tile or buffer.
static std::pair<ArrayRef<int64_t>, Type> getOperandShape(Type type) {
  if (auto buffer = dyn_cast<BufferType>(type))
    return {buffer.getShape(), buffer.getElementType()};
  auto tile = cast<RankedTensorType>(type);
  return {tile.getShape(), tile.getElementType()};
}

LogicalResult MmaOp::verify() {
  auto [a, aElement] = getOperandShape(getA().getType());
  auto [b, bElement] = getOperandShape(getB().getType());
  // C5
  if (a.size() != 2 || b.size() != 2)
    return emitOpError() << "multiplies one stage of a buffer, got "
                         << (a.size() != 2 ? getA().getType()
                                           : getB().getType());
  // C1
  ArrayRef<int64_t> sum = getType().getShape();
  int64_t k = b[getTransposed() ? 1 : 0], n = b[getTransposed() ? 0 : 1];
  if (a[1] != k)
    return emitOpError() << "sums over " << a[1] << " columns of a and " << k
                         << " of b";
  if (sum[0] != a[0] || sum[1] != n)
    return emitOpError() << "has a product of " << a[0] << " x " << n
                         << " and an accumulator of " << sum[0] << " x "
                         << sum[1];
  // C2
  if (aElement != bElement)
    return emitOpError() << "multiplies elements of " << aElement << " and "
                         << bElement << ", must be the same";
  // C3
  if (!aElement.isF32() && !aElement.isF16() && !aElement.isBF16())
    return emitOpError() << "multiplies f32, f16 or bf16, not " << aElement;
  // C4
  if (getTf32() && !aElement.isF32())
    return emitOpError() << "rounds f32 operands to tf32, not " << aElement;
  // C6
  if (!getTerms() ||
      getTerms().getType().getShape() == ArrayRef<int64_t>{sum[0], 1})
    return success();
  return emitOpError() << "has an accumulator of " << sum[0]
                       << " rows and terms of " << getTerms().getType();
}

bool MmaOp::hasSplatFactor() {
  SplatElementsAttr splat;
  return matchPattern(getB(), m_Constant(&splat)) &&
         splat.getElementType().getIntOrFloatBitWidth() == 16;
}

void MmaOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects) {
  for (OpOperand *operand : {&getAMutable(), &getBMutable()})
    if (isa<BufferType>(operand->get().getType()))
      effects.emplace_back(MemoryEffects::Read::get(), operand);
}

static LogicalResult verifyDim(Operation *op, int64_t dim) {
  if (dim != 0 && dim != 1)
    return op->emitOpError()
           << "runs along dimension " << dim << ", a tile has 0 and 1";
  return success();
}

/// Check the buffer, if any, through which warps exchange what they have of a
/// tile along `dim`.
static LogicalResult verifyScratch(Operation *op, RankedTensorType tile,
                                   int64_t dim, Value scratch) {
  if (!scratch)
    return success();
  auto buffer = cast<BufferType>(scratch.getType());
  if (buffer.getShape().size() == 2 &&
      buffer.getColumns() == tile.getDimSize(1 - dim) &&
      buffer.getElementType() == tile.getElementType())
    return success();
  return op->emitOpError() << "exchanges " << tile.getDimSize(1 - dim)
                           << " elements of " << tile.getElementType()
                           << " a warp, which " << buffer
                           << " does not have as rows";
}

static void getScratchEffects(
    MutableOperandRange scratch,
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects) {
  for (OpOperand &operand : scratch) {
    effects.emplace_back(MemoryEffects::Write::get(), &operand);
    effects.emplace_back(MemoryEffects::Read::get(), &operand);
  }
}

LogicalResult ScanOp::verify() {
  // C1
  if (failed(verifyDim(*this, getDim())))
    return failure();
  // C2
  return verifyScratch(*this, cast<RankedTensorType>(getType()), getDim(),
                       getScratch());
}

void ScanOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects) {
  getScratchEffects(getScratchMutable(), effects);
}

void ReduceOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects) {
  getScratchEffects(getScratchMutable(), effects);
}

LogicalResult ReduceOp::verify() {
  // C1
  int64_t dim = getDim();
  if (failed(verifyDim(*this, dim)))
    return failure();
  // C2
  SmallVector<int64_t> shape(getTile().getType().getShape());
  shape[dim] = 1;
  if (getType().getShape() != ArrayRef<int64_t>(shape) ||
      getType().getElementType() != getTile().getType().getElementType())
    return emitOpError() << "gives " << getTile().getType().clone(shape)
                         << ", not " << getType();
  // C3
  return verifyScratch(*this, getTile().getType(), dim, getScratch());
}

LogicalResult AnyOp::verify() {
  // C1
  if (getRows().getType().getDimSize(1) != 1)
    return emitOpError() << "asks rows, which have one element each, got "
                         << getRows().getType();
  return success();
}

LogicalResult BroadcastOp::verify() {
  // C1
  auto from = getTile().getType(), to = getType();
  for (int64_t dim : {0, 1})
    if (from.getDimSize(dim) != 1 && from.getDimSize(dim) != to.getDimSize(dim))
      return emitOpError() << "cannot repeat dimension " << dim << " ("
                           << from.getDimSize(dim) << ") to "
                           << to.getDimSize(dim);
  // C2
  if (from.getElementType() != to.getElementType())
    return emitOpError() << "changes elements of " << from.getElementType()
                         << " to " << to.getElementType();
  return success();
}

LogicalResult PositionOp::verify() {
  // C1
  if (getType().getDimSize(0) != 1 && getType().getDimSize(1) != 1)
    return emitOpError() << "counts along one dimension, got "
                         << getType().getDimSize(0) << " x "
                         << getType().getDimSize(1);
  return success();
}

//===----------------------------------------------------------------------===//
// Staged form
//===----------------------------------------------------------------------===//

LogicalResult AllocOp::verify() {
  // C1
  constexpr int64_t kAlignment = 128;
  int64_t offset = getOffset();
  if (offset < 0 || offset % kAlignment != 0)
    return emitOpError() << "offset (" << offset << ") must be a multiple of "
                         << kAlignment << ", 0 or more";
  return success();
}

LogicalResult StageOp::inferReturnTypes(
    MLIRContext *context, std::optional<Location> location, ValueRange operands,
    DictionaryAttr attributes, OpaqueProperties properties, RegionRange regions,
    SmallVectorImpl<Type> &inferredReturnTypes) {
  auto buffer = cast<BufferType>(operands.front().getType());
  // C1
  if (buffer.getShape().size() != 3)
    return emitOptionalError(location,
                             "'moa_tile.stage' op needs a buffer of "
                             "several stages, got ",
                             buffer);
  inferredReturnTypes.push_back(buffer.getStage());
  return success();
}

LogicalResult WaitOp::verify() {
  // C1
  if (static_cast<int64_t>(getPending()) < 0)
    return emitOpError() << "cannot leave "
                         << static_cast<int64_t>(getPending())
                         << " groups pending";
  return success();
}

static LogicalResult verifySameTile(Operation *op, RankedTensorType tile,
                                    BufferType buffer) {
  if (tile.getShape() == buffer.getShape() &&
      tile.getElementType() == buffer.getElementType())
    return success();
  return op->emitOpError() << "moves " << tile << " and " << buffer
                           << ", must be of one shape and element type";
}

LogicalResult PutOp::verify() {
  // C1
  return verifySameTile(*this, getTile().getType(), getBuffer().getType());
}

LogicalResult GetOp::verify() {
  // C1
  return verifySameTile(*this, getTile().getType(), getBuffer().getType());
}

//===----------------------------------------------------------------------===//
// Launch
//===----------------------------------------------------------------------===//

LogicalResult LaunchOp::verify() {
  // C3
  SmallVector<Type> expected;
  for (Type type : getOutputs().getTypes())
    if (isa<RankedTensorType>(type))
      expected.push_back(type);
  if (TypeRange(expected) != getResultTypes())
    return emitOpError() << "has (" << getResultTypes()
                         << ") as results, its outs ask for ("
                         << TypeRange(expected) << ")";
  return success();
}

/// Whether a value of type `given` can be passed as `expected`. A tensor may
/// say more of its sizes than the kernel asks for.
static bool fits(Type given, Type expected) {
  if (given == expected)
    return true;
  auto tensor = dyn_cast<RankedTensorType>(given);
  auto memory = dyn_cast<MemRefType>(expected);
  if (!tensor || !memory || tensor.getRank() != memory.getRank() ||
      tensor.getElementType() != memory.getElementType())
    return false;
  return llvm::all_of(llvm::zip(tensor.getShape(), memory.getShape()),
                      [](auto sizes) {
                        auto [size, wanted] = sizes;
                        return ShapedType::isDynamic(wanted) || size == wanted;
                      });
}

LogicalResult LaunchOp::verifySymbolUses(SymbolTableCollection &symbolTable) {
  // C1
  auto function = symbolTable.lookupNearestSymbolFrom<FunctionOpInterface>(
      *this, getKernel());
  if (!function || !isa<gpu::GPUModuleOp>(function->getParentOp()))
    return emitOpError() << "launches " << getKernel()
                         << ", which is not a function of a gpu.module";
  // C2
  SmallVector<Type> given(getInputs().getTypes());
  llvm::append_range(given, getOutputs().getTypes());
  ArrayRef<Type> expected = function.getArgumentTypes();
  if (given.size() != expected.size())
    return emitOpError() << "passes " << given.size() << " arguments to "
                         << getKernel() << ", which takes " << expected.size();
  for (auto [index, types] : llvm::enumerate(llvm::zip(given, expected))) {
    auto [from, to] = types;
    if (!fits(from, to))
      return emitOpError() << "passes " << from << " as argument " << index
                           << " of " << getKernel() << ", which takes " << to;
  }
  return success();
}

void LaunchOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects) {
  for (OpOperand &operand : getInputsMutable())
    if (isa<MemRefType>(operand.get().getType()))
      effects.emplace_back(MemoryEffects::Read::get(), &operand);
  for (OpOperand &operand : getOutputsMutable()) {
    if (!isa<MemRefType>(operand.get().getType()))
      continue;
    effects.emplace_back(MemoryEffects::Read::get(), &operand);
    effects.emplace_back(MemoryEffects::Write::get(), &operand);
  }
}
