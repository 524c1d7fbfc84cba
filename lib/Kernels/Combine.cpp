//===- Combine.cpp - The kernel that sums slots ---------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "moa/Kernels/Combine.h"

#include "Arguments.h"

using namespace mlir;
using namespace moa;

gpu::GPUFuncOp moa::buildCombineKernel(TileBuilder &b, gpu::GPUModuleOp module,
                                       StringRef name,
                                       const CombineSpec &spec) {
  gpu::GPUFuncOp kernel =
      b.createKernel(module, name,
                     presentTypes({spec.slots, spec.gates, spec.bias, spec.skip,
                                   spec.residual, spec.start, spec.result}),
                     spec.warps);
  Arguments arguments(kernel.getArguments());
  Value slots = arguments.next(spec.slots);
  Value gates = arguments.next(spec.gates);
  Value bias = arguments.next(spec.bias);
  Value skip = arguments.next(spec.skip);
  Value residual = arguments.next(spec.residual);
  Value start = arguments.next(spec.start);
  Value result = arguments.next(spec.result);

  int64_t rows = spec.rows, columns = spec.columns;
  Type f32 = b.getF32Type();
  Value token = b.mul(b.blockId(gpu::Dimension::x), double(rows));
  Value column = b.mul(b.blockId(gpu::Dimension::y), double(columns));
  Value firstSlot = b.mul(b.positions(rows, 1, token), double(spec.topK));
  auto loadRows = [&](Value memory) {
    return b.convert(b.load(memory, {token, column}, rows, columns), f32);
  };

  Value zero = b.tile(rows, columns, f32, 0);
  auto addSlot = [&](Value j, ValueRange sum) -> SmallVector<Value> {
    Value row = b.gather(slots, column, b.add(firstSlot, j), columns);
    Value term = b.convert(row, f32);
    if (gates)
      term = b.mul(term, b.load(gates, {token, j}, rows, 1));
    return {b.add(sum[0], term)};
  };
  // Few slots are written out: their loads are then in flight together.
  constexpr int64_t kFewSlots = 8;
  Value sum = start ? loadRows(start) : zero;
  if (spec.topK <= kFewSlots)
    for (int64_t j = 0; j < spec.topK; ++j)
      sum = addSlot(b.index(j), sum)[0];
  else
    sum = b.loop(b.index(0), b.index(spec.topK), 1, sum, /*stages=*/1, addSlot)
              .getResult(0);
  if (bias)
    sum = b.add(sum, b.convert(b.load(bias, column, 1, columns), f32));
  if (skip)
    sum = b.select(b.load(skip, token, rows, 1), zero, sum);
  if (residual)
    sum = b.add(sum, loadRows(residual));
  b.store(b.convert(sum, spec.result.getElementType()), result,
          {token, column});
  return kernel;
}
