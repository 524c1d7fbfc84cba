//===- Tile.h - The moa_tile dialect ----------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What one thread block does with tiles: the dialect, its types and operations.
//
//===----------------------------------------------------------------------===//

#ifndef MOA_TILE_IR_TILE_H
#define MOA_TILE_IR_TILE_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "moa/Tile/IR/TileDialect.h.inc"

#include "moa/Tile/IR/TileEnums.h.inc"

#define GET_TYPEDEF_CLASSES
#include "moa/Tile/IR/TileTypes.h.inc"

#define GET_OP_CLASSES
#include "moa/Tile/IR/TileOps.h.inc"

#endif // MOA_TILE_IR_TILE_H
