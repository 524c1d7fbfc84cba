//===- Elementwise.cpp - Kernels of element-wise computations -------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The scalar body is repeated on tiles: each scalar becomes a tile, each op
// that works element by element the same op on tiles. Indices are i32.
//
//===----------------------------------------------------------------------===//

#include "moa/Kernels/Elementwise.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace moa;
using IPredicate = arith::CmpIPredicate;

namespace {
class ElementwiseKernel {
public:
  ElementwiseKernel(TileBuilder &b, const ElementwiseSpec &spec)
      : b(b), spec(spec), rank(spec.sizes.size()) {}

  gpu::GPUFuncOp build(gpu::GPUModuleOp module, StringRef name);

private:
  SmallVector<Type> getArgumentTypes();
  void readArguments(gpu::GPUFuncOp kernel);
  void findRows();
  bool coversRows(const ElementwiseOperand &operand);
  Value createRowIndex(const ElementwiseOperand &operand);
  Value loadOperand(const ElementwiseOperand &operand, Value memory);
  Value fill(Value value);
  Value getCoordinate(unsigned dim);
  void repeat(Operation *op);
  Value repeatExtract(tensor::ExtractOp op);

  unsigned countRowDims() { return spec.hasColumns ? rank - 1 : rank; }

  TileBuilder &b;
  const ElementwiseSpec &spec;
  unsigned rank;
  /// Scalars of the body to tiles.
  IRMapping tiles;
  /// Sizes of the iteration space, and the block's position in each of its
  /// dimensions that are rows, [rows,1].
  SmallVector<Value> sizes, coordinates;
  SmallVector<Value> inputs, outputs;
  Value firstRow, firstColumn;
};
} // namespace

/// What stands for a type of the body in a kernel.
static Type getKernelType(OpBuilder &b, Type type) {
  if (auto tensor = dyn_cast<RankedTensorType>(type))
    return MemRefType::get(tensor.getShape(), tensor.getElementType());
  return type;
}

SmallVector<Type> ElementwiseKernel::getArgumentTypes() {
  SmallVector<Type> types;
  for (int64_t size : spec.sizes)
    if (ShapedType::isDynamic(size))
      types.push_back(b.getIndexType());
  for (Value value : spec.captured)
    types.push_back(getKernelType(b, value.getType()));
  for (const auto &operands : {spec.inputs, spec.outputs})
    for (const ElementwiseOperand &operand : operands)
      types.push_back(operand.memory);
  return types;
}

void ElementwiseKernel::readArguments(gpu::GPUFuncOp kernel) {
  auto next = kernel.getArguments().begin();
  for (int64_t size : spec.sizes)
    sizes.push_back(ShapedType::isDynamic(size) ? Value(*next++)
                                                : b.index(size));
  for (Value value : spec.captured)
    tiles.map(value, *next++);
  for (size_t i = 0; i < spec.inputs.size(); ++i)
    inputs.push_back(*next++);
  for (size_t i = 0; i < spec.outputs.size(); ++i)
    outputs.push_back(*next++);
}

//===----------------------------------------------------------------------===//
// Operands
//===----------------------------------------------------------------------===//

/// The coordinates of the block's rows.
void ElementwiseKernel::findRows() {
  firstRow = b.mul(b.blockId(gpu::Dimension::x), double(spec.rows));
  firstColumn = b.mul(b.blockId(gpu::Dimension::y), double(spec.columns));
  unsigned count = countRowDims();
  coordinates.resize(count);
  Value rest = b.positions(spec.rows, 1, firstRow);
  for (unsigned dim = count; dim-- > 0;) {
    if (dim == 0) {
      coordinates[dim] = rest;
      break;
    }
    coordinates[dim] = b.rem(rest, sizes[dim]);
    rest = b.div(rest, sizes[dim]);
  }
}

/// Whether rows of the operand are rows of the iteration space.
bool ElementwiseKernel::coversRows(const ElementwiseOperand &operand) {
  unsigned count = countRowDims();
  if (operand.dims.size() < count)
    return false;
  for (unsigned dim = 0; dim < count; ++dim)
    if (operand.dims[dim] != dim)
      return false;
  return true;
}

