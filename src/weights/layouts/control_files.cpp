#include "weights/layouts/control_files.h"

#include <algorithm>
#include <array>
#include <utility>

#include "velatura/error.h"
#include "weights/formats/checkpoint.h"
#include "weights/formats/yaml_file.h"
#include "weights/layouts/control_config.h"
#include "weights/layouts/original_names.h"
#include "weights/layouts/recognition.h"
#include "weights/layouts/sibling_files.h"
#include "weights/layouts/weight_files.h"
#include "weights/sources/names.h"
#include "weights/sources/patched_source.h"
#include "weights/sources/renamed_source.h"

namespace velatura::weights {
namespace {

namespace fs = std::filesystem;

const std::string kExpected = "a ControlNet or a T2I-Adapter";
constexpr std::string_view kDifference = "difference";

/// A tensor by which a single file is told.
struct ControlMark {
  std::string_view tensor;
  std::string_view class_name;
  bool original;
  std::string_view prefix;
};

constexpr auto kControlMarks = std::to_array<ControlMark>({
    {"controlnet_cond_embedding.conv_in.weight", "ControlNetModel", false, ""},
    {"control_model.zero_convs.0.0.weight", "ControlNetModel", true, "control_model."},
    {"zero_convs.0.0.weight", "ControlNetModel", true, ""},
    {"adapter.body.0.resnets.0.block1.weight", "T2IAdapter", false, ""},
    {"body.0.block1.weight", "T2IAdapter", true, ""},
    {"body.0.body.0.block1.weight", "T2IAdapter", true, ""},
});

// As the web UIs tell the one kind that pools: by its config, or by its name.
bool is_pooled(const fs::path& file) {
  if (const auto yaml = config_beside(file)) {
    const nlohmann::json config = read_yaml_file(*yaml);
    const nlohmann::json::json_pointer place("/model/params/global_average_pooling");
    if (config.contains(place)) return config.at(place) == true;
  }
  return matches(file.stem().string(), "*_shuffle*");
}

// A diffusers file that is named by itself, its config beside it.
std::optional<ConfigObject> sibling_config(const fs::path& file, std::string_view class_name) {
  const fs::path config = file.parent_path() / "config.json";
  if (!file.filename().string().starts_with("diffusion_pytorch_model") || !fs::exists(config)) {
    return std::nullopt;
  }
  ConfigObject found = ConfigObject::from_file(config);
  if (found.json().value("_class_name", "") != class_name) return std::nullopt;
  return found;
}

ControlFiles open_control_file(const fs::path& path) {
  ControlFiles files{
      .origin = path, .weights = open_checkpoint(path).source, .weight_files = {path}};
  if (files.weights->find("lora_controlnet")) refuse_kind(*files.weights, kExpected);
  for (const ControlMark& mark : kControlMarks) {
    const auto info = files.weights->find(std::string(mark.tensor));
    if (!info) continue;
    files.class_name = mark.class_name;
    files.original = mark.original;
    files.prefix = mark.prefix;
    files.evidence = {std::string(mark.original ? "the original layout's" : "diffusers'") +
                      " names: " + std::string(mark.tensor) + " is " + shape_text(info->shape)};
    files.differences = files.weights->find(std::string(kDifference)).has_value();
    if (files.differences) files.evidence.emplace_back("its mark: difference");
    if (!files.original) files.config = sibling_config(path, files.class_name);
    files.pooled = files.class_name == "ControlNetModel" && is_pooled(path);
    return files;
  }
  refuse_kind(*files.weights, kExpected);
}

// Where one is in a whole pipeline's folder.
fs::path place_in(const fs::path& folder) {
  for (const char* part : {"controlnet", "adapter"}) {
    if (!fs::exists(folder / "config.json") && fs::exists(folder / part / "config.json")) {
      return folder / part;
    }
  }
  return folder;
}

WeightFiles open_weights(const fs::path& folder) {
  try {
    return open_weight_files(folder, "diffusion_pytorch_model", "");
  } catch (const InputError& error) {
    if (error.fields().empty()) throw;
    return open_weight_files(folder, "diffusion_pytorch_model", "fp16");
  }
}

ControlFiles open_folder(const fs::path& path) {
  const fs::path folder = place_in(path);
  const fs::path config = folder / "config.json";
  if (fs::exists(folder / "model_index.json") && !fs::exists(config)) {
    throw InputError(path.string() + ": is a whole model; expected " + kExpected +
                     ": --model takes it");
  }
  if (!fs::exists(config)) {
    throw InputError(path.string() + ": there is no " + config.string() +
                     "; expected the folder of " + kExpected);
  }
  ConfigObject read = ConfigObject::from_file(config);
  const auto class_name = read.require<std::string>("_class_name");
  if (class_name != "ControlNetModel" && class_name != "T2IAdapter") {
    read.reject("_class_name", "\"ControlNetModel\" or \"T2IAdapter\"");
  }
  auto found = open_weights(folder);
  return {.origin = path,
          .class_name = class_name,
          .config = std::move(read),
          .weights = std::move(found.source),
          .weight_files = std::move(found.files),
          .evidence = {config.string() + ": _class_name is " + class_name}};
}

std::vector<NameRule> original_rules(const ControlFiles& files, const nlohmann::json& config,
                                     const nlohmann::json& unet) {
  return files.class_name == "T2IAdapter" ? original_t2i_adapter_names(config, files.prefix)
                                          : original_controlnet_names(unet, config, files.prefix);
}

std::shared_ptr<const WeightSource> under_diffusers_names(const ControlFiles& files,
                                                          const nlohmann::json& config,
                                                          const nlohmann::json& unet) {
  auto rules = files.original ? original_rules(files, config, unet) : std::vector<NameRule>();
  rules = with_unmapped(std::move(rules), *files.weights, files.prefix, {std::string(kDifference)});
  return std::make_shared<RenamedSource>(files.weights, rules);
}

// The differences, and the UNet's own weights on them.
std::shared_ptr<const WeightSource> with_base(std::shared_ptr<const WeightSource> differences,
                                              const std::shared_ptr<const WeightSource>& unet) {
  std::vector<Patch> patches;
  for (const std::string& name : differences->names()) {
    const auto base = unet->find(name);
    if (!base) continue;
    if (const auto info = *differences->find(name); info.shape != base->shape) {
      throw InputError(differences->where() + ": its tensor " +
                       shown(differences->stored_name(name)) +
                       " is a difference to the model's UNet, which has " +
                       shape_text(base->shape) + " there, found " + shape_text(info.shape));
    }
    patches.push_back(
        {name, [unet, name](at::Tensor& sum, const at::Tensor&) { sum.add_(unet->load(name)); }});
  }
  return std::make_shared<PatchedSource>(std::move(differences), patches);
}

std::optional<std::int64_t> text_width_of(const WeightSource& weights) {
  for (const std::string& name : weights.names()) {
    if (!name.ends_with(".attn2.to_k.weight")) continue;
    const auto info = weights.find(name);
    if (info->shape.size() == 2) return info->shape[1];
  }
  return std::nullopt;
}

// Before its tensors are compared one by one: most that do not fit are for another family.
void check_fit(const ControlFiles& files, const Part& unet) {
  const auto own = files.text_width(), wanted = text_width_of(*unet.weights);
  if (own && wanted && *own != *wanted) {
    throw InputError(files.origin.string() + ": is " + files.description() + ", whose texts are " +
                     std::to_string(*own) + " wide; expected one for texts that are " +
                     std::to_string(*wanted) + " wide, as the model's are");
  }
}

}  // namespace

std::optional<std::int64_t> ControlFiles::text_width() const {
  return class_name == "T2IAdapter" ? std::nullopt : text_width_of(*weights);
}

std::string ControlFiles::description() const {
  if (class_name == "T2IAdapter") {
    return is_for_xl(*this) ? "a T2I-Adapter for Stable Diffusion XL" : "a T2I-Adapter";
  }
  switch (text_width().value_or(0)) {
    case 768:
      return "a ControlNet for Stable Diffusion 1.x";
    case 1024:
      return "a ControlNet for Stable Diffusion 2.x";
    case 2048:
      return "a ControlNet for Stable Diffusion XL";
    default:
      return "a ControlNet";
  }
}

ControlFiles open_control(const fs::path& path) {
  std::error_code failed;
  const auto status = fs::status(path, failed);
  if (fs::is_directory(status)) return open_folder(path);
  if (!fs::exists(status)) {
    throw InputError(path.string() + ": there is no such ControlNet folder or file");
  }
  return open_control_file(path);
}

bool is_control_folder(const fs::path& path) {
  const fs::path config = path / "config.json";
  if (fs::exists(path / "model_index.json") || !fs::exists(config)) return false;
  const auto json = read_json(config);
  const auto name = json.is_object() ? json.value("_class_name", nlohmann::json()) : nullptr;
  return name == "ControlNetModel" || name == "T2IAdapter";
}

Part control_part(const ControlFiles& files, const Part& unet) {
  check_fit(files, unet);
  const auto base = trunk_config(unet.config);
  ConfigObject config = files.config ? *files.config : control_config(files, base);
  auto weights = under_diffusers_names(files, config.json(), base);
  if (files.differences) weights = with_base(std::move(weights), unet.weights);
  return {.role = files.class_name == "T2IAdapter" ? "adapter" : "controlnet",
          .library = "diffusers",
          .class_name = files.class_name,
          .config = std::move(config),
          .weights = std::move(weights)};
}

}  // namespace velatura::weights
