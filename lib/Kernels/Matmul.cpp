//===- Matmul.cpp - Products of all rows ----------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Arguments.h"
#include "Product.h"

using namespace mlir;
using namespace moa;
using IPredicate = arith::CmpIPredicate;

/// `rows` below `count`; -1 for the others.
static Value boundRows(TileBuilder &b, Value rows, Value count) {
  return b.select(b.compare(IPredicate::slt, rows, count), rows,
                  b.like(rows, -1));
}

static Value createPositions(TileBuilder &b, Value rows, Value length,
                             Value position) {
  Value positions = b.rem(rows, length);
  return position ? b.add(positions, position) : positions;
}

//===----------------------------------------------------------------------===//
// One or two weights
//===----------------------------------------------------------------------===//

gpu::GPUFuncOp moa::buildMatmulKernel(TileBuilder &b, gpu::GPUModuleOp module,
                                      StringRef name, const MatmulSpec &spec) {
  Type index = b.getIndexType(), none;
  Type length = spec.rotary ? index : none;
  Type position = spec.hasPosition ? index : none;
  gpu::GPUFuncOp kernel = b.createKernel(
      module, name,
      presentTypes({spec.input, spec.weights, spec.secondWeights, spec.init,
                    length, position, spec.result, spec.secondResult}),
      spec.tiles.warps);
  Arguments arguments(kernel.getArguments());
  Value input = arguments.next(spec.input);
  Value weights = arguments.next(spec.weights);
  Value secondWeights = arguments.next(spec.secondWeights);
  Value init = arguments.next(spec.init);
  Value lengthValue = arguments.next(length);
  Value positionValue = arguments.next(position);
  Value result = arguments.next(spec.result);
  Value secondResult = arguments.next(spec.secondResult);

  int64_t rows = spec.tiles.rows;
  Value first = b.mul(b.blockId(gpu::Dimension::x), double(rows));
  Value number = b.blockId(gpu::Dimension::y);
  auto multiply = [&](Value weights, Value tile, Value result,
                      const std::optional<ProductRotary> &rotary) {
    ColumnTile columns = getColumnTile(b, tile, spec.tiles, rotary);
    SmallVector<Value, 3> inits = createSums(b, rows, columns);
    const ColumnTile::Piece &piece = columns.pieces.front();
    if (init)
      inits = {b.load(init, {first, piece.begin}, rows, piece.width)};
    SmallVector<Value> sums = buildProduct(
        b,
        {[&](Value k) {
           return b.load(input, {first, k}, rows, spec.tiles.depth);
         },
         weights,
         {},
         spec.transposed,
         inits},
        columns, spec.tiles);
    Value numbers = b.positions(rows, 1, first);
    Value to = boundRows(b, numbers, b.size(input, 0));
    if (rotary)
      storeRotated(b, sums, columns, to,
                   createPositions(b, numbers, lengthValue, positionValue),
                   result, *rotary);
    else
      storeSum(b, sums.front(), columns, to, result);
  };
  if (!secondWeights) {
    multiply(weights, number, result, spec.rotary);
    return kernel;
  }
  // Tiles of the first weights come first.
  int64_t width = spec.result.getDimSize(1);
  Value firstTiles = b.index(countColumnTiles(width, spec.tiles, spec.rotary));
  b.branch(b.compare(IPredicate::slt, number, firstTiles),
           [&]() -> SmallVector<Value> {
             multiply(weights, number, result, spec.rotary);
             return {};
           });
  b.branch(b.compare(IPredicate::sge, number, firstTiles),
           [&]() -> SmallVector<Value> {
             multiply(secondWeights, b.sub(number, firstTiles), secondResult,
                      std::nullopt);
             return {};
           });
  return kernel;
}

//===----------------------------------------------------------------------===//
// The weights of all experts
//===----------------------------------------------------------------------===//

namespace {
class DenseMatmulKernel {
public:
  DenseMatmulKernel(TileBuilder &b, const DenseMatmulSpec &spec)
      : b(b), spec(spec), rows(spec.tiles.rows),
        numExperts(spec.weights.getDimSize(0)) {}

  gpu::GPUFuncOp build(gpu::GPUModuleOp module, StringRef name);

private:
  SmallVector<Value> multiplyBy(Value expert,
                                function_ref<Value(Value k)> left);
  void expand();
  void sum();

