// What --moa-tile-pipeline does by default, as a schedule: the beginning of every
// way to a GPU. To choose otherwise, change it here.
//
//   moa-opt graph.mlir --transform-interpreter \
//     --transform-preload-library=transform-library-paths=tile.mlir

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(
      %module: !transform.any_op {transform.consumed}) {
    %functions = transform.structured.match ops{["func.func"]} in %module
        : (!transform.any_op) -> !transform.any_op
    // Before anything rewrites functions: their types are what callers see.
    %exported = transform.apply_registered_pass "moa-export-functions"
        to %functions : (!transform.any_op) -> !transform.any_op

    %m0 = transform.include @simplify failures(propagate) (%module)
        : (!transform.any_op) -> !transform.any_op
    %layers = transform.structured.match ops{["moa.layer"]} in %m0
        : (!transform.any_op) -> !transform.any_op
    %primitives = transform.moa.decompose %layers
        : (!transform.any_op) -> !transform.any_op

    %m1 = transform.include @simplify failures(propagate) (%m0)
        : (!transform.any_op) -> !transform.any_op
    transform.include @fuse failures(propagate) (%m1)
        : (!transform.any_op) -> ()
    %m2 = transform.include @simplify failures(propagate) (%m1)
        : (!transform.any_op) -> !transform.any_op
    // Here transform.moa.configure_kernel would choose row tiles.

    %m3 = transform.include @to_kernels failures(propagate) (%m2)
        : (!transform.any_op) -> !transform.any_op
    transform.yield
  }

  transform.named_sequence @simplify(
      %module: !transform.any_op {transform.consumed}) -> !transform.any_op {
    %0 = transform.apply_registered_pass "canonicalize" to %module
        : (!transform.any_op) -> !transform.any_op
    %1 = transform.apply_registered_pass "cse" to %0
        : (!transform.any_op) -> !transform.any_op
    transform.yield %1 : !transform.any_op
  }

  // Each fusion wherever it is legal: what is refused stays as it is.
  transform.named_sequence @fuse(
      %module: !transform.any_op {transform.readonly}) {
    %routes = transform.structured.match ops{["moa.route"]} in %module
        : (!transform.any_op) -> !transform.any_op
    transform.sequence %routes : !transform.any_op failures(suppress) {
    ^bb0(%ops: !transform.any_op):
      transform.moa.fuse_router %ops : (!transform.any_op) -> !transform.any_op
    }
    // After the choice, whose op takes them.
    %losses = transform.structured.match
        ops{["moa.balance_loss", "moa.z_loss", "moa.mutual_loss"]} in %module
        : (!transform.any_op) -> !transform.any_op
    transform.sequence %losses : !transform.any_op failures(suppress) {
    ^bb0(%ops: !transform.any_op):
      transform.moa.fuse_loss %ops : (!transform.any_op) -> !transform.any_op
    }
    %attentions = transform.structured.match ops{["moa.attention"]} in %module
        : (!transform.any_op) -> !transform.any_op
    transform.sequence %attentions : !transform.any_op failures(suppress) {
    ^bb0(%ops: !transform.any_op):
      transform.moa.fuse_key_value %ops
          : (!transform.any_op) -> !transform.any_op
    }
    // After keys: their rotation goes with their product.
    %rotations = transform.structured.match ops{["moa.rotary"]} in %module
        : (!transform.any_op) -> !transform.any_op
    transform.sequence %rotations : !transform.any_op failures(suppress) {
    ^bb0(%ops: !transform.any_op):
      transform.moa.fuse_rotary %ops : (!transform.any_op) -> !transform.any_op
    }
    %adds = transform.structured.match ops{["arith.addf"]} in %module
        : (!transform.any_op) -> !transform.any_op
    transform.sequence %adds : !transform.any_op failures(suppress) {
    ^bb0(%ops: !transform.any_op):
      transform.moa.fuse_residual %ops
          : (!transform.any_op) -> !transform.any_op
    }
    transform.yield
  }

  transform.named_sequence @to_kernels(
      %module: !transform.any_op {transform.consumed}) -> !transform.any_op {
    %functions = transform.structured.match ops{["func.func"]} in %module
        : (!transform.any_op) -> !transform.any_op
    // What is computed around a layer with arith on whole tensors.
    %lowered = transform.apply_registered_pass
        "convert-elementwise-to-linalg" to %functions
        : (!transform.any_op) -> !transform.any_op
    %0 = transform.apply_registered_pass "resolve-shaped-type-result-dims"
        to %module : (!transform.any_op) -> !transform.any_op
    %1 = transform.include @simplify failures(propagate) (%0)
        : (!transform.any_op) -> !transform.any_op
    // Options of kernels: { "shared-bytes" = 49152, "tf32" = true }.
    %2 = transform.apply_registered_pass "convert-moa-to-tile" to %1
        : (!transform.any_op) -> !transform.any_op
    %3 = transform.apply_registered_pass "resolve-shaped-type-result-dims"
        to %2 : (!transform.any_op) -> !transform.any_op
    %4 = transform.include @simplify failures(propagate) (%3)
        : (!transform.any_op) -> !transform.any_op
    %5 = transform.apply_registered_pass "moa-tile-merge-launches" to %4
        : (!transform.any_op) -> !transform.any_op
    %6 = transform.include @simplify failures(propagate) (%5)
        : (!transform.any_op) -> !transform.any_op
    %7 = transform.apply_registered_pass "moa-tile-bufferize" to %6
        : (!transform.any_op) -> !transform.any_op
    %8 = transform.include @simplify failures(propagate) (%7)
        : (!transform.any_op) -> !transform.any_op
    transform.yield %8 : !transform.any_op
  }
}
