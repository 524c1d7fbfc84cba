// RUN: moa-opt %s | moa-opt | FileCheck %s
// RUN: moa-opt %s -emit-bytecode | moa-opt | FileCheck %s

// A swizzle of 1 is not printed.
// CHECK: func.func private @types(!moa_tile.buffer<128x32xbf16, swizzle = 4>, !moa_tile.buffer<4x16x8xf16>, !moa_tile.buffer<1x1xi32>, !moa_tile.buffer<2x16xf32, swizzle = 2>)
func.func private @types(!moa_tile.buffer<128x32xbf16, swizzle = 4>,
    !moa_tile.buffer<4x16x8xf16, swizzle = 1>, !moa_tile.buffer<1x1xi32>,
    !moa_tile.buffer<2x16xf32, swizzle = 2>)
