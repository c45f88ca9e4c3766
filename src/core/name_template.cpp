#include "core/name_template.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <ctime>
#include <regex>

#include "core/text.h"
#include "velatura/error.h"

namespace velatura {
namespace {

namespace fs = std::filesystem;

constexpr const char* kNameInFolder = "{seq:05}-{seed}.png";
constexpr std::size_t kSlugLength = 60;  // bytes; a file name has 255
const std::vector<std::string> kFields = {"seq", "seed", "index", "date", "prompt"};

std::string today() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  localtime_r(&now, &parts);
  char text[16];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%d", &parts)};
}

bool is_continuation(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0u) == 0x80u;
}

// The prompt as part of a file name: ASCII letters and digits and all other scripts stay.
std::string slug(std::string_view prompt) {
  std::string text;
  for (const char byte : prompt) {
    const auto code = static_cast<unsigned char>(byte);
    if (code >= 0x80 || std::isalnum(code)) {
      text += byte;
    } else if (!text.empty() && text.back() != '-') {
      text += '-';
    }
  }
  if (text.size() > kSlugLength) {
    std::size_t end = kSlugLength;
    while (end > 0 && is_continuation(text[end])) --end;
    text.resize(end);
  }
  while (text.ends_with('-')) text.pop_back();
  return text.empty() ? "empty" : text;
}

std::string padded(std::uint64_t number, std::size_t width) {
  const std::string digits = std::to_string(number);
  return std::string(width > digits.size() ? width - digits.size() : 0, '0') + digits;
}

std::string escaped(const std::string& literal) {
  return std::regex_replace(literal, std::regex(R"([.^$|()\[\]{}*+?\\])"), R"(\$&)");
}

bool is_folder(const std::string& name) {
  std::error_code error;
  return name.ends_with('/') || fs::is_directory(name, error);
}

void check_field(const std::string& name) {
  if (std::ranges::find(kFields, name) != kFields.end()) return;
  const std::string near = nearest(name, kFields);
  throw UsageError("output: unknown field {" + name + "}" +
                       (near.empty() ? "; known are {seq}, {seed}, {index}, {date} and {prompt}"
                                     : ", did you mean {" + near + "}?"),
                   {"output"});
}

}  // namespace

fs::path numbered(const fs::path& file, std::uint64_t number) {
  return file.parent_path() /
         (file.stem().string() + "-" + std::to_string(number) + file.extension().string());
}

NameTemplate::NameTemplate(const std::string& name) : date_(today()) {
  const fs::path path = is_folder(name) ? fs::path(name) / kNameInFolder : fs::path(name);
  folder_ = parse(path.parent_path().string());
  for (const Piece& piece : folder_) {
    if (piece.is_field && piece.text != "date" && piece.text != "prompt") {
      throw UsageError("output: {" + piece.text + "} can only be in the file name", {"output"});
    }
  }
  stem_ = parse(path.stem().string());
  extension_ = path.extension().string();
}

fs::path NameTemplate::expand(const Fields& fields) const {
  return fs::path(expand(folder_, fields)) / (expand(stem_, fields) + extension_);
}

fs::path NameTemplate::folder(std::string_view prompt) const {
  return expand(folder_, {.prompt = prompt});
}

fs::path NameTemplate::root() const {
  std::string fixed;
  for (const Piece& piece : folder_) {
    if (piece.is_field) return fs::path(fixed).parent_path();
    fixed += piece.text;
  }
  return fixed;
}

bool NameTemplate::has_fields() const {
  return std::ranges::any_of(folder_, &Piece::is_field) ||
         std::ranges::any_of(stem_, &Piece::is_field);
}

bool NameTemplate::has_field(std::initializer_list<std::string_view> names) const {
  return std::ranges::any_of(stem_, [&](const Piece& piece) {
    return piece.is_field && std::ranges::find(names, piece.text) != names.end();
  });
}

void NameTemplate::append_field(const std::string& name) {
  stem_.push_back({"-"});
  stem_.push_back({name, true});
}

std::string NameTemplate::seq_pattern() const {
  std::string pattern;
  for (const Piece& piece : stem_) {
    if (!piece.is_field) {
      pattern += escaped(piece.text);
    } else if (piece.text == "seq") {
      pattern += R"((\d{1,18}))";
    } else {
      pattern += piece.text == "seed" || piece.text == "index" ? R"(\d+)" : ".*";
    }
  }
  return pattern + R"(\.[A-Za-z]+)";
}

std::vector<NameTemplate::Piece> NameTemplate::parse(const std::string& name) {
  std::vector<Piece> pieces{{""}};
  for (std::size_t at = 0; at < name.size(); ++at) {
    const char c = name[at];
    if ((c == '{' || c == '}') && at + 1 < name.size() && name[at + 1] == c) {
      pieces.back().text += c;
      ++at;
    } else if (c == '{') {
      const std::size_t end = name.find('}', at);
      if (end == std::string::npos)
        throw UsageError("output " + name + ": a { without its }", {"output"});
      const std::string field = name.substr(at + 1, end - at - 1);
      const std::size_t colon = std::min(field.find(':'), field.size());
      const std::string width = colon < field.size() ? field.substr(colon + 1) : "0";
      if (width.empty() || width.size() > 2 ||
          width.find_first_not_of("0123456789") != std::string::npos) {
        throw UsageError("output: {" + field + "}: expected a width such as 05 behind the colon",
                         {"output"});
      }
      check_field(field.substr(0, colon));
      pieces.push_back({field.substr(0, colon), true, std::stoul(width)});
      pieces.push_back({""});
      at = end;
    } else {
      pieces.back().text += c;
    }
  }
  return pieces;
}

std::string NameTemplate::expand(const std::vector<Piece>& pieces, const Fields& fields) const {
  std::string text;
  for (const Piece& piece : pieces) {
    if (!piece.is_field) {
      text += piece.text;
    } else if (piece.text == "seq") {
      text += padded(fields.seq, piece.width);
    } else if (piece.text == "seed") {
      text += padded(fields.seed, piece.width);
    } else if (piece.text == "index") {
      text += padded(fields.index, piece.width);
    } else {
      text += piece.text == "date" ? date_ : slug(fields.prompt);
    }
  }
  return text;
}

}  // namespace velatura
