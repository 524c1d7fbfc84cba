//===- AttentionRows.h - The rows of an attention on a CPU ------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The queries that read one key/value head of one batch entry are rows of one
// matrix, token by token: the slots of a token and the heads that share a key
// head are neighbours, so that a tile of rows reads keys and values once for
// all of them. The keys that rows see rise with the row.
//
//===----------------------------------------------------------------------===//

#ifndef MOA_CONVERSION_MOATOVECTOR_ATTENTIONROWS_H
#define MOA_CONVERSION_MOATOVECTOR_ATTENTIONROWS_H

#include "moa/Conversion/MoaToVector.h"

namespace moa {

/// A range of keys, [begin, end).
struct KeyRange {
  mlir::Value begin, end;
};

/// What a row stands for: a query of a token, by its batch entry and head.
struct QueryRow {
  mlir::Value batch, token, head;
};

/// Keys or values [B,S,Hkv,d]: `front`, and behind its rows, in dimension 1,
/// those of `back`, which may be null.
struct KeyBuffers {
  mlir::Value front, back;
};

/// The operands of a moa.attention as buffers, and its sizes.
class AttentionRows {
public:
  AttentionRows(mlir::ImplicitLocOpBuilder &b, AttentionOp op,
                const CpuTarget &target);

  /// The query of `row` among those of `keyHead`.
  QueryRow findRow(mlir::ImplicitLocOpBuilder &b, mlir::Value batch,
                   mlir::Value keyHead, mlir::Value row);
  mlir::Value findToken(mlir::ImplicitLocOpBuilder &b, mlir::Value row);

  /// The keys that causal mask, window and length leave to a token.
  KeyRange findVisibleKeys(mlir::ImplicitLocOpBuilder &b, mlir::Value batch,
                           mlir::Value token);
  /// Whether other masks may hide a key within that range.
  bool hasDenseMask() { return booleanMask || additiveMask; }
  /// The scores of one vector of keys from `key` on: with the additive mask,
  /// and -inf where a key is hidden from the token.
  mlir::Value maskScores(mlir::ImplicitLocOpBuilder &b, mlir::Value scores,
                         mlir::Value batch, mlir::Value token,
                         const KeyRange &visible, mlir::Value key);

  /// The vector of channels from `channel` on of a key or value.
  mlir::Value loadKey(mlir::ImplicitLocOpBuilder &b, const KeyBuffers &buffers,
                      mlir::Value batch, mlir::Value key, mlir::Value head,
                      mlir::Value channel, mlir::Value mask);
  /// Fetch the keys of `range`, and their values, of `headCount` heads from
  /// `firstHead` on.
  void fetchKeys(mlir::ImplicitLocOpBuilder &b, mlir::Value batch,
                 const KeyRange &range, mlir::Value firstHead,
                 mlir::Value headCount);

  AttentionOp op;
  mlir::VectorType vectorType;
  int64_t lanes;
  /// [B,T,Q,d].
  mlir::Value query;
  KeyBuffers key, value;
  /// B, T, Q, S, d, Hkv; the rows of a key head: for a token, and for all.
  mlir::Value batches, tokens, heads, keys, width, keyHeads;
  mlir::Value rowsPerToken, rows;
  /// The factor on scores, in every lane.
  mlir::Value scale;

private:
  void readKeys(mlir::ImplicitLocOpBuilder &b);
  mlir::Value createScale(mlir::ImplicitLocOpBuilder &b);

  /// Query heads of a slot, and how many of them share a key head.
  mlir::Value slotHeads, sharing;
  /// Null where there is none; the boolean mask as bytes.
  mlir::Value lengths, booleanMask, additiveMask;
  mlir::Value position;
  /// The rows of the front buffers where there are two.
  mlir::Value frontKeys;
};

} // namespace moa

#endif // MOA_CONVERSION_MOATOVECTOR_ATTENTIONROWS_H
