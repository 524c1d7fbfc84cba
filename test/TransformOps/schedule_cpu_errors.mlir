// RUN: moa-opt %s --transform-interpreter --split-input-file --verify-diagnostics

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op) {
    // expected-error@below {{'transform.moa.schedule_cpu' op rows is 0, must be at least 1}}
    transform.moa.schedule_cpu %root rows = 0 : !transform.any_op
    transform.yield
  }
}

// -----

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op) {
    %columns = transform.param.constant -1 : i64 -> !transform.param<i64>
    // expected-error@below {{columns is -1, must be at least 1}}
    transform.moa.schedule_cpu %root columns = %columns
        : !transform.any_op, !transform.param<i64>
    transform.yield
  }
}

// -----

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op) {
    %rows = transform.param.constant 8 : i64 -> !transform.param<i64>
    // expected-error@below {{'transform.moa.schedule_cpu' op rows is a number and a parameter}}
    "transform.moa.schedule_cpu"(%root, %rows) <{
        rows = 8 : i64, operandSegmentSizes = array<i32: 1, 1, 0, 0>}>
        : (!transform.any_op, !transform.param<i64>) -> ()
    transform.yield
  }
}

// -----

// expected-note@below {{this is 'builtin.module'}}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op) {
    // expected-error@below {{only func.func has a schedule}}
    transform.moa.schedule_cpu %root : !transform.any_op
    transform.yield
  }
}
