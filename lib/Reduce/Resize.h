//===- Resize.h - Other sizes for the tensors of a module -------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_LIB_REDUCE_RESIZE_H
#define MOA_LIB_REDUCE_RESIZE_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "moa/IR/Moa.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/StringMap.h"

namespace moa {

/// The static numbers that the symbols of `list` stand for.
llvm::StringMap<int64_t> getNumbers(const SizeList &list);

/// Gives dimensions other sizes, and with them all that have to match. Ops know
/// what has to: they list it for their verifier. What they do not list keeps
/// its size, and the verifier finds what is at odds then. Where the list of an
/// op changes, by an attribute or by a size that others are multiples of, what
/// its symbols stand for stays as it was when the resizer was made.
class Resizer {
public:
  /// Which dimensions get sizes.
  enum class Scope {
    /// Those that have one.
    Static,
    /// Dynamic ones as well.
    All,
  };

  explicit Resizer(mlir::ModuleOp module, Scope scope = Scope::Static);

  /// Give a dimension another size, before `apply`. One that is not in the
  /// scope stays as it is.
  void set(mlir::Value value, unsigned dim, int64_t size);

  /// Give a symbol of what `op` lists this number, before `apply`.
  void setSymbol(SizedOpInterface op, llvm::StringRef symbol, int64_t number);

  /// Follow what was resized through the functions and their calls. False where
  /// a size would have to be two numbers; the module is of no use then.
  bool apply();

private:
  /// What an op listed at first.
  struct Original {
    SizeList list;
    llvm::StringMap<int64_t> numbers;
  };

  void setSymbol(const SizeList &list, llvm::StringRef symbol, int64_t number);
  bool isSettled(const Size &size) const;
  void keepNumbers(const SizeList &list, const Original &original);
  void followList(SizedOpInterface op);
  void makeEqual(mlir::ValueRange values);
  void followElementwise(mlir::Operation *op);
  void followCall(mlir::func::CallOp call);
  void followResults(mlir::Operation *op);

  mlir::ModuleOp module;
  Scope scope;
  llvm::DenseMap<mlir::Operation *, Original> originals;
  /// Each is set once: this is why `apply` ends.
  llvm::DenseSet<std::pair<mlir::Value, unsigned>> settled;
  bool consistent = true;
};

} // namespace moa

#endif // MOA_LIB_REDUCE_RESIZE_H
