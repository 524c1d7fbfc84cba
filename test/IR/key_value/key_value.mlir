// RUN: moa-opt %s | moa-opt | FileCheck %s
// RUN: moa-opt %s -mlir-print-op-generic | moa-opt | FileCheck %s
// RUN: moa-opt %s -emit-bytecode | moa-opt | FileCheck %s
// RUN: moa-opt %s -mlir-print-op-generic | FileCheck %s --check-prefix=GENERIC

// CHECK-LABEL: func.func @plain(
// CHECK: %keys, %values = moa.key_value %arg0, %arg1, %arg2 into(%arg3, %arg4) : (tensor<2x33x48xf32>, tensor<48x64xf32>, tensor<48x64xf32>, tensor<2x33x4x16xf32>, tensor<2x33x4x16xf32>) -> (tensor<2x33x4x16xf32>, tensor<2x33x4x16xf32>)
// GENERIC-LABEL: sym_name = "plain"
// GENERIC: "moa.key_value"({{.*}}) : (tensor<2x33x48xf32>, tensor<48x64xf32>, tensor<48x64xf32>, tensor<2x33x4x16xf32>, tensor<2x33x4x16xf32>) -> (tensor<2x33x4x16xf32>, tensor<2x33x4x16xf32>)
func.func @plain(%input: tensor<2x33x48xf32>, %key: tensor<48x64xf32>,
    %value: tensor<48x64xf32>, %key_init: tensor<2x33x4x16xf32>,
    %value_init: tensor<2x33x4x16xf32>)
    -> (tensor<2x33x4x16xf32>, tensor<2x33x4x16xf32>) {
  %r:2 = moa.key_value %input, %key, %value into(%key_init, %value_init)
      : (tensor<2x33x48xf32>, tensor<48x64xf32>, tensor<48x64xf32>,
         tensor<2x33x4x16xf32>, tensor<2x33x4x16xf32>)
      -> (tensor<2x33x4x16xf32>, tensor<2x33x4x16xf32>)
  return %r#0, %r#1 : tensor<2x33x4x16xf32>, tensor<2x33x4x16xf32>
}

// CHECK-LABEL: func.func @rotary(
// CHECK: %keys, %values = moa.key_value %arg0, %arg1, %arg2 transposed rotary(<theta = 1.000000e+04 : f64, dim = 16>) position(%arg3) into(%arg4, %arg5) : (tensor<?x?x48xbf16>, tensor<?x48xbf16>, tensor<?x48xbf16>, index, tensor<?x?x4x?xbf16>, tensor<?x?x4x?xbf16>) -> (tensor<?x?x4x?xbf16>, tensor<?x?x4x?xbf16>)
// GENERIC-LABEL: sym_name = "rotary"
// GENERIC: "moa.key_value"({{.*}}) <{rotary = #moa.rotary<theta = 1.000000e+04 : f64, dim = 16>, transposed}> : (tensor<?x?x48xbf16>, tensor<?x48xbf16>, tensor<?x48xbf16>, index, tensor<?x?x4x?xbf16>, tensor<?x?x4x?xbf16>) -> (tensor<?x?x4x?xbf16>, tensor<?x?x4x?xbf16>)
func.func @rotary(%input: tensor<?x?x48xbf16>, %key: tensor<?x48xbf16>,
    %value: tensor<?x48xbf16>, %position: index, %key_init: tensor<?x?x4x?xbf16>,
    %value_init: tensor<?x?x4x?xbf16>)
    -> (tensor<?x?x4x?xbf16>, tensor<?x?x4x?xbf16>) {
  %r:2 = moa.key_value %input, %key, %value transposed
      rotary(<theta = 1.0e4 : f64, dim = 16>) position(%position) into(%key_init, %value_init)
      : (tensor<?x?x48xbf16>, tensor<?x48xbf16>, tensor<?x48xbf16>, index,
         tensor<?x?x4x?xbf16>, tensor<?x?x4x?xbf16>)
      -> (tensor<?x?x4x?xbf16>, tensor<?x?x4x?xbf16>)
  return %r#0, %r#1 : tensor<?x?x4x?xbf16>, tensor<?x?x4x?xbf16>
}
