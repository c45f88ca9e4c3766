#include "image/inflate.h"

#include <libdeflate.h>

#include <algorithm>
#include <memory>

#include "velatura/error.h"

namespace velatura {

std::optional<std::string> inflate_zlib(std::string_view packed, std::size_t max_bytes) {
  constexpr std::size_t kFirstGuess = 4;  // times as large as packed
  const std::unique_ptr<libdeflate_decompressor, decltype(&libdeflate_free_decompressor)> inflater(
      libdeflate_alloc_decompressor(), &libdeflate_free_decompressor);
  if (!inflater) throw Error(ErrorKind::internal, "libdeflate could not be started");
  for (std::size_t room = std::min(max_bytes, packed.size() * kFirstGuess);;
       room = std::min(max_bytes, room * 2)) {
    std::string text(room, '\0');
    std::size_t size = 0;
    const auto result = libdeflate_zlib_decompress(inflater.get(), packed.data(), packed.size(),
                                                   text.data(), room, &size);
    if (result == LIBDEFLATE_SUCCESS) {
      text.resize(size);
      return text;
    }
    if (result != LIBDEFLATE_INSUFFICIENT_SPACE || room == max_bytes || room == 0) {
      return std::nullopt;
    }
  }
}

}  // namespace velatura
