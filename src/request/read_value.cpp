#include <span>

#include "core/path_name.h"
#include "core/sha256.h"
#include "core/text.h"
#include "request/adapter_texts.h"
#include "request/column.h"
#include "request/names.h"
#include "request/values.h"

namespace velatura::request {
namespace {

using Json = nlohmann::ordered_json;

template <class Enum>
std::string name_in_rows(Enum value) {
  for (const auto& row : rows_of(value))
    if (row.value == value) return std::string(row.name);
  return "";
}

std::string name_in_rows(Sampler sampler) {
  return std::string(samplers::name_of(sampler));
}

template <class Value>
std::string name_or_nothing(const std::optional<Value>& value) {
  return value ? name_in_rows(*value) : "";
}

/// The text of what it is called with.
struct Text {
  const Field& field;

  std::string operator()(const List& list) const {
    std::string all;
    for (std::size_t i = 0; i < list->size(); ++i) {
      const std::string one = text_of(field, read_only(list->at(i)));
      all += (all.empty() || one.empty() ? "" : ", ") + one;
    }
    return all;
  }
  std::string operator()(const LoraUse* value) const { return text_of(*value); }
  std::string operator()(const EmbeddingUse* value) const { return text_of(*value); }
  std::string operator()(const Grounding* value) const { return text_of(*value); }
  std::string operator()(const MixItem* value) const { return text_of(*value); }
  std::string operator()(const std::string* value) const { return *value; }
  std::string operator()(const std::filesystem::path* value) const { return value->string(); }
  std::string operator()(const int* value) const { return std::to_string(*value); }
  std::string operator()(const std::uint64_t* value) const { return std::to_string(*value); }
  std::string operator()(const double* value) const { return number_text(*value); }
  std::string operator()(const std::optional<int>* value) const {
    if (field.notation == Notation::tile && value->value_or(0) == 0) return *value ? "off" : "auto";
    return *value ? std::to_string(**value) : "";
  }
  std::string operator()(const std::optional<double>* value) const {
    return *value ? number_text(**value) : "";
  }
  std::string operator()(const std::optional<std::string>* value) const {
    return value->value_or("");
  }
  std::string operator()(const std::optional<Extent>* value) const {
    if (!*value) return "";
    return std::to_string((*value)->width) + "x" + std::to_string((*value)->height);
  }
  std::string operator()(const std::optional<Offset>* value) const {
    return *value ? std::to_string((*value)->x) + "," + std::to_string((*value)->y) : "";
  }
  std::string operator()(const bool* value) const {
    return *value != (field.notation == Notation::off_switch) ? "true" : "";
  }
  std::string operator()(const PromptSyntax* value) const { return name_in_rows(*value); }
  std::string operator()(const Fit* value) const { return name_in_rows(*value); }
  std::string operator()(const DType* value) const { return name_in_rows(*value); }
  std::string operator()(const Offload* value) const { return name_in_rows(*value); }
  std::string operator()(const SamplerOptions* value) const {
    return name_or_nothing(value->sampler);
  }
  std::string operator()(const std::optional<Schedule>* value) const {
    return name_or_nothing(*value);
  }
  std::string operator()(const std::optional<TimestepSpacing>* value) const {
    return name_or_nothing(*value);
  }
  std::string operator()(const std::optional<Prediction>* value) const {
    return name_or_nothing(*value);
  }
  std::string operator()(const Margins* value) const {
    std::string text;
    const auto add = [&text](const char* side, int pixels) {
      if (pixels == 0) return;
      text += (text.empty() ? "" : ",") + std::string(side) + "=" + std::to_string(pixels);
    };
    add("left", value->left);
    add("top", value->top);
    add("right", value->right);
    add("bottom", value->bottom);
    return text;
  }
  std::string operator()(const auto& /*file_or_unknown*/) const { return ""; }
};

/// The words for what it is called with.
struct Words {
  const Field& field;

