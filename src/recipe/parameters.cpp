#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <string>
#include <vector>

#include "core/python_json.h"
#include "image/parameters_text.h"
#include "recipe/control_use.h"
#include "recipe/fill.h"
#include "recipe/programs.h"
#include "request/fields.h"
#include "samplers/names.h"
#include "velatura/error.h"

namespace velatura::recipe {
namespace {

/// Read by name, in an order of their own.
constexpr std::string_view kLoraHashes = "Lora hashes";
constexpr std::array<std::string_view, 10> kOthers{
    "Sampler",    "Schedule type", "Size", "Clip skip", "Denoising strength",
    "Model hash", "Model",         "RNG",  "Version",   kLoraHashes};

/// Who wrote the block, by its Version.
enum class Writer { velatura, web_ui, other };

Writer writer_of(const std::string& version) {
  if (version.starts_with("velatura")) return Writer::velatura;
  const bool numbered = version.size() > 1 && (version[0] == 'v' || version[0] == 'f') &&
                        std::isdigit(static_cast<unsigned char>(version[1]));
  return version.empty() || numbered ? Writer::web_ui : Writer::other;
}

std::string name_of(Writer writer, const std::string& version) {
  if (writer != Writer::web_ui) return version;
  const char* program = version.starts_with('f') ? "stable-diffusion-webui-forge" : "a web UI";
  return version.empty() ? program : program + (" " + version);
}

// Takes <hypernet:NAME:WEIGHT> and its like out of a prompt, as web UIs do.
std::string without_networks(Recipe& recipe, const std::string& prompt) {
  constexpr std::array<std::string_view, 2> kNetworks{"<hypernet:", "<lokr:"};
  std::string text;
  std::string_view rest = prompt;
  for (std::size_t begin; (begin = rest.find('<')) != rest.npos;) {
    text += rest.substr(0, begin);
    rest.remove_prefix(begin);
    const bool is_network = std::ranges::any_of(
        kNetworks, [&](std::string_view network) { return rest.starts_with(network); });
    if (is_network) {
      const std::size_t end = rest.find('>');
      if (end == rest.npos) break;
      leave_out(recipe, "network " + std::string(rest.substr(1, end - 1)));
      rest.remove_prefix(end + 1);
    } else {
      text += '<';
      rest.remove_prefix(1);
    }
  }
  return text.append(rest);
}

// "style: 0123456789ab, other: …"
void read_lora_hashes(Recipe& recipe, const std::string& hashes) {
  for (std::size_t begin = 0; begin < hashes.size();) {
    const std::size_t end = std::min(hashes.find(", ", begin), hashes.size());
    const std::string one = hashes.substr(begin, end - begin);
    const std::size_t colon = one.rfind(": ");
    if (colon != one.npos) recipe.adapters[one.substr(0, colon)] = {one.substr(colon + 2)};
    begin = end + 2;
  }
}

void read_size(Recipe& recipe, const std::string& size) {
  const std::size_t cross = size.find('x');
  if (cross == size.npos) return leave_out(recipe, "Size: " + size);
  set_field(recipe, {"Size", "width", Kind::whole}, number_or_text(size.substr(0, cross)));
  set_field(recipe, {"Size", "height", Kind::whole}, number_or_text(size.substr(cross + 1)));
}

void read_clip_skip(Recipe& recipe, const std::string& text) {
  const Json layers = number_or_text(text);  // 1 is the last, which leaves none out
  if (!layers.is_number_unsigned() || layers == 0) return leave_out(recipe, "Clip skip: " + text);
  set_field(recipe, {"Clip skip", "clip-skip", Kind::whole}, layers.get<std::uint64_t>() - 1);
}

// "NAME [0123456789]"
void read_refiner(Recipe& recipe, const std::string& text, Writer writer) {
  const std::size_t bracket = text.ends_with(']') ? text.rfind(" [") : text.npos;
  if (bracket != text.npos)
    recipe.refiner_hash = text.substr(bracket + 2, text.size() - bracket - 3);
  set_model(recipe, text.substr(0, bracket), "refiner");
  if (writer != Writer::velatura)
    leave_out(recipe, "the refiner begins there after a share of the steps, here of the timesteps");
}

// Which kind it is goes with the model here; where it is named, prompts have weights.
void read_emphasis(Recipe& recipe, const std::string& kind, Writer writer) {
  if (writer == Writer::velatura) return set(recipe, "prompt-syntax", "webui");
  const bool is_of_xl = kind == "No norm";
  leave_out(recipe, "Emphasis: " + kind + (is_of_xl ? ", but with Stable Diffusion XL" : ""));
}

void read_sampling(Recipe& recipe, const ParametersText& block, Writer writer) {
  const auto sampler = block.find("Sampler");
  const std::string in_name = sampler ? set_sampler(recipe, *sampler) : "";
  const std::string schedule = block.find("Schedule type").value_or(in_name);
  if (writer != Writer::velatura) return set_noise_levels(recipe, schedule);
  set(recipe, "schedule", schedule);
}

// The fields whose value stands in the block as it is.
std::map<std::string, Field> make_fields() {
  std::map<std::string, Field> fields;
  request::each_known_field([&](const request::Field& field, const request::ConstPlace& place) {
    if (field.parameter.empty() || std::ranges::find(kOthers, field.parameter) != kOthers.end())
      return;
    fields.try_emplace(std::string(field.parameter),
                       Field{field.parameter, field.name, kind_of(place)});
  });
  return fields;
}

// What is denoised in part began as a picture, or was made larger on the way.
void read_strength(Recipe& recipe, const ParametersText& block) {
  recipe.task = "txt2img";
  const auto strength = block.find("Denoising strength");
  if (!strength) return;
  const bool is_hires = std::ranges::any_of(
      block.fields, [](const auto& field) { return field.first.starts_with("Hires "); });
  if (is_hires) return leave_out(recipe, "hires pass with denoising strength " + *strength);
  recipe.task = block.find("Mask blur") ? "inpaint" : "img2img";
  leave_out_start_picture(recipe);
  set_field(recipe, {"Denoising strength", "strength", Kind::number}, number_or_text(*strength));
}

// Which program's it is, its keys tell.
Recipe from_json(const std::string& text) {
  const Json object = object_in(text, "parameters");
  if (object.contains("sui_image_params")) return from_swarmui(object);
  if (object.contains("base_model")) return from_fooocus(object);
  if (object.contains("num_inference_steps")) return from_easy_diffusion(object);
  std::string keys;
  for (const auto& entry : object.items()) keys += (keys.empty() ? "" : ", ") + entry.key();
  throw InputError("parameters: JSON of a program that is not known, with " + keys);
}

}  // namespace

Recipe from_parameters(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first != text.npos && text[first] == '{' && Json::accept(json_from_python(text)))
    return from_json(text);
  const ParametersText block = parse_parameters(text);
  if (block.fields.empty()) throw InputError("parameters: no line of settings");
  const std::string version = block.find("Version").value_or("");
  const Writer writer = writer_of(version);

