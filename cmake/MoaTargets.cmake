# How every library and tool of the project is built: warnings, sanitizers and
# LLVM's conventions (no RTTI, no exceptions) in one place.

function(moa_compile_options target)
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

# moa_add_library(NAME sources... [NO_MLIR] [DEPENDS targets...] [LINK libraries...])
# MoaFoo is MoA::Foo to other projects, and to this one. NO_MLIR: LLVM is enough.
function(moa_add_library name)
  cmake_parse_arguments(ARG "NO_MLIR" "" "DEPENDS;LINK" ${ARGN})
  add_library(${name} STATIC ${ARG_UNPARSED_ARGUMENTS})
  set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE ON)
  moa_compile_options(${name})
  if(ARG_DEPENDS)
    add_dependencies(${name} ${ARG_DEPENDS})
  endif()
  if(NOT ARG_NO_MLIR)
    list(APPEND ARG_LINK MLIR)
  endif()
  target_link_libraries(${name} PUBLIC ${ARG_LINK} LLVM)
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
