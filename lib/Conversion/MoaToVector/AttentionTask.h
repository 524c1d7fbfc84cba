//===- AttentionTask.h - Rows of an attention over keys ---------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A task is a block of query rows that read one key head, and a range of keys.
// It visits the keys in blocks with an online softmax: for each row it keeps
// the maximum so far, the sum of the numerators (a part in each lane), and the
// values weighted by them.
//
//===----------------------------------------------------------------------===//

#ifndef MOA_CONVERSION_MOATOVECTOR_ATTENTIONTASK_H
#define MOA_CONVERSION_MOATOVECTOR_ATTENTIONTASK_H

#include "AttentionRows.h"
#include "KeyPanels.h"
#include <optional>

namespace moa {

/// How the rows of a task are computed.
struct TaskForm {
  /// Rows of a task, and of the tile that goes through the keys at a time.
  int64_t rows, tileRows;
  /// Registers of columns of a tile.
  int64_t vectors;
  /// The keys that all rows visit before the next: a divisor of kBlockKeys.
  int64_t blockKeys;
  /// What many rows read. Few rows read keys and values where they lie.
  std::optional<KeyPanels> panels;
  /// Key heads of a task whose rows are few: of a key they lie side by side.
  int64_t heads = 1;
};

/// What a task computes: rows of one entry of the batch.
struct TaskRows {
  mlir::Value batch;
  /// The key heads, and the rows of each.
  mlir::Value firstHead, headCount, firstRow, rowCount;
};

class AttentionTask {
public:
  AttentionTask(mlir::ImplicitLocOpBuilder &b, AttentionRows &rows,
                const TaskForm &form, const TaskRows &task);

  /// The most keys of a block.
  static constexpr int64_t kBlockKeys = 128;

  /// Go through the keys of `range`, which begins at a multiple of kBlockKeys.
  void visitKeys(mlir::ImplicitLocOpBuilder &b, const KeyRange &range);

  /// Build code for each row from its state: the maximum, the sum of the
  /// numerators, and a function that reads a vector of weighted values.
  using ValueReader = llvm::function_ref<mlir::Value(
      mlir::ImplicitLocOpBuilder &, mlir::Value column)>;
  void finishRows(
      mlir::ImplicitLocOpBuilder &b,
      llvm::function_ref<void(mlir::ImplicitLocOpBuilder &, const QueryRow &,
                              mlir::Value max, mlir::Value total, ValueReader)>
          finish);

private:
  void start(mlir::ImplicitLocOpBuilder &b);
  void visitTile(mlir::ImplicitLocOpBuilder &b, mlir::Value tile,
                 const KeyRange &block);
  void fetchShare(mlir::ImplicitLocOpBuilder &b, mlir::Value row,
                  mlir::Value next);
  void multiplyPanels(mlir::ImplicitLocOpBuilder &b, mlir::Value tile,
                      mlir::Value key, mlir::Value column);
  void multiplyKeys(mlir::ImplicitLocOpBuilder &b, mlir::Value row,
                    mlir::Value key, mlir::Value column);
  void maskRow(mlir::ImplicitLocOpBuilder &b, mlir::Value row,
               mlir::Value inTile, const KeyRange &range,
               mlir::Value blockBegin);
  void updateMax(mlir::ImplicitLocOpBuilder &b, mlir::Value row,
                 mlir::Value inTile, mlir::Value begin, mlir::Value end);
  void updateTotal(mlir::ImplicitLocOpBuilder &b, mlir::Value row,
                   mlir::Value inTile, mlir::Value begin, mlir::Value end);
  void updateRows(mlir::ImplicitLocOpBuilder &b, mlir::Value tile,
                  mlir::Value rowCount, mlir::Value begin, mlir::Value end);
  void addValues(mlir::ImplicitLocOpBuilder &b, mlir::Value tile,
                 const KeyRange &range, mlir::Value blockBegin);
  /// Rows of a task are numbered head by head.
  mlir::Value findHead(mlir::ImplicitLocOpBuilder &b, mlir::Value row);
  mlir::Value findInHead(mlir::ImplicitLocOpBuilder &b, mlir::Value row);
  mlir::Value findToken(mlir::ImplicitLocOpBuilder &b, mlir::Value row);
  /// A number for each row of a tile and more, for a whole register.
  mlir::VectorType getTileType() const {
    int64_t count = llvm::PowerOf2Ceil(form.tileRows);
    return mlir::VectorType::get({count}, vectorType.getElementType());
  }
  /// The columns of a tile.
  int64_t getWidth() const { return form.vectors * rows.lanes; }
  /// The keys whose scores are computed at a time.
  int64_t getStep() const { return form.panels ? getWidth() : rows.lanes; }

  AttentionRows &rows;
  const TaskForm &form;
  mlir::VectorType vectorType;
  TaskRows task;
  /// All rows of the task.
  mlir::Value count;
  /// [rows, d]: the queries times the scale, and the weighted values; both with
  /// columns up to the next multiple of a vector and of a tile.
  mlir::Value queries, sums;
  /// [rows]: the maximum so far; [rows, lanes]: the sum of the numerators.
  mlir::Value max, total;
  /// [tile rows, keys of a block]: scores, then numerators; a number for each
  /// row of a tile: what earlier sums are multiplied by for the new maximum,
  /// and what is subtracted from scores for it.
  mlir::Value scores, decay, subtrahend;
};

} // namespace moa

#endif // MOA_CONVERSION_MOATOVECTOR_ATTENTIONTASK_H
