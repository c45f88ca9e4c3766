# The licences of what becomes part of the program, as `velatura help licences` shows them.

# Says that a library does; `file` is any of its files. On Debian the package that the file is of knows
# the library's copyright and licence.
function(velatura_notice name file)
  set_property(GLOBAL APPEND PROPERTY VELATURA_NOTICES ${name})
  set(text "See the library's own files.\n")
  get_filename_component(file ${file} REALPATH)
  execute_process(COMMAND dpkg-query -S ${file} OUTPUT_VARIABLE owner ERROR_QUIET RESULT_VARIABLE unknown)
  if(unknown STREQUAL "0")
    string(REGEX REPLACE "[:,].*" "" package "${owner}")
    if(EXISTS /usr/share/doc/${package}/copyright)
      file(READ /usr/share/doc/${package}/copyright text)
    endif()
  endif()
  set_property(GLOBAL PROPERTY VELATURA_NOTICE_${name} "${text}")
endfunction()

# Writes the C++ source of third_party_notices(), of all that was said so far.
function(velatura_write_notices source)
  get_property(names GLOBAL PROPERTY VELATURA_NOTICES)
  list(REMOVE_DUPLICATES names)
  list(SORT names CASE INSENSITIVE)
  set(texts "")
  foreach(name IN LISTS names)
    get_property(text GLOBAL PROPERTY VELATURA_NOTICE_${name})
    string(APPEND texts "R\"notice(---- ${name} ----\n\n${text}\n)notice\"\n")
  endforeach()
  file(WRITE ${source}.new "#include \"cli/help/notices.h\"\n\nstd::string_view velatura::cli::third_party_notices() {\n"
                           "  return\n${texts};\n}\n")
  file(COPY_FILE ${source}.new ${source} ONLY_IF_DIFFERENT)
endfunction()
