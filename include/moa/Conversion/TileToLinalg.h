//===- TileToLinalg.h - Tile kernels to upstream dialects -------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The reference lowering of the tile level: what each moa_tile op means, built
// from linalg, tensor, scf, memref and arith at the builder's insertion point.
// `convert-moa-tile-to-linalg` calls these functions.
//
//===----------------------------------------------------------------------===//

#ifndef MOA_CONVERSION_TILETOLINALG_H
#define MOA_CONVERSION_TILETOLINALG_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/PatternMatch.h"
#include "moa/Tile/IR/Tile.h"

namespace moa {

// Memory to tiles and back: loops over what lies inside of the memory. A copy
// takes the memory of its buffer.
mlir::Value lowerTileLoad(mlir::ImplicitLocOpBuilder &b, tile::LoadOp op);
mlir::Value lowerTileGather(mlir::ImplicitLocOpBuilder &b, tile::GatherOp op);
void lowerTileStore(mlir::ImplicitLocOpBuilder &b, tile::StoreOp op);
void lowerTileScatter(mlir::ImplicitLocOpBuilder &b, tile::ScatterOp op);
void lowerTileCopy(mlir::ImplicitLocOpBuilder &b, tile::CopyOp op,
                   mlir::Value buffer);

/// All of `memory`, of two dimensions, as a tile.
mlir::Value readTile(mlir::ImplicitLocOpBuilder &b, mlir::Value memory);
/// `tile` to all of `memory`.
void writeTile(mlir::ImplicitLocOpBuilder &b, mlir::Value tile,
               mlir::Value memory);

/// Blocks run one after the other: the last one is the one that counts so.
mlir::Value lowerTileArrive(mlir::ImplicitLocOpBuilder &b, tile::ArriveOp op);

// Arithmetic.
mlir::Value lowerTileMma(mlir::ImplicitLocOpBuilder &b, tile::MmaOp op);
mlir::Value lowerTileAny(mlir::ImplicitLocOpBuilder &b, tile::AnyOp op);
void lowerTileAssert(mlir::ImplicitLocOpBuilder &b, tile::AssertOp op);
mlir::Value lowerTileReduce(mlir::ImplicitLocOpBuilder &b, tile::ReduceOp op);
mlir::Value lowerTileScan(mlir::ImplicitLocOpBuilder &b, tile::ScanOp op);
mlir::Value lowerTileBroadcast(mlir::ImplicitLocOpBuilder &b,
                               tile::BroadcastOp op);
mlir::Value lowerTilePosition(mlir::ImplicitLocOpBuilder &b,
                              tile::PositionOp op);

/// One pattern for each op that computes or moves tiles.
void populateTileToLinalgPatterns(mlir::RewritePatternSet &patterns);

/// Rewrite the staged form within `function`, if it has buffers: shared memory
/// becomes memory of the function, in which buffers are views, copies are done
/// at once, and products take tiles that are read from buffers.
mlir::LogicalResult lowerStagedForm(mlir::RewriterBase &rewriter,
                                    mlir::func::FuncOp function);

/// The numbers of a block and the sizes of its grid follow a kernel's own
/// arguments: x, y and z of each.
constexpr unsigned kNumBlockArguments = 6;

/// A function, not yet in a module, that does what one block does. Its body is
/// the kernel's, which is left empty.
mlir::func::FuncOp createBlockFunction(mlir::RewriterBase &rewriter,
                                       mlir::gpu::GPUFuncOp kernel);

/// Loops over the blocks of `launch`, which has no results, that call
/// `function`.
void createBlockLoops(mlir::ImplicitLocOpBuilder &b, tile::LaunchOp launch,
                      mlir::func::FuncOp function);

} // namespace moa

#endif // MOA_CONVERSION_TILETOLINALG_H
