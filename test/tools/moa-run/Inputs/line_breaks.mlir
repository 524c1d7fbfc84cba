// An argument's name may be any string.
func.func @f(%a: tensor<2xf32> {moa.name = "x\0Ay"}) -> tensor<2xf32> {
  return %a : tensor<2xf32>
}
