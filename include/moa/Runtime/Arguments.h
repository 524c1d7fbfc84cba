//===- Arguments.h - Binding files and literals to names --------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_RUNTIME_ARGUMENTS_H
#define MOA_RUNTIME_ARGUMENTS_H

#include "moa/Runtime/Tensor.h"
#include <vector>

namespace moa {

/// An argument or a result of a function.
struct Port {
  std::string name;
  ElementType type;
  /// kAnySize where the type leaves a size open.
  llvm::SmallVector<int64_t> shape;
  /// Passed by value rather than as a tensor of rank 0.
  bool isScalar;
};

/// "2x?xf32".
std::string formatType(const Port &port);

/// "'x' (2x?xf32), 'n' (i64)", or "none".
std::string formatPorts(llvm::ArrayRef<Port> ports);

/// What an option such as --input= gives: a literal, or the path of a file,
/// and the name that it is meant for, if any.
struct Source {
  /// The option as it was given, for messages.
  std::string text;
  std::string name;
  std::string literal;
  std::string path;

  bool isSafetensors() const;
};

/// Read "[NAME=]TYPE=NUMBERS" or "[NAME=]@FILE" as the value of `option`.
llvm::Expected<Source> parseSource(llvm::StringRef option,
                                   llvm::StringRef text);

/// The one tensor of a source that is not a .safetensors file.
llvm::Expected<Tensor> readTensor(const Source &source);

/// The values that a function is called with, bound one by one.
class Arguments {
public:
  explicit Arguments(llvm::ArrayRef<Port> ports)
      : ports(ports), values(ports.size()), boundBy(ports.size()) {}

  /// Bind what an --input= gives: by name, else to the next position.
  llvm::Error bindInput(const Source &source);
  /// Bind the tensors of a --parameters= file by name, and leave out those
  /// that name no argument.
  llvm::Error bindParameters(llvm::StringRef path);
  /// The values in order, or an error that names an argument without one.
  llvm::Expected<std::vector<Tensor>> finish() const;

private:
  llvm::Error bindFile(llvm::StringRef path, const std::string &text,
                       bool ignoreOthers);
  llvm::Error bind(size_t index, Tensor tensor, const std::string &text);

  llvm::ArrayRef<Port> ports;
  std::vector<std::optional<Tensor>> values;
  std::vector<std::string> boundBy;
  size_t nextPosition = 0;
};

} // namespace moa

#endif // MOA_RUNTIME_ARGUMENTS_H
