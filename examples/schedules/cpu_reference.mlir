// What --moa-cpu-pipeline=vectorize=false does until tensors become buffers, as a
// schedule. The pipeline itself does the rest, and leaves alone what the schedule
// has done:
//
//   moa-opt graph.mlir --transform-interpreter \
//     --transform-preload-library=transform-library-paths=cpu_reference.mlir \
//     --moa-cpu-pipeline=vectorize=false

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

    // The reference path.
    %m2 = transform.apply_registered_pass "convert-moa-to-linalg" to %m1
        : (!transform.any_op) -> !transform.any_op
    // What is computed around a layer with arith on whole tensors.
    %m3 = transform.apply_registered_pass "convert-elementwise-to-linalg"
        to %m2 : (!transform.any_op) -> !transform.any_op
    %m4 = transform.apply_registered_pass "resolve-shaped-type-result-dims"
        to %m3 : (!transform.any_op) -> !transform.any_op
    %m5 = transform.include @simplify failures(propagate) (%m4)
        : (!transform.any_op) -> !transform.any_op

    %scheduled = transform.structured.match ops{["func.func"]} in %m5
        : (!transform.any_op) -> !transform.any_op
    transform.moa.schedule_cpu %scheduled
        rows = 32 columns = 256 parallel_from = 8192 : !transform.any_op
    %m6 = transform.include @simplify failures(propagate) (%m5)
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
}
