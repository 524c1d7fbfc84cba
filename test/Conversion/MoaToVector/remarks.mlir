// Remarks say which ops have kernels of vectors, and why others have none.
// RUN: moa-opt %s -o %t 2>&1 --remark-format=emitRemark \
// RUN:   --pass-pipeline='builtin.module(canonicalize,moa-decompose,canonicalize,cse,convert-moa-to-vector,convert-moa-to-linalg,func.func(convert-linalg-to-kernels))' \
// RUN:   --remarks-filter='convert-moa-to-vector|convert-linalg-to-kernels' \
// RUN:   | FileCheck %s --check-prefix=CPU --implicit-check-not='[Missed] matmul | Category:convert-moa-to-vector'
// CPU-DAG: [Passed] grouped_matmul | Category:convert-moa-to-vector | Function=sparse | Remark="a kernel of vectors"
// CPU-DAG: [Passed] attention | Category:convert-moa-to-vector | Function=sparse | Remark="a kernel of vectors"
// CPU-DAG: [Passed] slot_matmul | Category:convert-moa-to-vector | Function=single_token | Remark="grouped: slots that share an expert read its weights once"
// CPU-DAG: [Passed] {{.*}} | Category:convert-linalg-to-kernels | Function=dense | Remark="a kernel of vectors"
// CPU-DAG: [Missed] {{.*}} | Category:convert-linalg-to-kernels | Function=integers | Remark="has integers or is empty"
// CPU-DAG: [Missed] attention | Category:convert-moa-to-vector | Function=f64 | Remark="is computed in f64"

// Without a filter there are none.
// RUN: moa-opt %s --convert-moa-to-vector -o %t 2>&1 | count 0

func.func @sparse(%x: tensor<2x5x8xf32>, %router: tensor<8x4xf32>,
                  %wq: tensor<4x8x4xf32>, %wk: tensor<8x4xf32>,
                  %wv: tensor<8x4xf32>, %wo: tensor<4x4x8xf32>)
    -> tensor<2x5x8xf32> {
  %y = moa.layer %x router(%router) query(%wq) key(%wk) value(%wv) output(%wo)
      top_k(2) gate(<activation = softmax, order = topk_then_activation>)
      : (tensor<2x5x8xf32>, tensor<8x4xf32>, tensor<4x8x4xf32>, tensor<8x4xf32>,
         tensor<8x4xf32>, tensor<4x4x8xf32>) -> tensor<2x5x8xf32>
  return %y : tensor<2x5x8xf32>
}

func.func @dense(%x: tensor<2x5x8xf32>, %router: tensor<8x4xf32>,
                 %wq: tensor<4x8x4xf32>, %wk: tensor<8x4xf32>,
                 %wv: tensor<8x4xf32>, %wo: tensor<4x4x8xf32>)
    -> tensor<2x5x8xf32> {
  %y = moa.layer %x router(%router) query(%wq) key(%wk) value(%wv) output(%wo)
      top_k(4) gate(<activation = softmax, order = topk_then_activation>)
      : (tensor<2x5x8xf32>, tensor<8x4xf32>, tensor<4x8x4xf32>, tensor<8x4xf32>,
         tensor<8x4xf32>, tensor<4x4x8xf32>) -> tensor<2x5x8xf32>
  return %y : tensor<2x5x8xf32>
}

func.func @single_token(%x: tensor<2x1x8xf32>, %router: tensor<8x4xf32>,
                        %wq: tensor<4x8x4xf32>, %wk: tensor<8x4xf32>,
                        %wv: tensor<8x4xf32>, %wo: tensor<4x4x8xf32>)
    -> tensor<2x1x8xf32> {
  %y = moa.layer %x router(%router) query(%wq) key(%wk) value(%wv) output(%wo)
      top_k(2) gate(<activation = softmax, order = topk_then_activation>)
      : (tensor<2x1x8xf32>, tensor<8x4xf32>, tensor<4x8x4xf32>, tensor<8x4xf32>,
         tensor<8x4xf32>, tensor<4x4x8xf32>) -> tensor<2x1x8xf32>
  return %y : tensor<2x1x8xf32>
}

func.func @f64(%q: tensor<2x5x4x8xf64>, %k: tensor<2x5x1x8xf64>,
               %init: tensor<2x5x4x8xf64>) -> tensor<2x5x4x8xf64> {
  %y = moa.attention %q, %k, %k heads(2) into(%init)
      : (tensor<2x5x4x8xf64>, tensor<2x5x1x8xf64>, tensor<2x5x1x8xf64>,
         tensor<2x5x4x8xf64>) -> tensor<2x5x4x8xf64>
  return %y : tensor<2x5x4x8xf64>
}

func.func @integers(%a: tensor<8x8xi32>) -> tensor<8x8xi32> {
  %z = linalg.matmul ins(%a, %a : tensor<8x8xi32>, tensor<8x8xi32>)
      outs(%a : tensor<8x8xi32>) -> tensor<8x8xi32>
  return %z : tensor<8x8xi32>
}
