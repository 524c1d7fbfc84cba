//===- KeyPanels.h - Keys and values in panels ------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_CONVERSION_MOATOVECTOR_KEYPANELS_H
#define MOA_CONVERSION_MOATOVECTOR_KEYPANELS_H

#include "AttentionRows.h"

namespace moa {

/// Keys and values in the accumulator type, head by head, in panels of `width`
/// columns: what the inner loops of an attention read is contiguous and needs
/// no mask.
struct KeyPanels {
  /// [B, Hkv, S / width, d, width]: a panel is `width` keys, transposed. Keys
  /// behind the last repeat it.
  mlir::Value keys;
  /// [B, Hkv, d / width, S, width], zero behind the last column.
  mlir::Value values;
  int64_t width;
};

/// Copy the keys and values of every head, in parallel.
KeyPanels packKeys(mlir::ImplicitLocOpBuilder &b, AttentionRows &rows,
                   int64_t vectors);

} // namespace moa

#endif // MOA_CONVERSION_MOATOVECTOR_KEYPANELS_H
