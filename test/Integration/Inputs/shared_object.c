//===- shared_object.c - A C program that calls a compiled layer ----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One expert with one head, all of width 1, and weights of 1: the layer is then
// attention of x over itself.
//
//===----------------------------------------------------------------------===//

#include <stdint.h>
#include <stdio.h>

#define MEMREF(RANK)                                                           \
  struct {                                                                     \
    float *allocated, *aligned;                                                \
    int64_t offset, sizes[RANK], strides[RANK];                                \
  }
typedef MEMREF(2) Matrix;
typedef MEMREF(3) Rows;

void _mlir_ciface_layer(Rows *y, Rows *x, Matrix *router, Rows *wq, Matrix *wk,
                        Matrix *wv, Rows *wo);

int main(void) {
  float one = 1, values[] = {1, 2};
  Rows x = {values, values, 0, {1, 2, 1}, {2, 1, 1}};
  Rows weights = {&one, &one, 0, {1, 1, 1}, {1, 1, 1}};
  Matrix weight = {&one, &one, 0, {1, 1}, {1, 1}};
  Rows y;
  _mlir_ciface_layer(&y, &x, &weight, &weights, &weight, &weight, &weights);
  for (int64_t t = 0; t < y.sizes[1]; ++t)
    printf("y[%d] = %.4f\n", (int)t, y.aligned[y.offset + t * y.strides[1]]);
  return 0;
}
