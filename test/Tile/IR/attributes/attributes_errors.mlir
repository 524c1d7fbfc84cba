// RUN: moa-opt %s -verify-diagnostics -split-input-file

// expected-error@below {{'func.func' op 'moa_tile.warps' must be array<i64: rows, columns>}}
func.func private @warps_one_dimension() attributes {moa_tile.warps = array<i64: 4>}

// -----

// expected-error@below {{'func.func' op 'moa_tile.warps' asks for 8 x 8 warps, a block has 1 to 32}}
func.func private @warps_many() attributes {moa_tile.warps = array<i64: 8, 8>}

// -----

// expected-error@below {{'func.func' op 'moa_tile.warps' asks for 0 x 1 warps, a block has 1 to 32}}
func.func private @warps_none() attributes {moa_tile.warps = array<i64: 0, 1>}

// -----

// expected-error@below {{'func.func' op 'moa_tile.warps' asks for 9223372036854775807 x 2 warps, a block has 1 to 32}}
func.func private @warps_overflow() attributes {moa_tile.warps = array<i64: 9223372036854775807, 2>}

// -----

// expected-error@below {{'func.func' op 'moa_tile.shared_bytes' must be an i64 of at least 0}}
func.func private @shared_bytes_negative() attributes {moa_tile.shared_bytes = -1 : i64}

// -----

// expected-error@below {{'func.func' op 'moa_tile.registers' must be an i64 of at least 1}}
func.func private @registers_none() attributes {moa_tile.registers = 0 : i64}

// -----

// expected-error@below {{'func.func' op 'moa_tile.stages' belongs on an scf.for}}
func.func private @stages_elsewhere() attributes {moa_tile.stages = 2 : i64}

// -----

// expected-error@below {{'func.func' op 'moa_tile.tiles' is not known}}
func.func private @unknown() attributes {moa_tile.tiles = 2 : i64}

// -----

func.func @stages_none(%n: index) {
  // expected-error@below {{'scf.for' op 'moa_tile.stages' must be an i64 of at least 1}}
  scf.for %i = %n to %n step %n {
  } {moa_tile.stages = 0 : i64}
  return
}

// -----

// expected-error@below {{'builtin.module' op 'moa_tile.warps' belongs on a function}}
module attributes {moa_tile.warps = array<i64: 1, 1>} {
}
