#include "request/adapter_texts.h"

#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <string_view>
#include <vector>

#include "core/text.h"
#include "request/values.h"

namespace velatura::request {
namespace {

std::optional<double> number_in(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = !text.empty() && error == std::errc() && end == text.data() + text.size();
  return whole && std::isfinite(value) ? std::optional(value) : std::nullopt;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (std::size_t end = 0; end != text.npos; text.remove_prefix(end + 1)) {
    end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == text.npos) break;
  }
  return parts;
}

constexpr const char* kLora =
    "FILE, FILE:SCALE, FILE:SCALE:TEXT_SCALE, and behind these @down=X,mid=X,up=X for the UNet's "
    "parts";

double* share_of(BlockScales& blocks, std::string_view part) {
  if (part == "down") return &blocks.down;
  if (part == "mid") return &blocks.mid;
  return part == "up" ? &blocks.up : nullptr;
}

// Nothing if it speaks of no blocks at all: it is part of a file's name.
std::optional<BlockScales> blocks_in(const Field& field, const std::string& text,
                                     std::string_view part) {
  if (part.find('=') == part.npos || part.find('/') != part.npos) return std::nullopt;
  BlockScales blocks;
  for (const std::string_view each : split(part, ',')) {
    const std::size_t equals = std::min(each.find('='), each.size());
    double* const share = share_of(blocks, each.substr(0, equals));
    const auto value = number_in(each.substr(std::min(equals + 1, each.size())));
    if (share == nullptr || !value) refuse(field, text, kLora);
    *share = *value;
  }
  return blocks;
}

// Takes ":0.8" off the end.
std::optional<double> take_scale(std::string_view& text) {
  const std::size_t colon = text.rfind(':');
  if (colon == text.npos || colon == 0) return std::nullopt;
  const auto value = number_in(text.substr(colon + 1));
  if (value) text = text.substr(0, colon);
  return value;
}

}  // namespace

LoraUse lora_in(const Field& field, const std::string& text) {
  LoraUse lora;
  std::string_view rest = text;
  if (const std::size_t at = rest.rfind('@'); at != rest.npos) {
    if (const auto blocks = blocks_in(field, text, rest.substr(at + 1))) {
      lora.blocks = *blocks;
      rest = rest.substr(0, at);
    }
  }
  if (const auto last = take_scale(rest)) {
    lora.scale = *last;
    if (const auto first = take_scale(rest)) {
      lora.scale = *first;
      lora.text_scale = *last;
    }
  }
  if (rest.empty()) refuse(field, text, kLora);
  lora.file = rest;
  return lora;
}

EmbeddingUse embedding_in(const Field& field, const std::string& text) {
  const std::size_t equals = text.find('='), slash = text.find('/');
  EmbeddingUse embedding{.token = "", .file = text};
  if (equals != text.npos && equals < slash) {
    embedding = {.token = text.substr(0, equals), .file = text.substr(equals + 1)};
  }
  if (embedding.file.empty()) refuse(field, text, "FILE or TOKEN=FILE");
  return embedding;
}

Grounding grounding_in(const Field& field, const std::string& text) {
  constexpr const char* kExpected =
      "PHRASE@LEFT,TOP,RIGHT,BOTTOM, a box in shares of the picture's sides from 0 to 1, such as "
      "\"a red ball@0.1,0.2,0.5,0.6\"";
  const std::size_t at = text.rfind('@');
  if (at == text.npos || at == 0) refuse(field, text, kExpected);
  const auto sides = split(std::string_view(text).substr(at + 1), ',');
  Grounding grounding{.phrase = text.substr(0, at)};
  const std::array<double*, 4> places{&grounding.left, &grounding.top, &grounding.right,
                                      &grounding.bottom};
  if (sides.size() != places.size()) refuse(field, text, kExpected);
  for (std::size_t i = 0; i < places.size(); ++i) {
    const auto value = number_in(sides[i]);
    if (!value || *value < 0 || *value > 1) refuse(field, text, kExpected);
    *places[i] = *value;
  }
  if (grounding.left >= grounding.right || grounding.top >= grounding.bottom)
    refuse(field, text, "a box whose left is before its right, and its top above its bottom");
  return grounding;
}

MixItem mix_item_in(const Field& field, const std::string& text) {
  std::string_view rest = text;
  MixItem item{.weight = take_scale(rest)};
  item.text = rest;
  const bool is_weight = rest.starts_with(':') && number_in(rest.substr(1));
  if (item.text.empty() || is_weight)
    refuse(field, text, "TEXT, IMAGE, TEXT:WEIGHT or IMAGE:WEIGHT");
  return item;
}

std::string text_of(const LoraUse& lora) {
  if (lora.file.empty()) return "";
  std::string text = lora.file.string() + ":" + number_text(lora.scale);
  if (lora.text_scale) text += ":" + number_text(*lora.text_scale);
  if (lora.blocks == BlockScales{}) return text;
  const auto& [down, mid, up] = lora.blocks;
  return text + "@down=" + number_text(down) + ",mid=" + number_text(mid) +
         ",up=" + number_text(up);
}

std::string text_of(const EmbeddingUse& embedding) {
  const std::string file = embedding.file.string();
  const bool ambiguous = file.find('=') < file.find('/');
  return embedding.token.empty() && !ambiguous ? file : embedding.token + "=" + file;
}

std::string text_of(const Grounding& grounding) {
  const auto& [phrase, left, top, right, bottom] = grounding;
  return phrase + "@" + number_text(left) + "," + number_text(top) + "," + number_text(right) +
         "," + number_text(bottom);
}

std::string text_of(const MixItem& item) {
  if (!item.image.pixels.empty()) return "";
  return item.text + (item.weight ? ":" + number_text(*item.weight) : "");
}

}  // namespace velatura::request
