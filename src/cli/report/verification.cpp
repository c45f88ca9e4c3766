#include "cli/report/verification.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace velatura::cli {
namespace {

using Json = nlohmann::ordered_json;

/// What a picture depends on beside what it was asked to be.
struct Circumstance {
  const char* name;
  const char* key;  ///< in a receipt
};
constexpr std::array<Circumstance, 8> kCircumstances{{{"model's sha256", "/model/sha256"},
                                                      {"VAE", "/model/vae"},
                                                      {"velatura", "/velatura"},
                                                      {"libtorch", "/libtorch"},
                                                      {"device", "/device"},
                                                      {"dtype", "/dtype"},
                                                      {"VAE's dtype", "/vae_dtype"},
                                                      {"VAE's tile", "/vae_tile"}}};

const char* verdict(const Verification& picture) {
  if (is_skipped(picture)) return "skipped";
  if (!picture.obstacle.empty()) return "not verified";
  if (!picture.same_size || picture.difference.largest > picture.tolerance) return "different";
  return picture.difference.largest == 0 ? "equal" : "within tolerance";
}

std::string about_sheet(const Verification& picture) {
  return "a sheet of " + std::to_string(picture.on_sheet) +
         " pictures, which are verified one by one";
}

std::string text_of(const nlohmann::ordered_json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::string amount(const Difference& difference) {
  std::array<char, 96> text{};
  std::snprintf(text.data(), text.size(), " by up to %d level%s, %.3g on average",
                difference.largest, difference.largest == 1 ? "" : "s", difference.mean);
  return text.data();
}

}  // namespace

bool is_skipped(const Verification& picture) {
  return picture.on_sheet > 0;
}

bool is_confirmed(const Verification& picture) {
  return !is_skipped(picture) && picture.obstacle.empty() && !picture.edited.value_or(false) &&
         picture.same_size && picture.difference.largest <= picture.tolerance;
}

std::string to_text(const Verification& picture) {
  std::string text = picture.picture.string() + ": ";
  if (picture.edited.value_or(false)) text += "edited since it was made; ";
  if (!picture.obstacle.empty()) return text + picture.obstacle;
  text += verdict(picture);
  if (is_skipped(picture)) return text + ": " + about_sheet(picture);
  if (!picture.same_size) {
    text += " in size";
  } else if (picture.difference.largest > 0) {
    text += amount(picture.difference);
  } else {
    return text;
  }
  if (picture.lossy) text += "; it is JPEG or WebP, in which edits cannot be told";
  for (const auto& change : picture.changed.items()) {
    text += "; " + change.key() + " " + text_of(change.value()["then"]) + " then, " +
            text_of(change.value()["now"]) + " now";
  }
  return text;
}

Json to_json(const Verification& picture) {
  Json object{{"path", picture.picture.string()},
              {"verdict", verdict(picture)},
              {"edited", picture.edited ? Json(*picture.edited) : Json()}};
  if (is_skipped(picture)) {
    object["reason"] = about_sheet(picture);
    return object;
  }
  if (!picture.obstacle.empty()) {
    object["reason"] = picture.obstacle;
    return object;
  }
  object["same_size"] = picture.same_size;
  if (picture.same_size) {
    object["largest_difference"] = picture.difference.largest;
    object["mean_difference"] = picture.difference.mean;
  }
  object["changed"] = picture.changed;
  return object;
}

int usual_tolerance(const nlohmann::json& then, const nlohmann::json& now) {
  int levels = 1;
  for (const auto* receipt : {&then, &now}) {
    for (const char* key : {"dtype", "vae_dtype"}) {
      const auto dtype = receipt->find(key);
      if (dtype == receipt->end()) continue;
      if (*dtype == "float16") levels = std::max(levels, 2);
      if (*dtype == "bfloat16" || *dtype == "int8") levels = std::max(levels, 16);
    }
  }
  return levels;
}

Json changed_between(const nlohmann::json& then, const nlohmann::json& now) {
  Json changed = Json::object();
  for (const auto& [name, key] : kCircumstances) {
    const nlohmann::json::json_pointer place(key);
    const auto in = [&place](const nlohmann::json& receipt) {
      return receipt.contains(place) ? receipt.at(place) : nlohmann::json();
    };
    const auto before = in(then), after = in(now);
    if (before != after) changed[name] = {{"then", before}, {"now", after}};
  }
  return changed;
}

}  // namespace velatura::cli
