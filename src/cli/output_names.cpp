#include "cli/output_names.h"

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <regex>

#include "core/text.h"
#include "velatura/error.h"
#include "velatura/image.h"

namespace velatura::cli {
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
std::string slug(const std::string& prompt) {
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

bool is_folder(const std::string& output) {
  std::error_code error;
  return output.ends_with('/') || fs::is_directory(output, error);
}

}  // namespace

OutputNames::OutputNames(const std::string& output, int num_images, const std::string& prompt)
    : date_(today()), slug_(slug(prompt)) {
  const fs::path path = is_folder(output) ? fs::path(output) / kNameInFolder : fs::path(output);
  std::string folder;
  for (const Piece& piece : parse(path.parent_path().string())) {
    if (piece.is_field && piece.text != "date" && piece.text != "prompt") {
      throw UsageError("--output: {" + piece.text + "} can only be in the file name");
    }
    folder += expand(piece, 0);
  }
  folder_ = folder;
  image_format(path.filename());  // throws for an unknown extension
  pieces_ = parse(path.stem().string());
  if (num_images > 1 && !has_field({"seq", "seed", "index"})) {
    pieces_.push_back({"-"});
    pieces_.push_back({"index", true});
  }
  pieces_.push_back({path.extension().string()});
  if (has_field({"seq"})) seq_ = first_free_number();
}

fs::path OutputNames::next(std::uint64_t seed) {
  std::string name;
  for (const Piece& piece : pieces_) name += expand(piece, seed);
  ++index_;
  ++seq_;
  return folder_ / name;
}

std::vector<OutputNames::Piece> OutputNames::parse(const std::string& name) {
  std::vector<Piece> pieces{{""}};
  for (std::size_t at = 0; at < name.size(); ++at) {
    const char c = name[at];
    if ((c == '{' || c == '}') && at + 1 < name.size() && name[at + 1] == c) {
      pieces.back().text += c;
      ++at;
    } else if (c == '{') {
      const std::size_t end = name.find('}', at);
      if (end == std::string::npos) throw UsageError("--output " + name + ": a { without its }");
      const std::string field = name.substr(at + 1, end - at - 1);
      const std::size_t colon = std::min(field.find(':'), field.size());
      const std::string width = colon < field.size() ? field.substr(colon + 1) : "0";
      if (width.empty() || width.size() > 2 ||
          width.find_first_not_of("0123456789") != std::string::npos) {
        throw UsageError("--output: {" + field + "}: expected a width such as 05 behind the colon");
      }
      const Piece piece{field.substr(0, colon), true, std::stoul(width)};
      check_field(piece);
      pieces.push_back(piece);
      pieces.push_back({""});
      at = end;
    } else {
      pieces.back().text += c;
    }
  }
  return pieces;
}

void OutputNames::check_field(const Piece& piece) {
  if (std::ranges::find(kFields, piece.text) != kFields.end()) return;
  const std::string near = nearest(piece.text, kFields);
  throw UsageError("--output: unknown field {" + piece.text + "}" +
                   (near.empty() ? "; known are {seq}, {seed}, {index}, {date} and {prompt}"
                                 : ", did you mean {" + near + "}?"));
}

bool OutputNames::has_field(std::initializer_list<const char*> names) const {
  return std::ranges::any_of(pieces_, [&](const Piece& piece) {
    return piece.is_field && std::ranges::find(names, piece.text) != names.end();
  });
}

std::uint64_t OutputNames::first_free_number() const {
  std::string pattern;
  for (const Piece& piece : pieces_) {
    if (!piece.is_field) {
      pattern += &piece == &pieces_.back() ? R"(\.[A-Za-z]+)" : escaped(piece.text);
    } else if (piece.text == "seq") {
      pattern += R"((\d{1,18}))";
    } else {
      pattern += piece.text == "seed" || piece.text == "index" ? R"(\d+)" : ".*";
    }
  }
  const std::regex of_this_template(pattern);
  std::uint64_t free = 0;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder_.empty() ? "." : folder_, error)) {
    const std::string name = entry.path().filename().string();
    std::smatch match;
    if (std::regex_match(name, match, of_this_template)) {
      free = std::max<std::uint64_t>(free, std::stoull(match[1]) + 1);
    }
  }
  return free;
}

std::string OutputNames::expand(const Piece& piece, std::uint64_t seed) const {
  if (!piece.is_field) return piece.text;
  if (piece.text == "seq") return padded(seq_, piece.width);
  if (piece.text == "seed") return padded(seed, piece.width);
  if (piece.text == "index") return padded(static_cast<std::uint64_t>(index_), piece.width);
  return piece.text == "date" ? date_ : slug_;
}

void check_writable(const fs::path& folder) {
  fs::path existing = folder.empty() ? "." : folder;
  std::error_code error;
  while (!fs::exists(fs::symlink_status(existing, error)) && existing.has_relative_path()) {
    const fs::path parent = existing.parent_path();
    existing = parent.empty() ? "." : parent;
  }
  std::string probe = (existing / ".velatura-XXXXXX").string();
  const int file = mkstemp(probe.data());
  if (file < 0) {
    throw OutputError((folder.empty() ? "." : folder.string()) +
                      ": cannot be written to: " + std::strerror(errno));
  }
  close(file);
  unlink(probe.c_str());
}

}  // namespace velatura::cli
