//===- Buffers.h - Buffers in code on tensors -------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Kernels are written on buffers: a scatter to rows that data chooses is no
// slice that a loop on tensors could return. Bufferization, which runs later,
// sees where they read tensors, and what they return.
//
//===----------------------------------------------------------------------===//

#ifndef MOA_CONVERSION_MOATOVECTOR_BUFFERS_H
#define MOA_CONVERSION_MOATOVECTOR_BUFFERS_H

#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace moa {

/// The buffer of `tensor`, which is only read. Rows are contiguous.
mlir::Value readBuffer(mlir::ImplicitLocOpBuilder &b, mlir::Value tensor);

/// A new buffer of the sizes and type of `init`; its elements are undefined.
mlir::Value createBuffer(mlir::ImplicitLocOpBuilder &b, mlir::Value init);

/// A new buffer that a kernel computes with; its elements are undefined.
mlir::Value createScratch(mlir::ImplicitLocOpBuilder &b,
                          llvm::ArrayRef<mlir::OpFoldResult> sizes,
                          mlir::Type element);
/// `size` rounded up to a multiple of `width`.
mlir::OpFoldResult roundUp(mlir::ImplicitLocOpBuilder &b,
                           mlir::OpFoldResult size, int64_t width);

/// Fill `buffer` with the elements of `init`, or with its constant if it is a
/// fill. What is undefined in `init` stays so.
void fillBuffer(mlir::ImplicitLocOpBuilder &b, mlir::Value buffer,
                mlir::Value init);

/// The tensor of type `type` that `buffer`, made by createBuffer, holds.
mlir::Value finishBuffer(mlir::ImplicitLocOpBuilder &b, mlir::Value buffer,
                         mlir::Type type);

/// buffer[offsets][sizes] without the dimensions in `dropped`.
mlir::Value getView(mlir::ImplicitLocOpBuilder &b, mlir::Value buffer,
                    llvm::ArrayRef<mlir::OpFoldResult> offsets,
                    llvm::ArrayRef<mlir::OpFoldResult> sizes,
                    llvm::ArrayRef<unsigned> dropped);

/// The sizes of a buffer.
llvm::SmallVector<mlir::OpFoldResult>
getBufferSizes(mlir::ImplicitLocOpBuilder &b, mlir::Value buffer);

/// An element of a buffer of i32, as an index value.
mlir::Value loadIndex(mlir::ImplicitLocOpBuilder &b, mlir::Value buffer,
                      mlir::ValueRange indices);

} // namespace moa

#endif // MOA_CONVERSION_MOATOVECTOR_BUFFERS_H
