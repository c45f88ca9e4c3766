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

std::string_view cut(std::string_view& data) {
  const std::size_t end = data.find('\0');
  const std::string_view head = data.substr(0, end);
  data.remove_prefix(end == data.npos ? data.size() : end + 1);
  return head;
}

// Text is UTF-8 if it can be, as iTXt has it and many programs write it in other chunks, too; else
// Latin-1. Nothing for other chunks, and for a compression that does not exist. (PNG, 2nd ed.,
// §11.3.4)
class TextReader {
 public:
  explicit TextReader(const ByteReader& file) : file_(file) {}

  std::optional<Text> read(std::string_view type, std::string_view data) {
    if (type != "tEXt" && type != "zTXt" && type != "iTXt") return std::nullopt;
    const std::string_view key = cut(data);
    if (type == "tEXt") return kept({key, decoded(data)});
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
    return kept({key, decoded(compressed ? inflated(data) : std::string(data))});
  }

 private:
  static std::string decoded(std::string_view text) {
    return is_utf8(text) ? std::string(text) : utf8_from_latin1(text);
  }

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
  bool has_pixels = false;  // what is damaged behind them does not matter
  for (bool ended = false; !ended;) {
    if (has_pixels && reader.left() < 8) break;
    const std::size_t size = reader.big_endian(4);
    has_pixels = has_pixels || as_text(ByteReader(reader).take(4)) == "IDAT";
    if (size + 8 > reader.left()) {
      if (has_pixels) break;
      reader.fail("a PNG chunk runs over the end of the file");
    }
    const ByteView type_and_data = reader.take(4 + size);
    const std::string_view type = as_text(type_and_data.first(4));
    if (reader.big_endian(4) != png_crc32(type_and_data)) {
      if (has_pixels) continue;
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
