# One module = one static library `entente_<name>` of src/<name>/**.cpp and one test program `<name>_test` of the
# *_test.cpp files beside them. `entente_module(NAME stix USES base LINKS simdjson::simdjson)`.
# USES names the modules of ours it may include; tests/layering checks that nothing else is included. INNER: what other modules
# call all the time; under AddressSanitizer -O1 saves its tests and theirs more than it costs to compile. ALONE: the files that a
# build in unities (ENTENTE_UNITY) leaves alone, because they give a name that another file of the module has inside too; ALL: every one.

add_library(entente_flags INTERFACE)
target_compile_options(entente_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Woverloaded-virtual
  -fstack-protector-strong)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # g++ 12 sees overlapping copies in every inlined `"literal" + std::string` (GCC bug 105651); 13 does not.
  target_compile_options(entente_flags INTERFACE -Wno-restrict)
endif()
target_compile_definitions(entente_flags INTERFACE _GLIBCXX_ASSERTIONS SPDLOG_FMT_EXTERNAL SPDLOG_SHARED_LIB SPDLOG_COMPILED_LIB)
if(ENTENTE_SANITIZE)
  target_compile_options(entente_flags INTERFACE -fsanitize=${ENTENTE_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(entente_flags INTERFACE -fsanitize=${ENTENTE_SANITIZE})
endif()

if(ENTENTE_PRECOMPILE AND CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  target_compile_options(entente_flags INTERFACE "SHELL:-Xclang -fno-pch-timestamp")
endif()

# What nearly every file includes, for a target of many files; tests have GoogleTest before it. Each file still includes what it
# uses: other builds have nothing precompiled.
function(entente_precompile target files)
  list(LENGTH files count)
  if(NOT ENTENTE_PRECOMPILE OR NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang" OR count LESS 6)
    return()
  endif()
  target_precompile_headers(${target} PRIVATE ${ARGN} <boost/json.hpp> <fmt/format.h> <tl/expected.hpp> <algorithm> <array>
    <functional> <map> <memory> <mutex> <optional> <set> <span> <string> <string_view> <unordered_map> <utility> <vector>)
endfunction()

function(entente_module)
  cmake_parse_arguments(M "INNER" "NAME" "USES;LINKS;TEST_LINKS;TEST_USES;ALONE" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "(_test|/main)\\.cpp$")
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  # A module of headers alone is an interface library: CMake refuses a static one without sources.
  set(kind STATIC)
  set(visible PUBLIC)
  if(NOT sources)
    set(kind INTERFACE)
    set(visible INTERFACE)
  endif()
  add_library(entente_${M_NAME} ${kind} ${sources})
  target_include_directories(entente_${M_NAME} ${visible} ${CMAKE_SOURCE_DIR}/src)
  target_link_libraries(entente_${M_NAME} ${visible} entente_flags ${M_LINKS})
  if(M_INNER AND ENTENTE_SANITIZE MATCHES "address")
    target_compile_options(entente_${M_NAME} PRIVATE -O1)
  endif()
  if(ENTENTE_BUILD_FUZZ AND sources AND NOT M_NAME MATCHES "^(store|ops|peer)$")
    # The fuzz targets never come into these three.
    target_compile_options(entente_${M_NAME} PRIVATE ${ENTENTE_FUZZ_FLAGS})
  endif()
  entente_precompile(entente_${M_NAME} "${sources}")
  if(ENTENTE_UNITY AND sources AND NOT M_ALONE STREQUAL "ALL")
    set_target_properties(entente_${M_NAME} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 8)
    set_source_files_properties(${M_ALONE} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
  endif()
  foreach(used IN LISTS M_USES)
    target_link_libraries(entente_${M_NAME} ${visible} entente_${used})
  endforeach()
  if(ENTENTE_BUILD_TESTS AND tests)
    add_executable(${M_NAME}_test ${tests})
    target_link_libraries(${M_NAME}_test PRIVATE entente_${M_NAME} GTest::gtest GTest::gmock GTest::gtest_main ${M_TEST_LINKS})
    foreach(used IN LISTS M_TEST_USES)
      target_link_libraries(${M_NAME}_test PRIVATE entente_${used})
    endforeach()
    entente_precompile(${M_NAME}_test "${tests}" <gtest/gtest.h> <gmock/gmock.h>)
    add_test(NAME ${M_NAME}_test COMMAND ${M_NAME}_test)
    set_tests_properties(${M_NAME}_test PROPERTIES TIMEOUT 900)
  endif()
endfunction()