  TileBuilder &b;
  const DenseMatmulSpec &spec;
  int64_t rows, numExperts;
  Value input, weights, gates, bias, skip, residual, length, position, result;
  /// The block's first token, its tokens [rows,1], and its columns.
  Value first, tokens;
  ColumnTile columns;
};
} // namespace

/// Rows `left` of the input times the weights of `expert`.
SmallVector<Value>
DenseMatmulKernel::multiplyBy(Value expert, function_ref<Value(Value k)> left) {
  return buildProduct(
      b, {left, weights, expert, spec.transposed, createSums(b, rows, columns)},
      columns, spec.tiles);
}

/// The slot of each token and the block's expert.
void DenseMatmulKernel::expand() {
  Value expert = b.blockId(gpu::Dimension::z);
  SmallVector<Value> sums = multiplyBy(expert, [&](Value k) {
    return b.load(input, {first, k}, rows, spec.tiles.depth);
  });
  Value slots = b.add(b.mul(tokens, double(numExperts)), expert);
  Value isRow = b.compare(IPredicate::slt, tokens, b.size(input, 0));
  Value to = b.select(isRow, slots, b.like(slots, -1));
  if (spec.rotary)
    storeRotated(b, sums, columns, to,
                 createPositions(b, tokens, length, position), result,
                 *spec.rotary);
  else
    storeSum(b, sums.front(), columns, to, result);
}

/// The sum over each token's slots.
void DenseMatmulKernel::sum() {
  Type f32 = b.getF32Type();
  Value to = boundRows(b, tokens, b.size(result, 0));
  Value isRow = b.compare(IPredicate::sge, to, 0.0);
  auto addExpert = [&](Value expert, ValueRange sum) -> SmallVector<Value> {
    Value slots = b.add(b.mul(tokens, double(numExperts)), expert);
    Value from = b.select(isRow, slots, b.like(slots, -1));
    Value product = multiplyBy(expert, [&](Value k) {
      return b.gather(input, k, from, spec.tiles.depth);
    })[0];
    if (gates)
      product = b.mul(product, b.load(gates, {first, expert}, rows, 1));
    return {b.add(sum[0], product)};
  };
  Value zero = createSums(b, rows, columns)[0];
  Value sum =
      b.loop(b.index(0), b.index(numExperts), 1, zero, /*stages=*/1, addExpert)
          .getResult(0);
  auto [column, width] = columns.pieces.front();
  if (bias)
    sum = b.add(sum, b.convert(b.load(bias, column, 1, width), f32));
  if (skip)
    sum = b.select(b.load(skip, first, rows, 1), zero, sum);
  if (residual)
    sum = b.add(sum,
                b.convert(b.load(residual, {first, column}, rows, width), f32));
  storeSum(b, sum, columns, to, result);
}

gpu::GPUFuncOp DenseMatmulKernel::build(gpu::GPUModuleOp module,
                                        StringRef name) {
  Type index = b.getIndexType(), none;
  Type lengthType = spec.rotary ? index : none;
  Type positionType = spec.hasPosition ? index : none;
  gpu::GPUFuncOp kernel = b.createKernel(
      module, name,
      presentTypes({spec.input, spec.weights, spec.gates, spec.bias, spec.skip,
                    spec.residual, lengthType, positionType, spec.result}),
      spec.tiles.warps);
  Arguments arguments(kernel.getArguments());
  input = arguments.next(spec.input);
  weights = arguments.next(spec.weights);
  gates = arguments.next(spec.gates);
  bias = arguments.next(spec.bias);
  skip = arguments.next(spec.skip);
  residual = arguments.next(spec.residual);
  length = arguments.next(lengthType);
  position = arguments.next(positionType);
  result = arguments.next(spec.result);

  first = b.mul(b.blockId(gpu::Dimension::x), double(rows));
  tokens = b.positions(rows, 1, first);
  columns = getBlockColumns(b, spec.weights, spec.transposed, spec.tiles,
                            spec.rotary);
  if (spec.inputRows == RowMap::Token)
    expand();
  else
    sum();
  return kernel;
}

gpu::GPUFuncOp moa::buildDenseMatmulKernel(TileBuilder &b,
                                           gpu::GPUModuleOp module,
                                           StringRef name,
                                           const DenseMatmulSpec &spec) {
  return DenseMatmulKernel(b, spec).build(module, name);
}
