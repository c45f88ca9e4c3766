# Small libraries that go into the program itself, so that it runs on machines without them:
# static::deflate, static::utf8proc, static::png, static::jpeg, static::webp, static::webpmux,
# static::webpdemux, static::gif, static::tiff, static::yaml-cpp, and the headers of stb.
include_guard(GLOBAL)

function(velatura_static_library name header)
  find_path(${name}_INCLUDE_DIR ${header} REQUIRED)
  find_library(${name}_LIBRARY NAMES lib${name}.a ${name} REQUIRED)
  velatura_notice(${name} ${${name}_LIBRARY})
  add_library(static::${name} UNKNOWN IMPORTED GLOBAL)
  set_target_properties(static::${name} PROPERTIES IMPORTED_LOCATION ${${name}_LIBRARY})
  target_include_directories(static::${name} SYSTEM INTERFACE ${${name}_INCLUDE_DIR})
endfunction()

velatura_static_library(deflate libdeflate.h)
velatura_static_library(utf8proc utf8proc.h)
velatura_static_library(z zlib.h)
velatura_static_library(png png.h)
velatura_static_library(jpeg jpeglib.h)
velatura_static_library(webp webp/encode.h)
velatura_static_library(webpmux webp/mux.h)
velatura_static_library(webpdemux webp/demux.h)
velatura_static_library(gif gif_lib.h)
velatura_static_library(tiff tiffio.h)
velatura_static_library(yaml-cpp yaml-cpp/yaml.h)
target_link_libraries(static::png INTERFACE static::z m)

# libwebp 1.3 moved its colour conversion into a library of its own.
find_library(sharpyuv_LIBRARY NAMES libsharpyuv.a sharpyuv)
if(sharpyuv_LIBRARY)
  target_link_libraries(static::webp INTERFACE ${sharpyuv_LIBRARY})
endif()
find_package(Threads REQUIRED)
target_link_libraries(static::webp INTERFACE Threads::Threads m)
target_link_libraries(static::webpmux INTERFACE static::webp)
target_link_libraries(static::webpdemux INTERFACE static::webp)

# What libtiff compresses with; LERC since 4.4. JBIG's library is under the GPL, so that it stays outside.
add_library(velatura_no_jbig STATIC ${PROJECT_SOURCE_DIR}/src/image/no_jbig.c)
target_link_libraries(static::tiff INTERFACE velatura_no_jbig static::webp static::jpeg static::deflate static::z m)
foreach(codec lzma zstd Lerc)
  find_library(tiff_${codec}_LIBRARY NAMES lib${codec}.a ${codec})
  if(tiff_${codec}_LIBRARY)
    velatura_notice(${codec} ${tiff_${codec}_LIBRARY})
    target_link_libraries(static::tiff INTERFACE ${tiff_${codec}_LIBRARY})
  endif()
endforeach()

find_path(stb_INCLUDE_DIR stb/stb_image_write.h REQUIRED)
velatura_notice(stb ${stb_INCLUDE_DIR}/stb/stb_image_write.h)
add_library(stb::stb INTERFACE IMPORTED GLOBAL)
target_include_directories(stb::stb SYSTEM INTERFACE ${stb_INCLUDE_DIR})
