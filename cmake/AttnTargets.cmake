# Every part of the compiler is one static library on the MLIR and LLVM
# dylibs; mixing them with LLVM's static archives would register options twice.

# attn_add_library(NAME SOURCES... [DEPENDS targets...] [LINK_LIBS libs...])
# A library of the compiler. It reuses the precompiled MLIR headers.
function(attn_add_library name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;LINK_LIBS" ${ARGN})
  add_library(${name} STATIC ${ARG_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PUBLIC ${ARG_LINK_LIBS} MLIR LLVM)
  add_dependencies(${name} AttnIncGen ${ARG_DEPENDS})
  if(TARGET AttnPrecompiled)
    target_precompile_headers(${name} REUSE_FROM AttnPrecompiled)
  endif()
endfunction()

# attn_add_tool(NAME SOURCES... [LINK_LIBS libs...])
# A program of the project; check-attn builds it before the tests run.
function(attn_add_tool name)
  cmake_parse_arguments(ARG "" "" "LINK_LIBS" ${ARGN})
  add_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PRIVATE ${ARG_LINK_LIBS} MLIR LLVM)
  add_dependencies(${name} AttnIncGen)
  set_property(GLOBAL APPEND PROPERTY ATTN_TOOLS ${name})
endfunction()
