// RUN: moa-opt %s -verify-diagnostics -split-input-file

func.func @wait_c1() {
  // expected-error@below {{'moa_tile.wait' op cannot leave -1 groups pending}}
  moa_tile.wait pending(-1)
  return
}
