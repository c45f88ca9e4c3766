#include <optional>
#include <string_view>

#include "core/text.h"
#include "image/formats.h"
#include "image/inflate.h"
#include "image/png_chunks.h"

namespace velatura {
namespace {

constexpr std::size_t kMostText = 16u << 20;  // bytes of all texts of a picture, decoded

struct Text {
  std::string_view key;
  std::string text;
};

std::string utf8_from_latin1(std::string_view latin1) {
  std::string text;
  for (const char c : latin1) append_utf8(text, static_cast<std::uint8_t>(c));
  return text;
}

std::string_view cut(std::string_view& data) {
  const std::size_t end = data.find('\0');
  const std::string_view head = data.substr(0, end);
  data.remove_prefix(end == data.npos ? data.size() : end + 1);
  return head;
}

// Text that is not UTF-8 where it should be is taken as Latin-1. Nothing for other chunks, and for
// a compression that does not exist. (PNG, 2nd ed., §11.3.4)
class TextReader {
 public:
  explicit TextReader(const ByteReader& file) : file_(file) {}

  std::optional<Text> read(std::string_view type, std::string_view data) {
    if (type != "tEXt" && type != "zTXt" && type != "iTXt") return std::nullopt;
    const std::string_view key = cut(data);
    if (type == "tEXt") return kept({key, utf8_from_latin1(data)});
    bool compressed = type == "zTXt";
    if (type == "iTXt") {
      if (data.empty()) return std::nullopt;
      compressed = data.front() != 0;
      data.remove_prefix(1);
    }
    if (data.empty() || (compressed && data.front() != 0)) return std::nullopt;
    data.remove_prefix(1);  // the compression's method
    if (type == "iTXt") {
      cut(data);  // language
      cut(data);  // translated keyword
    }
    std::string text = compressed ? inflated(data) : std::string(data);
    return kept({key, type == "iTXt" && is_utf8(text) ? text : utf8_from_latin1(text)});
  }

 private:
  std::string inflated(std::string_view packed) const {
    if (auto text = inflate_zlib(packed, left_)) return *std::move(text);
    file_.fail("a compressed text is damaged, or the picture's text is above 16 MiB");
  }

  Text kept(Text text) {
    const std::size_t size = text.key.size() + text.text.size();
    if (size > left_) file_.fail("the picture's text is above 16 MiB");
    left_ -= size;
    return text;
  }

  const ByteReader& file_;
  std::size_t left_ = kMostText;
};

}  // namespace

PictureTexts read_png_texts(ByteView bytes, const std::string& where) {
  ByteReader reader(bytes, where);
  reader.take(kPngSignature.size());
  TextReader text_reader(reader);
  PictureTexts texts;
  for (bool ended = false; !ended;) {
    const std::size_t size = reader.big_endian(4);
    if (size > reader.left()) reader.fail("a PNG chunk runs over the end of the file");
    const ByteView type_and_data = reader.take(4 + size);
    const std::string_view type = as_text(type_and_data.first(4));
    if (reader.big_endian(4) != png_crc32(type_and_data)) {
      reader.fail("the checksum of a PNG chunk is wrong");
    }
    if (auto text = text_reader.read(type, as_text(type_and_data.subspan(4)))) {
      texts.insert_or_assign(std::string(text->key), std::move(text->text));
    }
    ended = type == "IEND";
  }
  return texts;
}

}  // namespace velatura
