module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op) {
    %functions = transform.structured.match ops{["func.func"]} in %root
        : (!transform.any_op) -> !transform.op<"func.func">
    transform.moa.schedule_cpu %functions : !transform.op<"func.func">
    transform.yield
  }

  transform.named_sequence @sizes(%root: !transform.any_op) {
    %functions = transform.structured.match ops{["func.func"]} in %root
        : (!transform.any_op) -> !transform.op<"func.func">
    %columns = transform.param.constant 64 : i64 -> !transform.param<i64>
    transform.moa.schedule_cpu %functions rows = 8 columns = %columns
        parallel_from = 1000 : !transform.op<"func.func">, !transform.param<i64>
    transform.yield
  }
}