/// [rows,1]: the operand's row for each row of the block.
Value ElementwiseKernel::createRowIndex(const ElementwiseOperand &operand) {
  Value row = b.tile(spec.rows, 1, b.getI32Type(), 0);
  for (unsigned dim : operand.dims)
    if (dim < countRowDims())
      row = b.add(b.mul(row, sizes[dim]), coordinates[dim]);
  return row;
}

Value ElementwiseKernel::loadOperand(const ElementwiseOperand &operand,
                                     Value memory) {
  bool hasColumn = spec.hasColumns && !operand.dims.empty() &&
                   operand.dims.back() == rank - 1;
  bool hasRow = operand.dims.size() > hasColumn;
  if (operand.dims.empty())
    return b.loadScalar(memory, {});
  if (!hasRow)
    return b.load(memory, firstColumn, 1, spec.columns);
  int64_t columns = hasColumn ? spec.columns : 1;
  if (coversRows(operand)) {
    SmallVector<Value> indices = {firstRow};
    if (hasColumn)
      indices.push_back(firstColumn);
    return b.load(memory, indices, spec.rows, columns);
  }
  SmallVector<Value> indices;
  if (hasColumn)
    indices.push_back(firstColumn);
  return b.gather(memory, indices, createRowIndex(operand), columns);
}

/// A scalar, row or column as a tile of the block's shape.
Value ElementwiseKernel::fill(Value value) {
  int64_t columns = spec.hasColumns ? spec.columns : 1;
  SmallVector<int64_t> shape = {spec.rows, columns};
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (type && type.getShape() == ArrayRef<int64_t>(shape))
    return value;
  if (type)
    return tile::BroadcastOp::create(b, type.clone(shape), value);
  Value scalar = value.getType().isIndex() ? b.toI32(value) : value;
  return tensor::SplatOp::create(
      b, scalar, RankedTensorType::get(shape, scalar.getType()));
}

Value ElementwiseKernel::getCoordinate(unsigned dim) {
  if (dim < countRowDims())
    return fill(coordinates[dim]);
  return fill(b.positions(1, spec.columns, firstColumn));
}

//===----------------------------------------------------------------------===//
// The body
//===----------------------------------------------------------------------===//

/// The elements of a tensor at the indices of each row.
Value ElementwiseKernel::repeatExtract(tensor::ExtractOp op) {
  Value memory = tiles.lookup(op.getTensor());
  int64_t sourceRank = op.getTensor().getType().getRank();
  if (sourceRank == 0)
    return fill(b.loadScalar(memory, {}));
  Value index = b.tile(spec.rows, 1, b.getI32Type(), 0);
  for (auto [dim, value] : llvm::enumerate(op.getIndices()))
    index = b.add(b.mul(index, b.size(memory, dim)), tiles.lookup(value));
  if (sourceRank > 1)
    memory = memref::CollapseShapeOp::create(
        b, memory,
        ArrayRef<ReassociationIndices>{
            llvm::to_vector<2>(llvm::seq<int64_t>(0, sourceRank))});
  return b.gather(memory, {}, index, 1);
}

/// `op` on tiles.
void ElementwiseKernel::repeat(Operation *op) {
  if (auto index = dyn_cast<linalg::IndexOp>(op)) {
    tiles.map(index.getResult(), getCoordinate(index.getDim()));
    return;
  }
  if (auto extract = dyn_cast<tensor::ExtractOp>(op)) {
    tiles.map(extract.getResult(), repeatExtract(extract));
    return;
  }
  auto toTile = [&](Type type) -> Type {
    Type element = type.isIndex() ? b.getI32Type() : type;
    return RankedTensorType::get(
        {spec.rows, spec.hasColumns ? spec.columns : 1}, element);
  };
  Attribute constant;
  if (matchPattern(op, m_Constant(&constant))) {
    Type type = op->getResult(0).getType();
    auto shape = cast<RankedTensorType>(toTile(type));
    if (auto number = dyn_cast<IntegerAttr>(constant))
      constant = b.getIntegerAttr(shape.getElementType(), number.getInt());
    tiles.map(
        op->getResult(0),
        arith::ConstantOp::create(b, DenseElementsAttr::get(shape, constant)));
    return;
  }
  SmallVector<Value> operands;
  for (Value operand : op->getOperands())
    operands.push_back(fill(tiles.lookup(operand)));
  if (isa<arith::IndexCastOp, arith::IndexCastUIOp>(op)) {
    auto from = cast<RankedTensorType>(operands[0].getType());
    auto to = cast<RankedTensorType>(toTile(op->getResult(0).getType()));
    unsigned fromBits = from.getElementTypeBitWidth();
    unsigned toBits = to.getElementTypeBitWidth();
    Value cast = operands[0];
    if (toBits > fromBits)
      cast = arith::ExtSIOp::create(b, to, cast);
    else if (toBits < fromBits)
      cast = arith::TruncIOp::create(b, to, cast);
    tiles.map(op->getResult(0), cast);
    return;
  }
  SmallVector<Type> types = llvm::map_to_vector(op->getResultTypes(), toTile);
  Operation *repeated = b.create(op->getLoc(), op->getName().getIdentifier(),
                                 operands, types, op->getAttrs());
  tiles.map(op->getResults(), repeated->getResults());
}

