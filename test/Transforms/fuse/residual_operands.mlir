// Of two sums over slots, either may take the other as its residual.
// RUN: moa-opt %s --moa-fuse --canonicalize | FileCheck %s

// In a stack of layers the residual of the second is the sum of the first, which
// has other readers and a residual of its own.
// CHECK-LABEL: func.func @stack(
// CHECK: %[[Y:.*]] = moa.combine %arg0, %arg1 residual(%arg4)
// CHECK: %[[ABS:.*]] = math.absf %[[Y]]
// CHECK: moa.combine %[[ABS]], %arg2 residual(%[[Y]])
// CHECK-NOT: arith.addf
func.func @stack(%slots: tensor<66x48xf32>, %gates: tensor<66x1xf32>,
    %more: tensor<66x1xf32>, %init: tensor<66x48xf32>, %x: tensor<66x48xf32>)
    -> tensor<66x48xf32> {
  %f = moa.combine %slots, %gates into(%init)
      : (tensor<66x48xf32>, tensor<66x1xf32>, tensor<66x48xf32>)
      -> tensor<66x48xf32>
  %y = arith.addf %x, %f : tensor<66x48xf32>
  %abs = math.absf %y : tensor<66x48xf32>
  %g = moa.combine %abs, %more into(%init)
      : (tensor<66x48xf32>, tensor<66x1xf32>, tensor<66x48xf32>)
      -> tensor<66x48xf32>
  %z = arith.addf %y, %g : tensor<66x48xf32>
  return %z : tensor<66x48xf32>
}

// CHECK-LABEL: func.func @first_is_returned(
// CHECK: %[[A:.*]] = moa.combine %arg0, %arg2 into
// CHECK: %[[D:.*]] = moa.combine %arg1, %arg2 residual(%[[A]])
// CHECK: return %[[A]], %[[D]]
func.func @first_is_returned(%slots: tensor<132x48xf32>, %others: tensor<132x48xf32>,
    %gates: tensor<66x2xf32>, %init: tensor<66x48xf32>)
    -> (tensor<66x48xf32>, tensor<66x48xf32>) {
  %a = moa.combine %slots, %gates into(%init)
      : (tensor<132x48xf32>, tensor<66x2xf32>, tensor<66x48xf32>)
      -> tensor<66x48xf32>
  %c = moa.combine %others, %gates into(%init)
      : (tensor<132x48xf32>, tensor<66x2xf32>, tensor<66x48xf32>)
      -> tensor<66x48xf32>
  %d = arith.addf %a, %c : tensor<66x48xf32>
  return %a, %d : tensor<66x48xf32>, tensor<66x48xf32>
}
