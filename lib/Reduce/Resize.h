//===- Resize.h - Other sizes for a function's tensors ----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_LIB_REDUCE_RESIZE_H
#define MOA_LIB_REDUCE_RESIZE_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "moa/IR/Moa.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/StringMap.h"

namespace moa {

/// Gives dimensions other sizes, and with them all that have to match. Ops know
/// what has to: they list it for their verifier. What they do not list keeps
/// its size, and the verifier finds what is at odds then.
class Resizer {
public:
  /// Which dimensions get sizes.
  enum class Scope {
    /// Those that have one.
    Static,
    /// Dynamic ones as well.
    All,
  };

  explicit Resizer(mlir::func::FuncOp function, Scope scope = Scope::Static)
      : function(function), scope(scope) {}

  /// Give a dimension another size, before `apply`. One that is not in the
  /// scope stays as it is.
  void set(mlir::Value value, unsigned dim, int64_t size);

  /// Give symbols of what `op` lists these numbers, before `apply`.
  void resize(SizedOpInterface op, const llvm::StringMap<int64_t> &numbers);

  /// Follow what was resized through the function. False where a size would
  /// have to be two numbers; the function is of no use then.
  bool apply();

private:
  void setSymbol(const SizeList &list, llvm::StringRef symbol, int64_t number);
  bool isSettled(const Size &size) const;
  void followList(SizedOpInterface op);
  void followElementwise(mlir::Operation *op);
  void followResults(mlir::Operation *op);

  mlir::func::FuncOp function;
  Scope scope;
  /// Each is set once: this is why `apply` ends.
  llvm::DenseSet<std::pair<mlir::Value, unsigned>> settled;
  bool consistent = true;
};

} // namespace moa

#endif // MOA_LIB_REDUCE_RESIZE_H
