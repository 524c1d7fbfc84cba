// RUN: moa-opt %s --moa-fuse --split-input-file --verify-diagnostics \
// RUN:   --remarks-filter-missed=moa-fuse --remark-format=emitRemark | FileCheck %s

// CHECK-LABEL: func.func @combine(
// CHECK: %[[R:.*]] = tensor.collapse_shape %arg4 {{\[}}[0, 1], [2]]
// CHECK: %[[Y:.*]] = moa.combine %arg0, %arg1 bias(%arg2) residual(%[[R]]) into(%arg3)
// CHECK: %[[E:.*]] = tensor.expand_shape %[[Y]]
// CHECK-NOT: arith.addf
// CHECK: return %[[E]]
func.func @combine(%slots: tensor<132x48xf32>, %gates: tensor<66x2xf32>,
    %bias: tensor<48xbf16>, %init: tensor<66x48xbf16>, %x: tensor<2x33x48xbf16>)
    -> tensor<2x33x48xbf16> {
  %c = moa.combine %slots, %gates bias(%bias) into(%init)
      : (tensor<132x48xf32>, tensor<66x2xf32>, tensor<48xbf16>, tensor<66x48xbf16>)
      -> tensor<66x48xbf16>
  %y = tensor.expand_shape %c [[0, 1], [2]] output_shape [2, 33, 48]
      : tensor<66x48xbf16> into tensor<2x33x48xbf16>
  %sum = arith.addf %x, %y : tensor<2x33x48xbf16>
  return %sum : tensor<2x33x48xbf16>
}

// The other operand may come after the sum over slots.
// CHECK-LABEL: func.func @dense(
// CHECK: %[[R:.*]] = arith.negf %arg4
// CHECK: %[[Y:.*]] = moa.dense_matmul slot(%arg0), %arg1 gates(%arg2) residual(%[[R]]) into(%arg3)
// CHECK: return %[[Y]]
func.func @dense(%o: tensor<396x16xf32>, %wo: tensor<6x16x48xf32>,
    %gates: tensor<66x6xf32>, %init: tensor<66x48xf32>, %x: tensor<66x48xf32>)
    -> tensor<66x48xf32> {
  %y = moa.dense_matmul slot(%o), %wo gates(%gates) into(%init)
      : (tensor<396x16xf32>, tensor<6x16x48xf32>, tensor<66x6xf32>,
         tensor<66x48xf32>) -> tensor<66x48xf32>
  %n = arith.negf %x : tensor<66x48xf32>
  %sum = arith.addf %y, %n : tensor<66x48xf32>
  return %sum : tensor<66x48xf32>
}

// Additions of other values are none of the pass's business.
// CHECK-LABEL: func.func @other_additions(
// CHECK-COUNT-3: arith.addf
func.func @other_additions(%x: tensor<4xf32>, %a: f32, %q: tensor<66x48xf32>,
    %wq: tensor<6x48x16xf32>, %init: tensor<396x16xf32>)
    -> (tensor<4xf32>, f32, tensor<396x16xf32>) {
  %y = arith.addf %x, %x : tensor<4xf32>
  %b = arith.addf %a, %a : f32
  %r = moa.dense_matmul token(%q), %wq into(%init)
      : (tensor<66x48xf32>, tensor<6x48x16xf32>, tensor<396x16xf32>)
      -> tensor<396x16xf32>
  %s = arith.addf %r, %init : tensor<396x16xf32>
  return %y, %b, %s : tensor<4xf32>, f32, tensor<396x16xf32>
}

// -----

// CHECK-LABEL: func.func @other_reader(
// CHECK: arith.addf
func.func @other_reader(%slots: tensor<132x48xf32>, %gates: tensor<66x2xf32>,
    %init: tensor<66x48xf32>, %x: tensor<66x48xf32>)
    -> (tensor<66x48xf32>, tensor<66x48xf32>) {
  %y = moa.combine %slots, %gates into(%init)
      : (tensor<132x48xf32>, tensor<66x2xf32>, tensor<66x48xf32>)
      -> tensor<66x48xf32>
  // expected-remark@below {{the sum over slots is also read without the residual}}
  %sum = arith.addf %y, %x : tensor<66x48xf32>
  return %sum, %y : tensor<66x48xf32>, tensor<66x48xf32>
}

// -----

// CHECK-LABEL: func.func @to_itself(
// CHECK: arith.addf
func.func @to_itself(%slots: tensor<132x48xf32>, %gates: tensor<66x2xf32>,
    %init: tensor<66x48xf32>) -> tensor<66x48xf32> {
  %y = moa.combine %slots, %gates into(%init)
      : (tensor<132x48xf32>, tensor<66x2xf32>, tensor<66x48xf32>)
      -> tensor<66x48xf32>
  // expected-remark@below {{the sum over slots is also read without the residual}}
  %sum = arith.addf %y, %y : tensor<66x48xf32>
  return %sum : tensor<66x48xf32>
}

// -----

// CHECK-LABEL: func.func @second_residual(
// CHECK: moa.combine {{.*}} residual(%arg3)
// CHECK: arith.addf
func.func @second_residual(%slots: tensor<132x48xf32>, %gates: tensor<66x2xf32>,
    %init: tensor<66x48xf32>, %x: tensor<66x48xf32>) -> tensor<66x48xf32> {
  %y = moa.combine %slots, %gates into(%init)
      : (tensor<132x48xf32>, tensor<66x2xf32>, tensor<66x48xf32>)
      -> tensor<66x48xf32>
  %sum = arith.addf %y, %x : tensor<66x48xf32>
  // expected-remark@below {{the sum over slots has a residual already}}
  %again = arith.addf %sum, %x : tensor<66x48xf32>
  return %again : tensor<66x48xf32>
}

// -----

// CHECK-LABEL: func.func @reshaped(
// CHECK: arith.addf
func.func @reshaped(%slots: tensor<132x48xf32>, %gates: tensor<66x2xf32>,
    %init: tensor<66x48xf32>, %x: tensor<3168xf32>) -> tensor<3168xf32> {
  %c = moa.combine %slots, %gates into(%init)
      : (tensor<132x48xf32>, tensor<66x2xf32>, tensor<66x48xf32>)
      -> tensor<66x48xf32>
  %y = tensor.collapse_shape %c [[0, 1]] : tensor<66x48xf32> into tensor<3168xf32>
  // expected-remark@below {{the sum over slots is reshaped to other than its tokens}}
  %sum = arith.addf %y, %x : tensor<3168xf32>
  return %sum : tensor<3168xf32>
}

// -----

// The sum would be computed once for each step of the loop.
// CHECK-LABEL: func.func @other_block(
// CHECK: moa.combine
// CHECK: scf.for
// CHECK: arith.addf
func.func @other_block(%slots: tensor<132x48xf32>, %gates: tensor<66x2xf32>,
    %init: tensor<66x48xf32>, %n: index) -> tensor<66x48xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %y = moa.combine %slots, %gates into(%init)
      : (tensor<132x48xf32>, tensor<66x2xf32>, tensor<66x48xf32>)
      -> tensor<66x48xf32>
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%x = %init) -> tensor<66x48xf32> {
    // expected-remark@below {{the sum over slots is computed in another block}}
    %sum = arith.addf %x, %y : tensor<66x48xf32>
    scf.yield %sum : tensor<66x48xf32>
  }
  return %r : tensor<66x48xf32>
}
