#include "weights/layouts/model_files.h"

#include <algorithm>
#include <utility>

#include "core/device.h"
#include "weights/layouts/diffusers_folder.h"
#include "weights/layouts/family.h"
#include "weights/layouts/pipeline_class.h"
#include "weights/layouts/single_file.h"
#include "weights/layouts/vae_folder.h"
#include "weights/sources/cast_source.h"

namespace velatura::weights {
namespace {

template <class Items>
[[noreturn]] void lacks(const ModelFiles& files, std::string_view role, const Items& items,
                        const auto& role_of) {
  std::string there;
  for (const auto& item : items) there += (there.empty() ? "" : ", ") + role_of(item);
  throw InputError(files.origin.string() + ": the model has no " + std::string(role) +
                   (there.empty() ? "" : ", only " + there));
}

template <class Map>
const auto& at_role(const ModelFiles& files, const Map& items, std::string_view role) {
  const auto found = items.find(role);
  if (found == items.end()) lacks(files, role, items, [](const auto& item) { return item.first; });
  return found->second;
}

// Of a single file's VAE; without one, of its family's.
ConfigObject own_vae_config(const ModelFiles& files) {
  if (const Part* const own = files.find("vae")) return own->config;
  const auto family = std::ranges::find(families(), files.pipeline_class, &Family::pipeline_class);
  return family->config("vae", files.origin.string());
}

}  // namespace

std::string Part::stem() const {
  return weights_stem(library);
}

std::string in_words(std::string_view role) {
  if (role == "unet") return "UNet";
  if (role == "vae") return "VAE";
  std::string words(role);
  std::ranges::replace(words, '_', ' ');
  return words;
}

const Part* ModelFiles::find(std::string_view role) const {
  const auto found = std::ranges::find(parts, role, &Part::role);
  return found == parts.end() ? nullptr : &*found;
}

const ConfigObject* ModelFiles::find_config(std::string_view role) const {
  const auto found = configs.find(role);
  return found == configs.end() ? nullptr : &found->second;
}

const Part& ModelFiles::part(std::string_view role) const {
  const Part* const found = find(role);
  if (found == nullptr && role == "unet" && !imagines_for().empty()) {
    throw InputError(
        origin.string() + ": is a " + pipeline_class +
            ", which imagines pictures and draws none: give it as prior beside a model "
            "of " +
            std::string(imagines_for()),
        {"prior"});
  }
  if (found == nullptr && lacks_vae() && role == "vae") {
    throw InputError(origin.string() + ": the model has no VAE: " + vae_remedy(origin));
  }
  if (found == nullptr) lacks(*this, role, parts, [](const Part& part) { return part.role; });
  return *found;
}

Part& ModelFiles::part(std::string_view role) {
  return const_cast<Part&>(std::as_const(*this).part(role));
}

const ConfigObject& ModelFiles::config(std::string_view role) const {
  return at_role(*this, configs, role);
}

const TokenizerFiles& ModelFiles::tokenizer(std::string_view role) const {
  return at_role(*this, tokenizers, role);
}

bool ModelFiles::has(std::string_view role) const {
  return find(role) != nullptr || configs.contains(role) || tokenizers.contains(role);
}

bool ModelFiles::lacks_vae() const {
  return find("vae") == nullptr && weights::pipeline_class(pipeline_class).has("vae");
}

std::string_view ModelFiles::imagines_for() const {
  return weights::pipeline_class(pipeline_class).imagines_for;
}

void ModelFiles::put(Part part) {
  const auto old = std::ranges::find(parts, part.role, &Part::role);
  if (old != parts.end()) {
    *old = std::move(part);
  } else {
    parts.insert(parts.begin() + (parts.empty() ? 0 : 1), std::move(part));
  }
}

std::string vae_remedy(const std::filesystem::path& origin) {
  const std::string give = "give one with --vae FILE";
  if (std::filesystem::is_directory(origin)) return give;
  return give + ", or put it beside the model as " + origin.stem().string() + ".vae.safetensors";
}

ModelFiles in_dtype(ModelFiles files, at::ScalarType dtype) {
  for (Part& part : files.parts) {
    part.weights = with_dtype(part.weights, dtype);
    // transformers' configs say in which dtype the weights are.
    for (const char* key : {"dtype", "torch_dtype"}) {
      if (part.config.has(key)) part.config = part.config.with(key, dtype_name(dtype));
    }
  }
  return files;
}

ModelFiles open_model(const std::filesystem::path& path, const OpenOptions& options) {
  std::error_code failed;
  const auto status = std::filesystem::status(path, failed);
  if (std::filesystem::is_directory(status)) {
    if (options.ema) {
      throw UsageError("ema: " + path.string() +
                           " is a diffusers folder, whose plain files hold the EMA weights already "
                           "where there are others (variant non_ema)",
                       {"ema", "variant"});
    }
    return open_diffusers_folder(path, options.variant, options.vae);
  }
  if (!std::filesystem::exists(status)) {
    throw InputError(path.string() + ": there is no such model folder or file");
  }
  if (!options.variant.empty()) {
    throw UsageError("variant " + options.variant + ": " + path.string() +
                         " is a single file; only folders have variants",
                     {"variant"});
  }
  ModelFiles files = open_single_file(path, options.ema);
  if (!options.vae.empty()) files.put(open_vae_for(own_vae_config(files), options.vae));
  return files;
}

}  // namespace velatura::weights
