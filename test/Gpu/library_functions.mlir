// REQUIRES: cuda-driver, libdevice
// A tanh or a power in a graph ended LLVM with a fatal error, and a tangent was
// code that no GPU knows: they are calls of CUDA's libdevice, linked in.
// DEFINE: %{values} = "0.05 0.09 0.13 0.17 0.21 0.25 0.29 0.33 0.37 0.41 0.45 0.49 0.53 0.57 0.61 0.65 0.69 0.73 0.77 0.81 0.85"
// RUN: moa-run %s --function=f32 --input=3x7xf32=%{values} --output=@%t.npy
// RUN: moa-run %s --function=f32 --input=3x7xf32=%{values} --device=cuda --expected_output=@%t.npy \
// RUN:   | FileCheck %s --check-prefix=F32
// F32: result0: OK: 0 of 21 elements of 3x7xf32 differ
// RUN: moa-run %s --function=f64 --input=3x7xf64=%{values} --output=@%t.npy
// RUN: moa-run %s --function=f64 --input=3x7xf64=%{values} --device=cuda --expected_output=@%t.npy \
// RUN:   | FileCheck %s --check-prefix=F64
// F64: result0: OK: 0 of 21 elements of 3x7xf64 differ
// RUN: moa-run %s --function=bf16 --input=3x7xbf16=0.25 --device=cuda --expected_output=3x7xbf16=0.712 \
// RUN:   | FileCheck %s --check-prefix=BF16
// BF16: result0: OK: 0 of 21 elements of 3x7xbf16 differ

#map = affine_map<(i, j) -> (i, j)>

func.func @f32(%x: tensor<3x7xf32>) -> tensor<3x7xf32> {
  %empty = tensor.empty() : tensor<3x7xf32>
  %y = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<3x7xf32>) outs(%empty : tensor<3x7xf32>) {
  ^bb0(%v: f32, %out: f32):
    %acos = math.acos %v : f32
    %acos_sum = arith.addf %v, %acos : f32
    %asin = math.asin %v : f32
    %asin_sum = arith.addf %acos_sum, %asin : f32
    %asinh = math.asinh %v : f32
    %asinh_sum = arith.addf %asin_sum, %asinh : f32
    %atan = math.atan %v : f32
    %atan_sum = arith.addf %asinh_sum, %atan : f32
    %atanh = math.atanh %v : f32
    %atanh_sum = arith.addf %atan_sum, %atanh : f32
    %cbrt = math.cbrt %v : f32
    %cbrt_sum = arith.addf %atanh_sum, %cbrt : f32
    %cosh = math.cosh %v : f32
    %cosh_sum = arith.addf %cbrt_sum, %cosh : f32
    %sinh = math.sinh %v : f32
    %sinh_sum = arith.addf %cosh_sum, %sinh : f32
    %erf = math.erf %v : f32
    %erf_sum = arith.addf %sinh_sum, %erf : f32
    %erfc = math.erfc %v : f32
    %erfc_sum = arith.addf %erf_sum, %erfc : f32
    %expm1 = math.expm1 %v : f32
    %expm1_sum = arith.addf %erfc_sum, %expm1 : f32
    %log10 = math.log10 %v : f32
    %log10_sum = arith.addf %expm1_sum, %log10 : f32
    %tan = math.tan %v : f32
    %tan_sum = arith.addf %log10_sum, %tan : f32
    %tanh = math.tanh %v : f32
    %tanh_sum = arith.addf %tan_sum, %tanh : f32
    %power = math.powf %v, %tan : f32
    %angle = math.atan2 %power, %v : f32
    %acosh = math.acosh %cosh : f32
    %three = arith.constant 3 : i32
    %cube = math.fpowi %v, %three : f32, i32
    %sum0 = arith.addf %tanh_sum, %power : f32
    %sum1 = arith.addf %sum0, %angle : f32
    %sum2 = arith.addf %sum1, %acosh : f32
    %sum3 = arith.addf %sum2, %cube : f32
    linalg.yield %sum3 : f32
  } -> tensor<3x7xf32>
  return %y : tensor<3x7xf32>
}

func.func @f64(%x: tensor<3x7xf64>) -> tensor<3x7xf64> {
  %empty = tensor.empty() : tensor<3x7xf64>
  %y = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<3x7xf64>) outs(%empty : tensor<3x7xf64>) {
  ^bb0(%v: f64, %out: f64):
    %acos = math.acos %v : f64
    %acos_sum = arith.addf %v, %acos : f64
    %asin = math.asin %v : f64
    %asin_sum = arith.addf %acos_sum, %asin : f64
    %asinh = math.asinh %v : f64
    %asinh_sum = arith.addf %asin_sum, %asinh : f64
    %atan = math.atan %v : f64
    %atan_sum = arith.addf %asinh_sum, %atan : f64
    %atanh = math.atanh %v : f64
    %atanh_sum = arith.addf %atan_sum, %atanh : f64
    %cbrt = math.cbrt %v : f64
    %cbrt_sum = arith.addf %atanh_sum, %cbrt : f64
    %cosh = math.cosh %v : f64
    %cosh_sum = arith.addf %cbrt_sum, %cosh : f64
    %sinh = math.sinh %v : f64
    %sinh_sum = arith.addf %cosh_sum, %sinh : f64
    %erf = math.erf %v : f64
    %erf_sum = arith.addf %sinh_sum, %erf : f64
    %erfc = math.erfc %v : f64
    %erfc_sum = arith.addf %erf_sum, %erfc : f64
    %expm1 = math.expm1 %v : f64
    %expm1_sum = arith.addf %erfc_sum, %expm1 : f64
    %log10 = math.log10 %v : f64
    %log10_sum = arith.addf %expm1_sum, %log10 : f64
    %tan = math.tan %v : f64
    %tan_sum = arith.addf %log10_sum, %tan : f64
    %tanh = math.tanh %v : f64
    %tanh_sum = arith.addf %tan_sum, %tanh : f64
    %log = math.log %v : f64
    %log_sum = arith.addf %tanh_sum, %log : f64
    %log1p = math.log1p %v : f64
    %log1p_sum = arith.addf %log_sum, %log1p : f64
    %log2 = math.log2 %v : f64
    %log2_sum = arith.addf %log1p_sum, %log2 : f64
    %power = math.powf %v, %tan : f64
    %angle = math.atan2 %power, %v : f64
    %acosh = math.acosh %cosh : f64
    %three = arith.constant 3 : i32
    %cube = math.fpowi %v, %three : f64, i32
    %sum0 = arith.addf %log2_sum, %power : f64
    %sum1 = arith.addf %sum0, %angle : f64
    %sum2 = arith.addf %sum1, %acosh : f64
    %sum3 = arith.addf %sum2, %cube : f64
    linalg.yield %sum3 : f64
  } -> tensor<3x7xf64>
  return %y : tensor<3x7xf64>
}

func.func @bf16(%x: tensor<3x7xbf16>) -> tensor<3x7xbf16> {
  %empty = tensor.empty() : tensor<3x7xbf16>
  %y = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<3x7xbf16>) outs(%empty : tensor<3x7xbf16>) {
  ^bb0(%v: bf16, %out: bf16):
    %tanh = math.tanh %v : bf16
    %power = math.powf %v, %tanh : bf16
    linalg.yield %power : bf16
  } -> tensor<3x7xbf16>
  return %y : tensor<3x7xbf16>
}
