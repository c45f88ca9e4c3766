#include "families/lora_adapters.h"

#include <algorithm>

#include "core/text.h"
#include "models/catalogue.h"
#include "weights/locate/model_location.h"

namespace velatura::families {

namespace fs = std::filesystem;
using weights::Patch;

namespace {

constexpr std::size_t kKept = 64;  // files

// Other bytes behind the same path are another file.
std::string identity_of(const fs::path& path) {
  std::error_code failed;
  const auto size = fs::file_size(path, failed);
  const auto time = fs::last_write_time(path, failed);
  return path.string() + "\n" + std::to_string(size) + "\n" +
         std::to_string(time.time_since_epoch().count());
}

// Layers outside the blocks have the whole scale.
double share_of(const BlockScales& blocks, std::string_view layer) {
  if (layer.starts_with("down_blocks.")) return blocks.down;
  if (layer.starts_with("mid_block.")) return blocks.mid;
  return layer.starts_with("up_blocks.") ? blocks.up : 1.0;
}

}  // namespace

std::unique_ptr<const weights::AdaptedLayers> adapted_layers(const weights::ModelFiles& files) {
  auto layers = std::make_unique<weights::AdaptedLayers>();
  const weights::Part& unet = files.part("unet");
  layers->add_unet(models::network_parameters(unet.class_name, unet.config), unet.config.json());
  for (const weights::Part& part : files.parts) {
    if (part.library == "transformers" && part.role.starts_with("text_encoder"))
      layers->add_text_encoder(part.role, models::network_parameters(part.class_name, part.config));
  }
  return layers;
}

std::shared_ptr<const LoraFile> LoraFiles::of(const fs::path& given) {
  const fs::path path = weights::weight_file_of(given);
  const std::string identity = identity_of(path);
  const auto found =
      std::ranges::find_if(latest_, [&](const auto& file) { return file->identity == identity; });
  if (found != latest_.end()) {
    latest_.splice(latest_.begin(), latest_, found);
  } else {
    latest_.push_front(std::make_shared<const LoraFile>(LoraFile{identity, {path, *layers_}}));
    if (latest_.size() > kKept) latest_.pop_back();
  }
  return latest_.front();
}

void LoraOutline::apply(const std::vector<LoraUse>& loras) {
  for (const LoraUse& lora : loras) files_.of(lora.file);
}

LoraAdapters::LoraAdapters(std::unique_ptr<const weights::AdaptedLayers> layers,
                           std::vector<Network> networks)
    : files_(std::move(layers)) {
  for (Network& network : networks) networks_.push_back({std::move(network), std::vector<Part>()});
}

void LoraAdapters::apply(const std::vector<LoraUse>& loras) {
  std::vector<std::vector<Part>> wanted(networks_.size());
  for (const LoraUse& lora : loras) {
    const auto file = files_.of(lora.file);
    for (std::size_t i = 0; i < networks_.size(); ++i) {
      const std::string& role = networks_[i].network.role;
      const bool text = role != "unet";
      const double scale = text ? lora.text_scale.value_or(lora.scale) : lora.scale;
      if (scale == 0 || !file->adapter.changes(role)) continue;
      wanted[i].push_back({file, scale, text ? BlockScales{} : lora.blocks});
    }
  }
  for (std::size_t i = 0; i < networks_.size(); ++i) change(networks_[i], std::move(wanted[i]));
}

void LoraAdapters::change(Changed& changed, std::vector<Part> parts) {
  if (changed.parts == parts) return;
  std::vector<Patch> patches;
  std::string name;
  for (const Part& part : parts) {
    auto more = part.file->adapter.patches(changed.network.role, [&](const std::string& layer) {
      return part.scale * share_of(part.blocks, layer);
    });
    std::ranges::move(more, std::back_inserter(patches));
    name += part.file->identity + " " + number_text(part.scale) + "\n";
  }
  changed.parts.reset();
  changed.network.weights->patch(patches);
  changed.parts = std::move(parts);
  if (changed.network.on_change) changed.network.on_change(name);
}

}  // namespace velatura::families
