//===- RotaryRows.cpp - The kernel of rotary positions --------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "moa/Kernels/RotaryRows.h"

#include "Arguments.h"

using namespace mlir;
using namespace moa;
using IPredicate = arith::CmpIPredicate;

gpu::GPUFuncOp moa::buildRotaryKernel(TileBuilder &b, gpu::GPUModuleOp module,
                                      StringRef name,
                                      const RotaryRowsSpec &spec) {
  Type index = b.getIndexType(), f32 = b.getF32Type();
  Type positionType = spec.hasPosition ? index : Type();
  gpu::GPUFuncOp kernel = b.createKernel(
      module, name,
      presentTypes({spec.input, index, positionType, spec.result}), spec.warps);
  Arguments arguments(kernel.getArguments());
  Value input = arguments.next(spec.input), length = arguments.next(index);
  Value position = arguments.next(positionType);
  Value result = arguments.next(spec.result);

  int64_t piece = RotaryRowsSpec::getPiece(spec.rotary, spec.headWidth);
  int64_t pieces = spec.headWidth / piece, pairs = spec.countPairs();
  Value head = b.positions(
      spec.rows, 1, b.mul(b.blockId(gpu::Dimension::x), double(spec.rows)));
  Value unit = b.blockId(gpu::Dimension::y);
  Value column = b.mul(b.blockId(gpu::Dimension::z), double(spec.columns));
  // Pieces behind the last head are outside of the memory.
  auto rowsOf = [&](Value number) {
    return b.add(b.mul(head, double(pieces)), number);
  };
  auto load = [&](Value number) {
    return b.gather(input, column, rowsOf(number), spec.columns);
  };
  auto store = [&](Value tile, Value number) {
    b.scatter(b.convert(tile, spec.result.getElementType()), result, column,
              rowsOf(number));
  };
  auto rotatePair = [&]() -> SmallVector<Value> {
    Value positions = b.rem(b.div(head, double(spec.headsPerPosition)), length);
    if (position)
      positions = b.add(positions, position);
    Value first = b.add(b.mul(unit, double(piece)), column);
    RotaryAngles angles =
        createRotaryAngles(b, positions, spec.rotary, spec.columns, first);
    Value partner = b.add(unit, double(pairs));
    Value low = b.convert(load(unit), f32),
          high = b.convert(load(partner), f32);
    store(b.sub(b.mul(low, angles.cosine), b.mul(high, angles.sine)), unit);
    store(b.add(b.mul(high, angles.cosine), b.mul(low, angles.sine)), partner);
    return {};
  };
  if (spec.countCopied() == 0) {
    rotatePair();
    return kernel;
  }
  Value isPair = b.compare(IPredicate::slt, unit, double(pairs));
  b.branch(isPair, rotatePair);
  b.branch(b.compare(IPredicate::sge, unit, double(pairs)),
           [&]() -> SmallVector<Value> {
             Value copied = b.add(unit, double(pairs));
             store(load(copied), copied);
             return {};
           });
  return kernel;
}
