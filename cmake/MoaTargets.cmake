# How every library and tool of the project is built: warnings, sanitizers and
# LLVM's conventions (no RTTI, no exceptions) in one place.

# Most of the time to compile a file goes into reading MLIR's headers: they are
# read once. Files include what they use all the same, which a build without
# MOA_PRECOMPILE shows.
option(MOA_PRECOMPILE "Precompile MLIR's headers" ON)
set(MOA_PRECOMPILED_HEADERS
  <mlir/Dialect/Affine/IR/AffineOps.h>
  <mlir/Dialect/Arith/IR/Arith.h>
  <mlir/Dialect/Func/IR/FuncOps.h>
  <mlir/Dialect/GPU/IR/GPUDialect.h>
  <mlir/Dialect/LLVMIR/LLVMDialect.h>
  <mlir/Dialect/Linalg/IR/Linalg.h>
  <mlir/Dialect/MemRef/IR/MemRef.h>
  <mlir/Dialect/SCF/IR/SCF.h>
  <mlir/Dialect/Tensor/IR/Tensor.h>
  <mlir/Pass/Pass.h>
  <mlir/Transforms/DialectConversion.h>)

function(moa_compile_options target)
  # What is precompiled for one target serves all: flags have to be the same,
  # for tools too, which CMake would compile with -fPIE.
  set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE ON)
  target_compile_options(${target} PRIVATE -fPIC)
  if(MOA_PRECOMPILE AND target STREQUAL MoaPrecompiled)
    target_precompile_headers(${target} PRIVATE ${MOA_PRECOMPILED_HEADERS})
  elseif(MOA_PRECOMPILE)
    target_precompile_headers(${target} REUSE_FROM MoaPrecompiled)
  endif()
  target_compile_options(${target} PRIVATE
    -Wall -Wextra -Wno-unused-parameter -Wimplicit-fallthrough
    -fno-rtti -fno-exceptions
    # TableGen output trips this one; it is not our code.
    $<$<CXX_COMPILER_ID:GNU>:-Wno-dangling-reference>)
  if(MOA_WERROR)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
  if(MOA_SANITIZERS)
    target_compile_options(${target} PRIVATE
      -fsanitize=${MOA_SANITIZERS} -fno-omit-frame-pointer
      -fno-sanitize=vptr)
    target_link_options(${target} PUBLIC -fsanitize=${MOA_SANITIZERS})
  endif()
endfunction()

# moa_add_library(NAME sources... [NO_MLIR] [NO_LLVM] [DEPENDS targets...]
#                 [LINK libraries...])
# MoaFoo is MoA::Foo to other projects, and to this one. NO_MLIR: LLVM is enough;
# NO_LLVM: nor is that needed.
function(moa_add_library name)
  cmake_parse_arguments(ARG "NO_MLIR;NO_LLVM" "" "DEPENDS;LINK" ${ARGN})
  add_library(${name} STATIC ${ARG_UNPARSED_ARGUMENTS})
  moa_compile_options(${name})
  if(ARG_DEPENDS)
    add_dependencies(${name} ${ARG_DEPENDS})
  endif()
  if(NOT ARG_NO_MLIR AND NOT ARG_NO_LLVM)
    list(APPEND ARG_LINK MLIR)
  endif()
  if(NOT ARG_NO_LLVM)
    list(APPEND ARG_LINK LLVM)
  endif()
  target_link_libraries(${name} PUBLIC ${ARG_LINK})
  target_include_directories(${name} INTERFACE
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)

  string(REGEX REPLACE "^Moa" "" short ${name})
  add_library(MoA::${short} ALIAS ${name})
  set_target_properties(${name} PROPERTIES EXPORT_NAME ${short})
  install(TARGETS ${name} EXPORT MoATargets
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT dev)
endfunction()

# moa_add_tool(NAME sources... [LINK libraries...])
function(moa_add_tool name)
  cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
  add_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
  moa_compile_options(${name})
  target_link_libraries(${name} PRIVATE ${ARG_LINK} MLIR LLVM)
  install(TARGETS ${name} EXPORT MoATargets
    RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT tools)
endfunction()
