//===- KeyPanels.cpp - Keys and values in panels --------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "KeyPanels.h"

#include "Buffers.h"
#include "VectorBuilders.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "moa/Utils/LinalgBuilders.h"
#include "moa/Utils/LoopBuilders.h"

using namespace mlir;

namespace moa {

/// Transpose the keys from `first` on into panel number `panel`, in squares.
static void packPanel(ImplicitLocOpBuilder &b, AttentionRows &rows,
                      const KeyPanels &panels, Value batch, Value head,
                      Value panel, Value first) {
  Value last = addIndex(b, rows.keys, -1);
  auto packSquare = [&](ImplicitLocOpBuilder &b, Value channel, Value mask,
                        int64_t offset) {
    SmallVector<Value> square;
    for (int64_t i = 0; i < rows.lanes; ++i) {
      Value key = minIndex(b, addIndex(b, first, offset + i), last);
      square.push_back(
          rows.loadKey(b, rows.key, batch, key, head, channel, mask));
    }
    for (auto [i, vector] : llvm::enumerate(transpose(b, square)))
      storeVector(
          b, vector, panels.keys,
          {batch, head, panel, addIndex(b, channel, i), createIndex(b, offset)},
          Value());
  };
  forEach(b, createIndex(b, 0), rows.width, rows.lanes,
          [&](ImplicitLocOpBuilder &b, Value channel) {
            Value mask = createMask(b, rows.vectorType,
                                    subIndex(b, rows.width, channel));
            for (int64_t offset = 0; offset < panels.width;
                 offset += rows.lanes)
              packSquare(b, channel, mask, offset);
          });
}

/// Copy the values of keys `first` to `end`.
static void packValues(ImplicitLocOpBuilder &b, AttentionRows &rows,
                       const KeyPanels &panels, Value batch, Value head,
                       Value first, Value end) {
  Value zero = createIndex(b, 0);
  auto copyVector = [&](ImplicitLocOpBuilder &b, Value panel, Value key,
                        Value channel, int64_t offset) {
    Value column = addIndex(b, channel, offset);
    Value mask =
        createMask(b, rows.vectorType, subIndex(b, rows.width, column));
    Value vector = rows.loadKey(b, rows.value, batch, key, head, column, mask);
    storeVector(b, vector, panels.values,
                {batch, head, panel, key, createIndex(b, offset)}, Value());
  };
  forEach(b, first, end, 1, [&](ImplicitLocOpBuilder &b, Value key) {
    forEach(
        b, zero, rows.width, panels.width,
        [&](ImplicitLocOpBuilder &b, Value channel) {
          Value panel =
              arith::DivUIOp::create(b, channel, createIndex(b, panels.width));
          for (int64_t offset = 0; offset < panels.width; offset += rows.lanes)
            copyVector(b, panel, key, channel, offset);
        });
  });
}

KeyPanels packKeys(ImplicitLocOpBuilder &b, AttentionRows &rows,
                   int64_t vectors) {
  SmallVector<OpFoldResult> sizes = getSizes(b, rows.op.getKey());
  OpFoldResult batches = sizes[0], keys = sizes[1], heads = sizes[2];
  KeyPanels panels;
  panels.width = vectors * rows.lanes;
  OpFoldResult width = b.getIndexAttr(panels.width);
  OpFoldResult count = countTiles(b, keys, panels.width);
  // Squares of channels are stored whole.
  panels.keys = createScratch(
      b, {batches, heads, count, roundUp(b, sizes[3], rows.lanes), width},
      rows.vectorType.getElementType());
  panels.values = createScratch(
      b, {batches, heads, countTiles(b, sizes[3], panels.width), keys, width},
      rows.vectorType.getElementType());
  forEachTask(b, {batches, heads, count},
              [&](ImplicitLocOpBuilder &b, ValueRange task) {
                Value first = arith::MulIOp::create(
                    b, task[2], createIndex(b, panels.width));
                Value end =
                    minIndex(b, addIndex(b, first, panels.width), rows.keys);
                packPanel(b, rows, panels, task[0], task[1], task[2], first);
                packValues(b, rows, panels, task[0], task[1], first, end);
              });
  return panels;
}

} // namespace moa
