// What moa-fuse does, as a schedule: each fusion wherever it is legal.
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(
      %root: !transform.any_op {transform.readonly}) {
    %routes = transform.structured.match ops{["moa.route"]} in %root
        : (!transform.any_op) -> !transform.any_op
    transform.sequence %routes : !transform.any_op failures(suppress) {
    ^bb0(%targets: !transform.any_op):
      transform.moa.fuse_router %targets
          : (!transform.any_op) -> !transform.any_op
    }
    %losses = transform.structured.match
        ops{["moa.balance_loss", "moa.z_loss", "moa.mutual_loss"]} in %root
        : (!transform.any_op) -> !transform.any_op
    transform.sequence %losses : !transform.any_op failures(suppress) {
    ^bb0(%targets: !transform.any_op):
      transform.moa.fuse_loss %targets
          : (!transform.any_op) -> !transform.any_op
    }
    %attentions = transform.structured.match ops{["moa.attention"]} in %root
        : (!transform.any_op) -> !transform.any_op
    transform.sequence %attentions : !transform.any_op failures(suppress) {
    ^bb0(%targets: !transform.any_op):
      transform.moa.fuse_key_value %targets
          : (!transform.any_op) -> !transform.any_op
    }
    %rotations = transform.structured.match ops{["moa.rotary"]} in %root
        : (!transform.any_op) -> !transform.any_op
    transform.sequence %rotations : !transform.any_op failures(suppress) {
    ^bb0(%targets: !transform.any_op):
      transform.moa.fuse_rotary %targets
          : (!transform.any_op) -> !transform.any_op
    }
    %adds = transform.structured.match ops{["arith.addf"]} in %root
        : (!transform.any_op) -> !transform.any_op
    transform.sequence %adds : !transform.any_op failures(suppress) {
    ^bb0(%targets: !transform.any_op):
      transform.moa.fuse_residual %targets
          : (!transform.any_op) -> !transform.any_op
    }
    transform.yield
  }

  // With fuse-query-projection=on, and =auto.
  transform.named_sequence @query_projection(
      %root: !transform.any_op {transform.readonly}) {
    transform.include @__transform_main failures(propagate) (%root)
        : (!transform.any_op) -> ()
    %attentions = transform.structured.match ops{["moa.attention"]} in %root
        : (!transform.any_op) -> !transform.any_op
    transform.sequence %attentions : !transform.any_op failures(suppress) {
    ^bb0(%targets: !transform.any_op):
      transform.moa.fuse_query_projection %targets
          : (!transform.any_op) -> !transform.any_op
    }
    transform.yield
  }
  transform.named_sequence @query_projection_auto(
      %root: !transform.any_op {transform.readonly}) {
    transform.include @__transform_main failures(propagate) (%root)
        : (!transform.any_op) -> ()
    %attentions = transform.structured.match ops{["moa.attention"]} in %root
        : (!transform.any_op) -> !transform.any_op
    transform.sequence %attentions : !transform.any_op failures(suppress) {
    ^bb0(%targets: !transform.any_op):
      transform.moa.fuse_query_projection %targets where_profitable
          : (!transform.any_op) -> !transform.any_op
    }
    transform.yield
  }

  // With unordered-combine.
  transform.named_sequence @unordered_combine(
      %root: !transform.any_op {transform.readonly}) {
    transform.include @__transform_main failures(propagate) (%root)
        : (!transform.any_op) -> ()
    %sums = transform.structured.match ops{["moa.combine"]} in %root
        : (!transform.any_op) -> !transform.any_op
    transform.sequence %sums : !transform.any_op failures(suppress) {
    ^bb0(%targets: !transform.any_op):
      transform.moa.fuse_unordered_combine %targets
          : (!transform.any_op) -> !transform.any_op
    }
    transform.yield
  }
}
