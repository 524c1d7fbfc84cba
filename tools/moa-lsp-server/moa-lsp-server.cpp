//===- moa-lsp-server.cpp - Editors' support for moa IR -------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Upstream's server with our dialects. It has no place for the documentation of
// ops: the server runs in a child process, and its answers pass through this
// one, which adds the documentation.
//
//===----------------------------------------------------------------------===//

#include "Hover.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/Tools/mlir-lsp-server/MlirLspServerMain.h"
#include "moa/InitAll.h"
#include <cstdio>
#include <cstdlib>
#include <sys/wait.h>
#include <unistd.h>

static int serve(int argc, char **argv) {
  mlir::DialectRegistry registry;
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  moa::registerAllDialects(registry);
  return failed(mlir::MlirLspServerMain(argc, argv, registry));
}

/// Pass on what the server says: messages, "Content-Length: N", an empty line
/// and N bytes; and anything else, such as the text of --help, as it is.
static void relay(FILE *server) {
  char *line = nullptr;
  size_t capacity = 0;
  size_t length = 0;
  ssize_t read;
  while ((read = getline(&line, &capacity, server)) != -1) {
    llvm::StringRef text(line, read), number = text.trim();
    if (number.consume_front("Content-Length:")) {
      if (number.trim().getAsInteger(10, length))
        length = 0;
      continue;
    }
    if (!length) {
      llvm::outs() << text;
      continue;
    }
    if (!text.trim().empty())
      continue; // another header: the content is JSON, whatever it says
    std::string body(length, '\0');
    body.resize(fread(body.data(), 1, length, server));
    body = addDocumentation(std::move(body));
    llvm::outs() << "Content-Length: " << body.size() << "\r\n\r\n" << body;
    llvm::outs().flush();
    length = 0;
  }
  free(line);
}

int main(int argc, char **argv) {
  int ends[2];
  pid_t child;
  if (pipe(ends) != 0 || (child = fork()) < 0) {
    perror("moa-lsp-server: cannot start the server");
    return EXIT_FAILURE;
  }
  if (child == 0) {
    dup2(ends[1], STDOUT_FILENO);
    close(ends[0]);
    close(ends[1]);
    return serve(argc, argv);
  }
  // The child alone reads what the editor says.
  close(STDIN_FILENO);
  close(ends[1]);
  FILE *server = fdopen(ends[0], "r");
  relay(server);
  fclose(server);
  int status = 0;
  waitpid(child, &status, 0);
  if (WIFEXITED(status))
    return WEXITSTATUS(status);
  llvm::errs() << "moa-lsp-server: the server ended by signal "
               << WTERMSIG(status) << "\n";
  return EXIT_FAILURE;
}
