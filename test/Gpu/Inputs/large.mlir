// A buffer of as many bytes as the caller says.

func.func @large(%n: index {moa.name = "n"}) -> (memref<1xi8> {moa.name = "y"}) {
  %zero = arith.constant 0 : i8
  %a = memref.alloc(%n) : memref<?xi8>
  %y = memref.alloc() : memref<1xi8>
  linalg.fill ins(%zero : i8) outs(%a : memref<?xi8>)
  %first = memref.subview %a[0] [1] [1] : memref<?xi8> to memref<1xi8, strided<[1]>>
  memref.copy %first, %y : memref<1xi8, strided<[1]>> to memref<1xi8>
  return %y : memref<1xi8>
}