  Recipe recipe;
  recipe.made_by = name_of(writer, version);
  if (writer == Writer::velatura) {
    block.find(kLoraHashes) ? set_prompt_with_networks(recipe, "prompt", block.prompt)
                            : set(recipe, "prompt", block.prompt);
  } else {
    set_prompt_with_networks(recipe, "prompt", without_networks(recipe, block.prompt));
    set(recipe, "prompt-syntax", "webui");
  }
  if (const auto hashes = block.find(kLoraHashes)) read_lora_hashes(recipe, *hashes);
  if (!block.negative_prompt.empty()) set(recipe, "negative-prompt", block.negative_prompt);
  read_strength(recipe, block);
  read_sampling(recipe, block, writer);
  if (const auto size = block.find("Size")) read_size(recipe, *size);
  if (const auto clip_skip = block.find("Clip skip")) read_clip_skip(recipe, *clip_skip);
  if (const auto model = block.find("Model")) set_model(recipe, *model);
  recipe.model_hash = block.find("Model hash").value_or("");
  const std::string noise = block.find("RNG").value_or(writer == Writer::web_ui ? "GPU" : "CPU");
  if (noise != "CPU") leave_out(recipe, "starting noise from " + noise + ", not from the CPU");

  static const auto fields = make_fields();
  for (const auto& [key, value] : block.fields) {
    if (const auto field = fields.find(key); field != fields.end()) {
      set_field(recipe, field->second, number_or_text(value));
    } else if (key == "Refiner") {
      read_refiner(recipe, value, writer);
    } else if (key == "Emphasis") {
      read_emphasis(recipe, value, writer);
    } else if (key.starts_with("ControlNet ")) {
      read_web_ui_control(recipe, key, value);
    } else if (std::ranges::find(kOthers, key) == kOthers.end()) {
      leave_out(recipe, key, value);
    }
  }
  return recipe;
}

}  // namespace velatura::recipe
