//===- Passes.td - Passes of moa-reduce --------------------*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_REDUCE_PASSES_TD
#define MOA_REDUCE_PASSES_TD

include "mlir/Pass/PassBase.td"

def MoaReductionPass : Pass<"moa-reduction", "::mlir::ModuleOp"> {
  let summary = "Make a module with moa ops smaller while a test finds it interesting";
  let description = [{
    For `moa-reduce`. In: any module. Out: a module that the test still finds
    interesting, and of which no single step below makes a smaller one that is.

    The test is a program that gets `test-arg` and then the path of a file with
    the module. It is interesting where the program's exit status is not 0.

    Steps, each on a copy that has to verify before the test sees it:

    | step | what it makes smaller |
    |---|---|
    | erase | a function that nothing calls; an op or an argument without uses; a value that a function returns |
    | cut | an op becomes arguments of its function: what computed its operands has no use any more |
    | simplify | a moa op loses an optional attribute, operand or result |
    | shrink a number | an integer attribute, such as `top_k` or `window`, becomes 1, a half, or one less |
    | shrink a size | so does a size of a moa op, such as its experts, or a dimension of an argument; all sizes that have to match it follow, through calls as well |
    | fix a size | a dynamic dimension of an argument becomes 1; all that have to match it follow |

    A step is taken only where it makes the module smaller: fewer ops; or as many
    and fewer operands, results and arguments; or as many of these and a shorter
    text; or as long a text and fewer dynamic sizes; or all of that and a smaller
    sum of static sizes. This is why the pass ends. The test sees no text twice.
  }];
  let options = [
    Option<"testerName", "test", "std::string", /*default=*/"",
           "The program that says whether a module is interesting">,
    ListOption<"testerArgs", "test-arg", "std::string",
               "Arguments of that program">
  ];
  let statistics = [
    Statistic<"numTested", "tested", "modules that the test saw">,
    Statistic<"numTaken", "taken", "steps that were taken">
  ];
}

#endif // MOA_REDUCE_PASSES_TD
