// A product without a kernel of products is computed, and a remark says how.
// RUN: moa-opt %s --convert-moa-to-tile --remarks-filter=convert-moa-to-tile \
// RUN:   --remark-format=emitRemark -o %t 2>&1 | FileCheck %s --implicit-check-not=remark
// CHECK: missed_products.mlir:[[#@LINE+4]]:{{.*}}no kernel of products for this one
// RUN: FileCheck %s --check-prefix=KERNEL --input-file=%t
// KERNEL: moa_tile.launch @kernels::@reduce
func.func @bf16(%a: tensor<4x8xbf16>, %b: tensor<8x8xbf16>, %init: tensor<4x8xbf16>) -> tensor<4x8xbf16> {
  %0 = linalg.matmul ins(%a, %b : tensor<4x8xbf16>, tensor<8x8xbf16>)
      outs(%init : tensor<4x8xbf16>) -> tensor<4x8xbf16>
  return %0 : tensor<4x8xbf16>
}
