//===- AttentionKernel.h - The parts of attention kernels -------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What kernels share that attend: rows of queries against the keys that a mask
// shows them. They differ in where rows and their queries come from.
//
//===----------------------------------------------------------------------===//

#ifndef MOA_LIB_KERNELS_ATTENTIONKERNEL_H
#define MOA_LIB_KERNELS_ATTENTIONKERNEL_H

#include "moa/Kernels/Attention.h"

namespace moa {

/// The parts of one attention kernel. Scores are in units of log 2, so that
/// their exponential is one instruction on every target.
class AttentionKernel {
public:
  AttentionKernel(TileBuilder &b, const AttentionSpec &spec);

protected:
  using Value = mlir::Value;
  using State = llvm::SmallVector<Value>;

  /// Set `keys`, `values` and the range of keys that rows of the tokens from
  /// `firstToken` to `endToken` of `batch` can see.
  void findKeys();
  /// Keep the block's share where the keys are split.
  void takeSplit();
  /// The first `rows` rows [s,d] of the block's head in `memory`.
  Value viewHead(Value memory, Value rows);
  /// Sum, maximum and total of rows that have seen no key; for stick-breaking,
  /// the sum and what is left.
  State createState();
  /// Take the rows through the keys.
  State visitKeys(Value query, mlir::ValueRange state);
  /// The results of rows, and their log-sum-exp if it is asked for, from what
  /// they have collected.
  struct Results {
    Value rows, lse;
  };
  Results normalize(mlir::ValueRange state);
  /// Store what the rows have collected.
  void finish(mlir::ValueRange state);

  /// By which a maximum is multiplied to be an exponent of 2.
  double getExponentFactor() const;
  double getLeastMaximum() const;
  /// The total of each row, [rows,1].
  Value getTotal(mlir::ValueRange state);

  TileBuilder &b;
  const AttentionSpec &spec;
  /// Head width, padded to what a product of tiles takes.
  int64_t width;

  Value key, value, position, lengths, booleanMask, additiveMask, out, lse;
  /// The block's batch entry, key/value head, and, where keys are split, part.
  Value batch, keyHead, split;
  /// The first token of the rows, and the one behind the last, as indices.
  Value firstToken, endToken;
  /// For each row: its token, the row of memory that it is in (-1: none), and
  /// its position in the sequence of keys.
  Value tokens, rowIndex, rowPositions;
  /// Whether the rows are the tokens of one head, one by one: they then have
  /// even distances in memory, and need no address each.
  bool rowsAreTokens = false;
  /// Rows that belong to `batch`, and whether all do; null where they do.
  Value inBatch, allInBatch;

private:
  State attend(Value query, mlir::ValueRange state);
  State addTile(Value scores, Value values, mlir::ValueRange carried,
                Value terms = {});
  State breakSticks(Value query, mlir::ValueRange state);
  Value loadTile(Value memory, Value firstKey);
  Value createScores(Value query, Value keyTile, Value firstKey);
  Value getLimit();
  State visitTile(Value firstKey, mlir::TypeRange types,
                  TileBuilder::BranchBody full,
                  TileBuilder::BranchBody partial);
  Value isVisible(Value firstKey);
  int64_t getTotalColumns() const;

  /// Keys from `begin` to `end` are visited; of those from `fullBegin` to
  /// `fullEnd` no causal mask, window or length hides one from a row.
  Value begin, end, fullBegin, fullEnd;
  /// The rows of the block's keys and values.
  Value keys, values;
};

} // namespace moa

#endif // MOA_LIB_KERNELS_ATTENTIONKERNEL_H
