//===- Generic.cpp - Kernels of loops over elements -----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The scalar body is repeated on tiles: each scalar becomes a tile, each op
// that works element by element the same op on tiles. Indices are i32.
//
// Dimensions that are reduced are loops of the block, from one tile of what was
// reduced so far to the next. Where the order of elements does not matter, the
// last of these loops takes a tile at a time: its dimension is that of the
// columns, if memory runs along it, or that of the rows. Each element of the
// tile reduces some elements, and in the end the tile is reduced to one column,
// or one row. Otherwise elements are taken one by one, in their order.
//
//===----------------------------------------------------------------------===//

#include "moa/Kernels/Generic.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"
#include <limits>

using namespace mlir;
using namespace moa;
using tile::ReduceKind;
using FPredicate = arith::CmpFPredicate;
using IPredicate = arith::CmpIPredicate;

namespace {
class GenericKernel {
public:
  GenericKernel(TileBuilder &b, const GenericSpec &spec)
      : b(b), spec(spec), coordinates(spec.getRank()) {}

  gpu::GPUFuncOp build(gpu::GPUModuleOp module, StringRef name);

private:
  SmallVector<Type> getArgumentTypes();
  void readArguments(gpu::GPUFuncOp kernel);
  void findRows();
  bool isColumn(unsigned dim) const { return spec.column == dim; }
  /// Whether a loop takes rows of a tile at a time.
  bool isReducedRow(unsigned dim) const {
    return spec.reducesRows() && dim + 1 == spec.getRank();
  }
  int64_t getColumns() const { return spec.column ? spec.columns : 1; }
  bool coversRows(ArrayRef<unsigned> dims) const;
  Value createRow(ArrayRef<unsigned> dims);
  Value loadOperand(const GenericOperand &operand, Value memory);
  void loadInputs(bool ofLoops);
  Value loadOutput(unsigned number);
  Value fill(Value value);
  Value getCoordinate(unsigned dim);
  RankedTensorType toTile(Type type);
  void repeat(Operation *op);
  void repeatConstant(Operation *op, Attribute constant);
  void repeatIndexCast(Operation *op);
  Value repeatExtract(tensor::ExtractOp op);
  SmallVector<Value> repeatBody(ValueRange before);
  SmallVector<Value> reduceFrom(unsigned dim, ValueRange before);
  SmallVector<Value> createNeutrals();
  Value reduceTile(Operation *combiner, Value tile);
  SmallVector<Value> reduce();

