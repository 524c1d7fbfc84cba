// RUN: moa-opt %s -verify-diagnostics -split-input-file

func.func @type(%holds: tensor<64x2xi32>) {
  // expected-error@below {{'moa_tile.assert' op operand #0 must be tile}}
  "moa_tile.assert"(%holds) <{message = "there are none"}> : (tensor<64x2xi32>) -> ()
  return
}

// -----

func.func @dynamic(%holds: tensor<?x2xi1>) {
  // expected-error@below {{'moa_tile.assert' op operand #0 must be tile}}
  "moa_tile.assert"(%holds) <{message = "there are none"}> : (tensor<?x2xi1>) -> ()
  return
}
