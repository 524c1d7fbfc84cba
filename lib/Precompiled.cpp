//===- Precompiled.cpp - Gives the precompiled headers a target -----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Empty: see MOA_PRECOMPILED_HEADERS in cmake/MoaTargets.cmake.