  TileBuilder &b;
  const GenericSpec &spec;
  /// Scalars of the body to tiles.
  IRMapping tiles;
  /// Sizes of the iteration space, and the block's position in each of its
  /// dimensions but that of columns: [rows,1] of rows, otherwise a scalar.
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

SmallVector<Type> GenericKernel::getArgumentTypes() {
  SmallVector<Type> types;
  for (int64_t size : spec.sizes)
    if (ShapedType::isDynamic(size))
      types.push_back(b.getIndexType());
  for (Value value : spec.captured)
    types.push_back(getKernelType(b, value.getType()));
  for (const auto &operands : {spec.inputs, spec.outputs})
    for (const GenericOperand &operand : operands)
      types.push_back(operand.type);
  return types;
}

void GenericKernel::readArguments(gpu::GPUFuncOp kernel) {
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

/// The tile of rows and that of `width` columns, of which there are `columns`,
/// that a block works on. The grid has one dimension, which may be long: there
/// may be a single row.
static std::pair<Value, Value> findTile(TileBuilder &b, Value block,
                                        Value columns, int64_t width) {
  Value tiles = b.ceilDiv(columns, width);
  return {b.div(block, tiles), b.rem(block, tiles)};
}

/// The coordinates of the block's rows, or of its row.
void GenericKernel::findRows() {
  firstRow = b.blockId(gpu::Dimension::x);
  if (spec.column && !spec.reducesColumns()) {
    Value columnTile;
    std::tie(firstRow, columnTile) =
        findTile(b, firstRow, sizes[*spec.column], spec.columns);
    firstColumn = b.mul(columnTile, double(spec.columns));
  }
  if (!spec.reducesRows())
    firstRow = b.mul(firstRow, double(spec.rows));
  Value rest = spec.reducesRows() ? b.toI32(firstRow)
                                  : b.positions(spec.rows, 1, firstRow);
  for (unsigned dim = spec.getNumParallel(); dim-- > 0;) {
    if (isColumn(dim))
      continue;
    if (dim == 0) {
      coordinates[dim] = rest;
      break;
    }
    Value size = b.toI32(sizes[dim]);
    coordinates[dim] = b.rem(rest, size);
    rest = b.div(rest, size);
  }
}

/// Whether `dims` are those of a tile's rows, in their order.
bool GenericKernel::coversRows(ArrayRef<unsigned> dims) const {
  if (spec.reducesRows())
    return false;
  unsigned count = spec.getNumParallel();
  if (spec.column && !spec.reducesColumns())
    --count;
  return llvm::equal(dims, llvm::seq<unsigned>(0, count));
}

/// The row of memory that `dims` name: [rows,1], or a scalar.
Value GenericKernel::createRow(ArrayRef<unsigned> dims) {
  Value row = b.toI32(b.index(0));
  for (unsigned dim : dims)
    row = b.add(b.mul(row, b.toI32(sizes[dim])), coordinates[dim]);
  return row;
}

Value GenericKernel::loadOperand(const GenericOperand &operand, Value memory) {
  auto type = dyn_cast<MemRefType>(operand.type);
  if (!type)
    return memory;
  if (type.getRank() == 0)
    return b.loadScalar(memory, {});
  ArrayRef<unsigned> dims = operand.dims;
  SmallVector<Value> column;
  if (!dims.empty() && isColumn(dims.back())) {
    column.push_back(firstColumn);
    dims = dims.drop_back();
  }
  int64_t columns = column.empty() ? 1 : spec.columns;
  SmallVector<Value> indices = column;
  if (coversRows(dims)) {
    indices.insert(indices.begin(), firstRow);
    return b.load(memory, indices, spec.rows, columns);
  }
  Value row = createRow(dims);
  if (isa<RankedTensorType>(row.getType()))
    return b.gather(memory, column, row, columns);
  indices.insert(indices.begin(), b.toIndex(row));
  return b.load(memory, indices, 1, columns);
}

/// Load inputs for the body: those that change with the loops, or the others.
void GenericKernel::loadInputs(bool ofLoops) {
  for (auto [number, operand] : llvm::enumerate(spec.inputs)) {
    bool changes = llvm::any_of(operand.dims, [&](unsigned dim) {
      return dim >= spec.getNumParallel();
    });
    BlockArgument argument = spec.body->getArgument(number);
    if (changes == ofLoops && !argument.use_empty())
      tiles.map(argument, loadOperand(operand, inputs[number]));
  }
}

/// What output `number` holds before.
Value GenericKernel::loadOutput(unsigned number) {
  Attribute init = spec.inits[number];
  if (!init)
    return loadOperand(spec.outputs[number], outputs[number]);
  Type element = getElementTypeOrSelf(outputs[number]);
  auto type = RankedTensorType::get({1, 1}, element);
  return arith::ConstantOp::create(b, DenseElementsAttr::get(type, init));
}

/// A scalar, row or column as a tile of the block's shape.
Value GenericKernel::fill(Value value) {
  SmallVector<int64_t> shape = {spec.rows, getColumns()};
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (type && type.getShape() == ArrayRef<int64_t>(shape))
    return value;
  if (type)
    return tile::BroadcastOp::create(b, type.clone(shape), value);
  Value scalar = value.getType().isIndex() ? b.toI32(value) : value;
  return tensor::SplatOp::create(
      b, scalar, RankedTensorType::get(shape, scalar.getType()));
}

Value GenericKernel::getCoordinate(unsigned dim) {
  if (isColumn(dim))
    return fill(b.positions(1, spec.columns, firstColumn));
  return fill(coordinates[dim]);
}

//===----------------------------------------------------------------------===//
// The body
//===----------------------------------------------------------------------===//

/// The elements of a tensor at the indices of each row.
Value GenericKernel::repeatExtract(tensor::ExtractOp op) {
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

/// The tile that stands for a scalar of the body.
RankedTensorType GenericKernel::toTile(Type type) {
  Type element = type.isIndex() ? b.getI32Type() : type;
  return RankedTensorType::get({spec.rows, getColumns()}, element);
}

void GenericKernel::repeatConstant(Operation *op, Attribute constant) {
  RankedTensorType type = toTile(op->getResult(0).getType());
  if (auto number = dyn_cast<IntegerAttr>(constant))
    constant = b.getIntegerAttr(type.getElementType(), number.getInt());
  tiles.map(op->getResult(0), arith::ConstantOp::create(
                                  b, DenseElementsAttr::get(type, constant)));
}

void GenericKernel::repeatIndexCast(Operation *op) {
  Value cast = fill(tiles.lookup(op->getOperand(0)));
  RankedTensorType to = toTile(op->getResult(0).getType());
  unsigned fromBits = getElementTypeOrSelf(cast).getIntOrFloatBitWidth();
  unsigned toBits = to.getElementTypeBitWidth();
  if (toBits > fromBits && isa<arith::IndexCastUIOp>(op))
    cast = arith::ExtUIOp::create(b, to, cast);
  else if (toBits > fromBits)
    cast = arith::ExtSIOp::create(b, to, cast);
  else if (toBits < fromBits)
    cast = arith::TruncIOp::create(b, to, cast);
  tiles.map(op->getResult(0), cast);
}

/// `op` on tiles.
void GenericKernel::repeat(Operation *op) {
  if (auto index = dyn_cast<linalg::IndexOp>(op))
    return tiles.map(index.getResult(), getCoordinate(index.getDim()));
  if (auto extract = dyn_cast<tensor::ExtractOp>(op))
    return tiles.map(extract.getResult(), repeatExtract(extract));
  Attribute constant;
  if (matchPattern(op, m_Constant(&constant)))
    return repeatConstant(op, constant);
  if (isa<arith::IndexCastOp, arith::IndexCastUIOp>(op))
    return repeatIndexCast(op);
  SmallVector<Value> operands;
  for (Value operand : op->getOperands())
    operands.push_back(fill(tiles.lookup(operand)));
  SmallVector<Type> types;
  for (Type type : op->getResultTypes())
    types.push_back(toTile(type));
  Operation *repeated = b.create(op->getLoc(), op->getName().getIdentifier(),
                                 operands, types, op->getAttrs());
  tiles.map(op->getResults(), repeated->getResults());
}

LogicalResult moa::checkElementwise(Operation *op) {
  IntegerAttr index;
  if (matchPattern(op, m_Constant(&index)) && isa<IndexType>(index.getType()) &&
      !llvm::isInt<32>(index.getInt()))
    return op->emitOpError()
           << "is " << index.getInt()
           << ", which does not fit the 32 bits that kernels count with";
  if (isa<linalg::IndexOp, tensor::ExtractOp, arith::IndexCastOp,
          arith::IndexCastUIOp, linalg::YieldOp>(op) ||
      OpTrait::hasElementwiseMappableTraits(op) ||
      op->hasTrait<OpTrait::ConstantLike>())
    return success();
  return op->emitOpError("does not work element by element: there is no kernel "
                         "for it");
}

/// What the body makes of the inputs and what the outputs hold `before`.
SmallVector<Value> GenericKernel::repeatBody(ValueRange before) {
  loadInputs(/*ofLoops=*/true);
  auto arguments = spec.body->getArguments().drop_front(spec.inputs.size());
  for (auto [argument, value] : llvm::zip(arguments, before))
    tiles.map(argument, value);
  for (Operation &op : spec.body->without_terminator())
    repeat(&op);
  SmallVector<Value> results;
  for (Value value : spec.body->getTerminator()->getOperands())
    results.push_back(fill(tiles.lookup(value)));
  return results;
}

//===----------------------------------------------------------------------===//
// Reductions
//===----------------------------------------------------------------------===//

/// The kind of a reduction along a tile by `combiner`.
static std::optional<ReduceKind> getKind(Operation *combiner) {
  return llvm::TypeSwitch<Operation *, std::optional<ReduceKind>>(combiner)
      .Case<arith::AddFOp, arith::AddIOp>([](auto) { return ReduceKind::Add; })
      .Case<arith::MaxNumFOp, arith::MaximumFOp, arith::MaxSIOp>(
          [](auto) { return ReduceKind::Max; })
      .Case<arith::MinNumFOp, arith::MinimumFOp, arith::MinSIOp>(
          [](auto) { return ReduceKind::Min; })
      .Default([](Operation *) { return std::nullopt; });
}

bool moa::isAnyOrder(Operation *combiner) {
  // Lanes exchange words of 32 bits.
  Type type = combiner->getResult(0).getType();
  return getKind(combiner) && type.isIntOrFloat() &&
         type.getIntOrFloatBitWidth() <= 32;
}

/// `tile`, of which an op in f32 and i32 is computed, in its own type.
static Value narrow(TileBuilder &b, Value tile, Type element) {
  if (isa<FloatType>(element))
    return b.convert(tile, element);
  auto type = cast<RankedTensorType>(tile.getType());
  if (type.getElementType() == element)
    return tile;
  return arith::TruncIOp::create(b, type.clone(element), tile);
}

static Value widen(TileBuilder &b, Value tile) {
  auto type = cast<RankedTensorType>(tile.getType());
  if (isa<FloatType>(type.getElementType()))
    return b.convert(tile, b.getF32Type());
  if (type.getElementType() == b.getI32Type())
    return tile;
  return arith::ExtSIOp::create(b, type.clone(b.getI32Type()), tile);
}

/// `tile`, each element of which has reduced some, as one column or row.
Value GenericKernel::reduceTile(Operation *combiner, Value tile) {
  Type element = getElementTypeOrSelf(tile);
  int64_t dim = spec.reducesColumns() ? 1 : 0;
  Value wide = widen(b, tile);
  Value result = b.reduce(*getKind(combiner), wide, dim);
  if (isa<arith::MaximumFOp, arith::MinimumFOp>(combiner)) {
    // To the reduction of a tile, any number beats a NaN.
    Value isNaN = b.compare(FPredicate::UNO, wide, wide);
    Value ones = b.select(isNaN, b.like(wide, 1), b.like(wide, 0));
    Value count = b.reduce(ReduceKind::Add, ones, dim);
    result = b.select(b.compare(FPredicate::OGT, count, 0.0),
                      b.like(result, std::numeric_limits<double>::quiet_NaN()),
                      result);
  }
  return narrow(b, result, element);
}

/// What the dimensions from `dim` on make of what was reduced `before`.
SmallVector<Value> GenericKernel::reduceFrom(unsigned dim, ValueRange before) {
  if (dim == spec.getRank())
    return repeatBody(before);
  int64_t count = 1;
  if (isColumn(dim))
    count = spec.columns;
  else if (isReducedRow(dim))
    count = spec.rows;
  auto step = [&](Value index, ValueRange before) -> SmallVector<Value> {
    if (count == 1) {
      coordinates[dim] = b.toI32(index);
      return reduceFrom(dim + 1, before);
    }
    Value positions;
    if (isColumn(dim)) {
      firstColumn = index;
      positions = b.positions(1, count, index);
    } else {
      positions = coordinates[dim] = b.positions(count, 1, index);
    }
    SmallVector<Value> after = reduceFrom(dim + 1, before);
    int64_t size = spec.sizes[dim];
    if (!ShapedType::isDynamic(size) && size % count == 0)
      return after;
    Value exists = b.compare(IPredicate::slt, positions, b.toI32(sizes[dim]));
    for (auto [value, old] : llvm::zip(after, before))
      value = b.select(exists, value, old);
    return after;
  };
  return b.loop(b.index(0), sizes[dim], count, before, /*stages=*/1, step)
      .getResults();
}

SmallVector<Value> GenericKernel::createNeutrals() {
  return llvm::map_to_vector(spec.combiners, [&](Operation *op) -> Value {
    TypedAttr neutral = *arith::getNeutralElement(op);
    return arith::ConstantOp::create(
        b, DenseElementsAttr::get(toTile(neutral.getType()), neutral));
  });
}

/// What there is to store after all loops.
SmallVector<Value> GenericKernel::reduce() {
  SmallVector<Value> results;
  if (!spec.column) {
    for (unsigned number : llvm::seq(outputs.size()))
      results.push_back(fill(loadOutput(number)));
    return reduceFrom(spec.getNumParallel(), results);
  }
  results = reduceFrom(spec.getNumParallel(), createNeutrals());
  for (auto [number, combiner] : llvm::enumerate(spec.combiners)) {
    Value reduced = reduceTile(combiner, results[number]);
    Value before = loadOutput(number);
    auto type = cast<RankedTensorType>(reduced.getType());
    if (before.getType() != type)
      before = tile::BroadcastOp::create(b, type, before);
    results[number] =
        b.create(combiner->getLoc(), combiner->getName().getIdentifier(),
                 {before, reduced}, type, combiner->getAttrs())
            ->getResult(0);
  }
  return results;
}

gpu::GPUFuncOp GenericKernel::build(gpu::GPUModuleOp module, StringRef name) {
  gpu::GPUFuncOp kernel =
      b.createKernel(module, name, getArgumentTypes(), spec.warps);
  readArguments(kernel);
  findRows();
  loadInputs(/*ofLoops=*/false);
  SmallVector<Value> results, before;
  if (spec.numReductions > 0) {
    results = reduce();
  } else {
    auto arguments = spec.body->getArguments().drop_front(inputs.size());
    for (auto [number, argument] : llvm::enumerate(arguments))
      before.push_back(argument.use_empty() ? Value() : loadOutput(number));
    results = repeatBody(before);
  }
  SmallVector<Value> indices = {firstRow};
  if (spec.column && !spec.reducesColumns())
    indices.push_back(firstColumn);
  for (auto [result, output] : llvm::zip(results, outputs))
    b.store(result, output, indices);
  return kernel;
}

void moa::chooseGenericTiles(GenericSpec &spec) {
  constexpr int64_t kElements = 2048, kWarps = 4, kWarpColumns = 8;
  if (!spec.column) {
    // Where a row takes long, more blocks have fewer.
    spec.rows = spec.numReductions > 0 ? 64 : 256;
    spec.columns = 1;
    spec.warps = {kWarps, 1};
    return;
  }
  // A result that is a single number is made of one row.
  bool isSingle = spec.getNumParallel() == 0;
  int64_t most = isSingle ? 512 : 128;
  int64_t columns = spec.sizes[*spec.column];
  spec.columns = most;
  if (!ShapedType::isDynamic(columns))
    spec.columns =
        std::clamp<int64_t>(llvm::alignTo(columns, kWarps * kWarpColumns),
                            kWarps * kWarpColumns, most);
  spec.rows = isSingle ? 1 : kElements / spec.columns / 16 * 16;
  // A block's row takes long, and its tile is reduced within each warp.
  if (spec.reducesRows())
    spec.rows *= 2;
}

gpu::GPUFuncOp moa::buildGenericKernel(TileBuilder &b, gpu::GPUModuleOp module,
                                       StringRef name,
                                       const GenericSpec &spec) {
  return GenericKernel(b, spec).build(module, name);
}

gpu::GPUFuncOp moa::buildFillKernel(TileBuilder &b, gpu::GPUModuleOp module,
                                    StringRef name, const FillSpec &spec) {
  SmallVector<Type> types;
  if (!spec.number)
    types.push_back(spec.memory.getElementType());
  types.push_back(spec.memory);
  gpu::GPUFuncOp kernel = b.createKernel(module, name, types, spec.warps);
  Value memory = kernel.getArguments().back();
  auto [rowTile, columnTile] = findTile(b, b.blockId(gpu::Dimension::x),
                                        b.size(memory, 1), spec.columns);
  Value row = b.mul(rowTile, double(spec.rows));
  Value column = b.mul(columnTile, double(spec.columns));
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
