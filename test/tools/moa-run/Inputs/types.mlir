// One argument and one result of each element type.
func.func @tensors(%a: tensor<3xi8> {moa.name = "i8"},
                   %b: tensor<?xi32> {moa.name = "i32"},
                   %c: tensor<3xi64> {moa.name = "i64"},
                   %d: tensor<?x1xf64> {moa.name = "f64"},
                   %e: tensor<2xf16> {moa.name = "f16"},
                   %f: tensor<2xbf16> {moa.name = "bf16"},
                   %g: tensor<4xi1> {moa.name = "i1"},
                   %h: tensor<f32> {moa.name = "f32"})
    -> (tensor<3xi8> {moa.name = "i8"}, tensor<?xi32> {moa.name = "i32"},
        tensor<3xi64> {moa.name = "i64"}, tensor<?x1xf64> {moa.name = "f64"},
        tensor<2xf16> {moa.name = "f16"}, tensor<2xbf16> {moa.name = "bf16"},
        tensor<4xi1> {moa.name = "i1"}, tensor<f32> {moa.name = "f32"}) {
  %i8 = arith.addi %a, %a : tensor<3xi8>
  %i32 = arith.addi %b, %b : tensor<?xi32>
  %i64 = arith.addi %c, %c : tensor<3xi64>
  %f64 = arith.addf %d, %d : tensor<?x1xf64>
  %f16 = arith.addf %e, %e : tensor<2xf16>
  %bf16 = arith.addf %f, %f : tensor<2xbf16>
  %true = arith.constant dense<true> : tensor<4xi1>
  %i1 = arith.xori %g, %true : tensor<4xi1>
  %f32 = arith.addf %h, %h : tensor<f32>
  return %i8, %i32, %i64, %f64, %f16, %bf16, %i1, %f32
      : tensor<3xi8>, tensor<?xi32>, tensor<3xi64>, tensor<?x1xf64>,
        tensor<2xf16>, tensor<2xbf16>, tensor<4xi1>, tensor<f32>
}

// Scalars are passed and returned by value, beside tensors.
func.func @scalars(%a: i8, %b: i32, %c: i64, %d: f64, %e: f32, %f: f16,
                   %g: bf16, %h: i1, %i: index, %j: tensor<2xf32>)
    -> (i8, tensor<2xf32>, i32, i64, f64, f32, f16, bf16, i1, index) {
  return %a, %j, %b, %c, %d, %e, %f, %g, %h, %i
      : i8, tensor<2xf32>, i32, i64, f64, f32, f16, bf16, i1, index
}

// A single scalar is the value that the compiled function returns.
func.func @sum(%a: f64 {moa.name = "a"}, %b: f64 {moa.name = "b"})
    -> (f64 {moa.name = "sum"}) {
  %sum = arith.addf %a, %b : f64
  return %sum : f64
}

func.func @nothing() {
  return
}

func.func @integer(%a: i64) -> i64 {
  return %a : i64
}

// The types that .npy files have a name for, unchanged.
func.func @numpy(%a: tensor<3xi8> {moa.name = "i8"},
                 %b: tensor<2xi32> {moa.name = "i32"},
                 %c: tensor<1xi64> {moa.name = "i64"},
                 %d: tensor<2xf64> {moa.name = "f64"},
                 %e: tensor<2xf16> {moa.name = "f16"},
                 %f: tensor<2xi1> {moa.name = "i1"})
    -> (tensor<3xi8>, tensor<2xi32>, tensor<1xi64>, tensor<2xf64>,
        tensor<2xf16>, tensor<2xi1>) {
  return %a, %b, %c, %d, %e, %f
      : tensor<3xi8>, tensor<2xi32>, tensor<1xi64>, tensor<2xf64>,
        tensor<2xf16>, tensor<2xi1>
}

func.func @half(%a: bf16) -> bf16 {
  return %a : bf16
}