  std::vector<std::string> operator()(const List& list) const {
    return words_of(field, read_only(list->any()));
  }
  std::vector<std::string> operator()(const PromptSyntax* value) const { return names_of(*value); }
  std::vector<std::string> operator()(const Fit* value) const { return names_of(*value); }
  std::vector<std::string> operator()(const DType* value) const {
    return names_of(*value, field.but);
  }
  std::vector<std::string> operator()(const Offload* value) const { return names_of(*value); }
  std::vector<std::string> operator()(const SamplerOptions*) const { return names_of(Sampler{}); }
  std::vector<std::string> operator()(const std::optional<Schedule>*) const {
    return names_of(Schedule{});
  }
  std::vector<std::string> operator()(const std::optional<TimestepSpacing>*) const {
    return names_of(TimestepSpacing{});
  }
  std::vector<std::string> operator()(const std::optional<Prediction>*) const {
    return names_of(Prediction{});
  }
  std::vector<std::string> operator()(const auto& /*open*/) const {
    if (field.notation == Notation::tile) return {"auto", "off"};
    return {field.words.begin(), field.words.end()};
  }
};

std::string file_name(const std::filesystem::path& path) {
  return without_last_slash(path).filename().string();
}

template <class Values>
Json identity(int width, int height, const Values& values) {
  return {
      {"width", width}, {"height", height}, {"sha256", sha256(std::as_bytes(std::span(values)))}};
}

/// The JSON of what it is called with.
struct ToJson {
  using Found = std::optional<Json>;

  Found operator()(const List& list) const {
    if (list->size() == 0) return std::nullopt;
    Json all = Json::array();
    for (std::size_t i = 0; i < list->size(); ++i)
      all.push_back(json_of(read_only(list->at(i))).value_or(Json("")));
    return all;
  }
  // Where files lie is nobody's business who sees the picture.
  Found operator()(const std::filesystem::path* value) const {
    if (value->empty()) return std::nullopt;
    return file_name(*value);
  }
  Found operator()(const LoraUse* value) const {
    LoraUse named = *value;
    named.file = file_name(value->file);
    return text_of(named);
  }
  Found operator()(const EmbeddingUse* value) const {
    return text_of(EmbeddingUse{value->token, file_name(value->file)});
  }
  Found operator()(const std::string* value) const { return *value; }
  Found operator()(const int* value) const { return *value; }
  Found operator()(const double* value) const { return *value; }
  Found operator()(const bool* value) const { return *value; }
  Found operator()(const std::uint64_t* value) const { return *value; }
  Found operator()(const std::optional<int>* value) const {
    return *value ? Found(**value) : std::nullopt;
  }
  Found operator()(const std::optional<double>* value) const {
    return *value ? Found(**value) : std::nullopt;
  }
  Found operator()(const std::optional<std::string>* value) const {
    return *value ? Found(**value) : std::nullopt;
  }
  Found operator()(const PromptSyntax* value) const {
    return *value == PromptSyntax::plain ? std::nullopt : Found(name_in_rows(*value));
  }
  Found operator()(const Fit* value) const { return name_in_rows(*value); }
  Found operator()(const Margins* value) const {
    if (value->empty()) return std::nullopt;
    return Json{{"left", value->left},
                {"top", value->top},
                {"right", value->right},
                {"bottom", value->bottom}};
  }
  Found operator()(const Image* value) const {
    return identity(value->width, value->height, value->pixels);
  }
  Found operator()(const GrayImage* value) const {
    if (value->values.empty()) return std::nullopt;
    return identity(value->width, value->height, value->values);
  }
  Found operator()(const std::optional<GrayImage>* value) const {
    return *value ? Found(identity((*value)->width, (*value)->height, (*value)->values))
                  : std::nullopt;
  }
  Found operator()(const std::optional<Latents>* value) const {
    return *value ? "from a file" : "seed";
  }
  Found operator()(const std::optional<ImageEmbeds>* value) const {
    return *value ? Found("from a file") : std::nullopt;
  }
  Found operator()(const MixItem* value) const {
    if (value->image.pixels.empty()) return text_of(*value);
    Json picture = *(*this)(&value->image);
    if (value->weight) picture["weight"] = *value->weight;
    return picture;
  }
  Found operator()(const auto& value) const {
    const std::string text = Text{{}}(value);
    return text.empty() ? std::nullopt : Found(text);
  }
};

}  // namespace

std::string text_of(const Field& field, const ConstPlace& place) {
  return std::visit(Text{field}, place);
}

std::vector<std::string> words_of(const Field& field, const ConstPlace& place) {
  return std::visit(Words{field}, place);
}

std::string text_of(const Range& range) {
  const auto text = [](double bound) {  // never 1e+05
    const auto whole = static_cast<long long>(bound);
    return static_cast<double>(whole) == bound ? std::to_string(whole) : number_text(bound);
  };
  return text(range.low) + " to " + text(range.high);
}

std::optional<nlohmann::ordered_json> json_of(const ConstPlace& place) {
  return std::visit(ToJson{}, place);
}

}  // namespace velatura::request
