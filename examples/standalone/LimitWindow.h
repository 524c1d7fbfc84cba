//===- LimitWindow.h - A pass between moa's --------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef STANDALONE_LIMITWINDOW_H
#define STANDALONE_LIMITWINDOW_H

namespace standalone {

/// Make `standalone-limit-window` known, and a pipeline that has it between
/// moa's passes: `standalone-pipeline`.
void registerPasses();

} // namespace standalone

#endif // STANDALONE_LIMITWINDOW_H