LogicalResult moa::checkElementwise(Operation *op) {
  if (isa<linalg::IndexOp, tensor::ExtractOp, arith::IndexCastOp,
          arith::IndexCastUIOp, linalg::YieldOp>(op) ||
      OpTrait::hasElementwiseMappableTraits(op) ||
      op->hasTrait<OpTrait::ConstantLike>())
    return success();
  return op->emitOpError("does not work element by element: there is no kernel "
                         "for it");
}

gpu::GPUFuncOp ElementwiseKernel::build(gpu::GPUModuleOp module,
                                        StringRef name) {
  gpu::GPUFuncOp kernel =
      b.createKernel(module, name, getArgumentTypes(), spec.warps);
  readArguments(kernel);
  findRows();
  auto arguments = spec.body->getArguments();
  auto map = [&](ArrayRef<ElementwiseOperand> operands, ValueRange memory) {
    for (auto [operand, value] : llvm::zip(operands, memory)) {
      BlockArgument argument = arguments.front();
      arguments = arguments.drop_front();
      if (!argument.use_empty())
        tiles.map(argument, loadOperand(operand, value));
    }
  };
  map(spec.inputs, inputs);
  map(spec.outputs, outputs);
  for (Operation &op : spec.body->without_terminator())
    repeat(&op);
  for (auto [value, output] :
       llvm::zip(spec.body->getTerminator()->getOperands(), outputs)) {
    SmallVector<Value> indices = {firstRow};
    if (spec.hasColumns)
      indices.push_back(firstColumn);
    b.store(fill(tiles.lookup(value)), output, indices);
  }
  return kernel;
}

void moa::chooseElementwiseTiles(ElementwiseSpec &spec) {
  constexpr int64_t kElements = 2048, kWarps = 4, kWarpColumns = 8;
  if (!spec.hasColumns) {
    spec.rows = 256;
    spec.columns = 1;
    spec.warps = {kWarps, 1};
    return;
  }
  int64_t columns = spec.sizes.back();
  if (!ShapedType::isDynamic(columns))
    spec.columns =
        std::clamp<int64_t>(llvm::alignTo(columns, kWarps * kWarpColumns),
                            kWarps * kWarpColumns, 128);
  spec.rows = kElements / spec.columns / 16 * 16;
}

gpu::GPUFuncOp moa::buildElementwiseKernel(TileBuilder &b,
                                           gpu::GPUModuleOp module,
                                           StringRef name,
                                           const ElementwiseSpec &spec) {
  return ElementwiseKernel(b, spec).build(module, name);
}

gpu::GPUFuncOp moa::buildFillKernel(TileBuilder &b, gpu::GPUModuleOp module,
                                    StringRef name, const FillSpec &spec) {
  SmallVector<Type> types;
  if (!spec.number)
    types.push_back(spec.memory.getElementType());
  types.push_back(spec.memory);
  gpu::GPUFuncOp kernel = b.createKernel(module, name, types, spec.warps);
  Value memory = kernel.getArguments().back();
  Value row = b.mul(b.blockId(gpu::Dimension::x), double(spec.rows));
  Value column = b.mul(b.blockId(gpu::Dimension::y), double(spec.columns));
  auto type = RankedTensorType::get({spec.rows, spec.columns},
                                    spec.memory.getElementType());
  Value tile;
  if (spec.number)
    tile =
        arith::ConstantOp::create(b, DenseElementsAttr::get(type, spec.number));
  else
    tile = tensor::SplatOp::create(b, kernel.getArgument(0), type);
  b.store(tile, memory, {row, column});
  return kernel;
}
