#include "weights/formats/yaml_file.h"

#include <yaml-cpp/yaml.h>

#include <charconv>
#include <span>
#include <string>

#include "core/failed_download.h"
#include "core/read_file.h"
#include "core/text.h"
#include "velatura/error.h"
#include "weights/sources/names.h"

namespace velatura::weights {
namespace {

constexpr std::uintmax_t kLargest = 256 << 10;
constexpr int kDeepestNode = 32;
constexpr int kMostValues = 20'000;

template <class Number>
bool reads_as(const std::string& text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

nlohmann::json plain_scalar(const std::string& text) {
  if (text.empty() || text == "~" || text == "null" || text == "Null") return nullptr;
  if (text == "true" || text == "True") return true;
  if (text == "false" || text == "False") return false;
  std::int64_t whole = 0;
  if (reads_as(text, whole)) return whole;
  double number = 0;
  if (reads_as(text, number)) return number;
  return text;
}

class Converter {
 public:
  explicit Converter(std::string where) : where_(std::move(where)) {}

  nlohmann::json convert(const YAML::Node& node, int depth = 0) {
    if (depth > kDeepestNode || ++values_ > kMostValues) fail(node, "too deep or too large");
    if (node.IsScalar()) {
      const bool quoted = node.Tag() == "!";
      return quoted ? nlohmann::json(text_of(node)) : plain_scalar(text_of(node));
    }
    if (node.IsSequence()) {
      auto list = nlohmann::json::array();
      for (const YAML::Node& item : node) list.push_back(convert(item, depth + 1));
      return list;
    }
    if (!node.IsMap()) return nullptr;
    auto object = nlohmann::json::object();
    for (const auto& item : node) {
      const YAML::Node &key = item.first, &value = item.second;
      if (!key.IsScalar()) fail(key, "a key that is no text");
      const std::string& name = text_of(key);
      if (object.contains(name)) fail(key, "the key " + shown(name) + " twice");
      object[name] = convert(value, depth + 1);
    }
    return object;
  }

 private:
  const std::string& text_of(const YAML::Node& scalar) const {
    if (!is_utf8(scalar.Scalar())) throw InputError(where_ + ": is not UTF-8 text");
    return scalar.Scalar();
  }

  [[noreturn]] void fail(const YAML::Node& node, const std::string& what) const {
    throw InputError(where_ + ":" + std::to_string(node.Mark().line + 1) + ": " + what);
  }

  std::string where_;
  int values_ = 0;
};

}  // namespace

nlohmann::json read_yaml_file(const std::filesystem::path& path) {
  const std::string text = read_file(path, kLargest);
  if (const auto failed = failed_download(std::as_bytes(std::span(text))))
    throw InputError(path.string() + ": " + *failed);
  try {
    return Converter(path.string()).convert(YAML::Load(text));
  } catch (const YAML::Exception& error) {
    throw InputError(path.string() + ":" + std::to_string(error.mark.line + 1) +
                     ": not valid YAML: " + shown(error.msg));
  }
}

}  // namespace velatura::weights
