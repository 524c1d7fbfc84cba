//===- Cpu.cpp - The CPU path as transform ops ----------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "IntegerOrParam.h"
#include "Refusal.h"
#include "moa/Conversion/MoaToVector.h"
#include "moa/TransformOps/MoaTransformOps.h"
#include "moa/Transforms/ScheduleCpu.h"
#include "moa/Utils/Listeners.h"

using namespace mlir;
using namespace moa;
using transform::ApplyToEachResultList;
using transform::TransformResults;
using transform::TransformRewriter;
using transform::TransformState;

//===----------------------------------------------------------------------===//
// Kernels of vectors
//===----------------------------------------------------------------------===//

namespace {
/// Keeps the product that is created.
struct GroupedListener : ReasonListener {
  using ReasonListener::ReasonListener;

  void notifyOperationInserted(Operation *op,
                               OpBuilder::InsertPoint previous) override {
    ReasonListener::notifyOperationInserted(op, previous);
    if (isa<GroupedMatmulOp>(op))
      grouped = op;
  }

  Operation *grouped = nullptr;
};
} // namespace

DiagnosedSilenceableFailure transform::MoaGroupSlotsOp::applyToOne(
    TransformRewriter &rewriter, SlotMatmulOp target,
    ApplyToEachResultList &results, TransformState &) {
  RewritePatternSet patterns(getContext());
  populateGroupSlotsPatterns(patterns);
  GroupedListener listener(rewriter.getListener());
  if (failed(applyToOp(target, std::move(patterns), listener)))
    return refuse(*this, target, listener.reason);
  results.push_back(listener.grouped);
  return DiagnosedSilenceableFailure::success();
}

LogicalResult transform::MoaVectorizeOp::verify() {
  if (CpuTarget::parse(getCpu()))
    return success();
  return emitOpError("there is no target '")
         << getCpu() << "': use " << CpuTarget::getNames();
}

void transform::MoaVectorizeOp::getEffects(
    SmallVectorImpl<MemoryEffects::EffectInstance> &effects) {
  consumesHandle(getOperation()->getOpOperands(), effects);
  modifiesPayload(effects);
}

DiagnosedSilenceableFailure
transform::MoaVectorizeOp::apply(TransformRewriter &rewriter,
                                 TransformResults &, TransformState &state) {
  MoaToVectorOptions options{*CpuTarget::parse(getCpu()),
                             /*runtimeChecks=*/!getWithoutChecks()};
  RewritePatternSet set(getContext());
  populateMoaToVectorPatterns(set, options);
  FrozenRewritePatternSet patterns(std::move(set));
  SmallVector<Diagnostic> refused;
  for (Operation *target : state.getPayloadOps(getTarget())) {
    ReasonListener listener(rewriter.getListener());
    listener.reason = ("there is no kernel of vectors for '" +
                       target->getName().getStringRef() + "'")
                          .str();
    auto linalgOp = dyn_cast<linalg::LinalgOp>(target);
    IRRewriter local(getContext(), &listener);
    LogicalResult done = linalgOp ? convertContraction(local, linalgOp, options)
                                  : applyToOp(target, patterns, listener);
    if (failed(done))
      refuse(*this, target, listener.reason).takeDiagnostics(refused);
  }
  if (refused.empty())
    return DiagnosedSilenceableFailure::success();
  return DiagnosedSilenceableFailure::silenceableFailure(std::move(refused));
}

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

LogicalResult transform::MoaScheduleCpuOp::verify() {
  for (auto [name, number, param] :
       {std::tuple("rows", getRows(), getDynamicRows()),
        {"columns", getColumns(), getDynamicColumns()},
        {"parallel_from", getParallelFrom(), getDynamicParallelFrom()}})
    if (number && param)
      return emitOpError() << name << " is a number and a parameter";
  CpuSchedule schedule;
  schedule.rows = getRows().value_or(schedule.rows);
  schedule.columns = getColumns().value_or(schedule.columns);
  schedule.parallelFrom = getParallelFrom().value_or(schedule.parallelFrom);
  std::string error = schedule.getError();
  return error.empty() ? success() : emitOpError(error);
}

void transform::MoaScheduleCpuOp::getEffects(
    SmallVectorImpl<MemoryEffects::EffectInstance> &effects) {
  onlyReadsHandle(getOperation()->getOpOperands(), effects);
  modifiesPayload(effects);
}

DiagnosedSilenceableFailure
transform::MoaScheduleCpuOp::apply(TransformRewriter &rewriter,
                                   TransformResults &, TransformState &state) {
  CpuSchedule schedule;
  auto read = [&](StringRef name, std::optional<int64_t> integer, Value param,
                  int64_t &value) {
    return readIntegerOrParam(*this, state, name, integer, param, value);
  };
  DiagnosedSilenceableFailure status =
      read("rows", getRows(), getDynamicRows(), schedule.rows);
  if (status.succeeded())
    status =
        read("columns", getColumns(), getDynamicColumns(), schedule.columns);
  if (status.succeeded())
    status = read("parallel_from", getParallelFrom(), getDynamicParallelFrom(),
                  schedule.parallelFrom);
  if (!status.succeeded())
    return status;
  std::string error = schedule.getError();
  if (!error.empty())
    return emitSilenceableError() << error;
  for (Operation *target : state.getPayloadOps(getTarget())) {
    auto function = dyn_cast<func::FuncOp>(target);
    if (!function)
      return refuseKind(*this, target, "only func.func has a schedule");
    // What failed is an error at the op that cannot be tiled.
    if (failed(scheduleForCpu(rewriter, function, schedule)))
      return DiagnosedSilenceableFailure::definiteFailure();
  }
  return DiagnosedSilenceableFailure::success();
}
