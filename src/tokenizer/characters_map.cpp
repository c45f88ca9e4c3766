#include "tokenizer/characters_map.h"

#include "core/text.h"
#include "tokenizer/unicode.h"
#include "velatura/error.h"

namespace velatura::tokenizer {
namespace {

constexpr std::size_t kWholeCluster = 6;  // bytes, from which on a cluster is taken apart

std::uint32_t little_endian(std::string_view bytes, std::size_t begin) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i)
    value |= static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[begin + i])) << (8 * i);
  return value;
}

// A unit of the trie: what leads to it, where what follows begins, whether a key ends with it, and in the
// unit that follows then, the place of the key's text.
std::uint32_t label(std::uint32_t unit) {
  return unit & 0x800000FFu;
}
std::uint32_t offset(std::uint32_t unit) {
  return (unit >> 10) << ((unit & 0x200u) >> 6);
}
bool has_leaf(std::uint32_t unit) {
  return (unit & 0x100u) != 0;
}
std::uint32_t value(std::uint32_t unit) {
  return unit & 0x7FFFFFFFu;
}

}  // namespace

CharactersMap::CharactersMap(std::string_view bytes, const std::string& where) : where_(where) {
  if (bytes.empty()) return;
  const std::size_t size = bytes.size() < 4 ? 0 : little_endian(bytes, 0);
  if (size == 0 || size % 4 != 0 || size > bytes.size() - 4) damaged();
  for (std::size_t i = 0; i < size; i += 4) trie_.push_back(little_endian(bytes, 4 + i));
  texts_ = bytes.substr(4 + size);
  if (!is_utf8(texts_)) damaged();
}

void CharactersMap::damaged() const {
  throw InputError(where_ + ": its map of characters is damaged");
}

std::uint32_t CharactersMap::unit(std::uint32_t place) const {
  if (place >= trie_.size()) damaged();
  return trie_[place];
}

std::optional<std::string_view> CharactersMap::replacement(std::string_view text) const {
  if (trie_.empty()) return {};
  std::uint32_t place = offset(unit(0));
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    place ^= byte;
    if (place >= trie_.size() || label(trie_[place]) != byte) return {};
    const std::uint32_t found = trie_[place];
    place ^= offset(found);
    if (!has_leaf(found)) continue;
    const std::uint32_t begin = value(unit(place));
    if (begin >= texts_.size()) damaged();
    std::string_view text_found = std::string_view(texts_).substr(begin);
    text_found = text_found.substr(0, text_found.find('\0'));
    if (!is_utf8(text_found)) damaged();  // it begins within a character
    return text_found;
  }
  return {};
}

std::string CharactersMap::normalised(std::string_view text) const {
  std::string result;
  result.reserve(text.size());
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = grapheme_end(text, begin);
    const std::string_view cluster = text.substr(begin, end - begin);
    const auto whole = cluster.size() < kWholeCluster ? replacement(cluster) : std::nullopt;
    if (whole) {
      result += *whole;
    } else {
      for (std::size_t i = 0; i < cluster.size();) {
        const std::size_t at = i;
        next_code_point(cluster, i);
        const std::string_view character = cluster.substr(at, i - at);
        result += replacement(character).value_or(character);
      }
    }
    begin = end;
  }
  return result;
}

}  // namespace velatura::tokenizer
