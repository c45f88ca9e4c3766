#include "weights/layouts/image_encoder.h"

#include <array>
#include <cmath>
#include <utility>

#include "core/config_object.h"
#include "weights/formats/checkpoint.h"
#include "weights/layouts/recognition.h"
#include "weights/layouts/weight_files.h"
#include "weights/sources/names.h"
#include "weights/sources/renamed_source.h"

namespace velatura::weights {
namespace {

namespace fs = std::filesystem;

const std::string kModel = "vision_model.";

/// A published picture tower; what its tensors do not tell goes by its width.
struct Tower {
  std::int64_t hidden_size;
  std::int64_t heads;
  const char* activation;
};
constexpr auto kTowers = std::to_array<Tower>({{768, 12, "quick_gelu"},   // CLIP-B
                                               {1024, 16, "quick_gelu"},  // CLIP-L
                                               {1280, 16, "gelu"},        // OpenCLIP-H
                                               {1664, 16, "gelu"}});      // OpenCLIP-bigG

std::int64_t dimension(const WeightSource& file, const std::string& name, std::size_t which) {
  const auto info = file.find(name);
  if (!info || info->shape.size() <= which) {
    throw InputError(file.where() + ": a CLIP image encoder without its tensor " + name);
  }
  return info->shape[which];
}

ConfigObject told_config(const WeightSource& file) {
  const std::int64_t hidden = dimension(file, kModel + "embeddings.class_embedding", 0);
  const auto tower = std::ranges::find(kTowers, hidden, &Tower::hidden_size);
  if (tower == kTowers.end()) {
    throw InputError(file.where() + ": a CLIP image encoder " + std::to_string(hidden) +
                     " wide, which is none of the published ones: its config.json is needed beside "
                     "it");
  }
  int layers = 0;
  const auto layer = [&](int i) {
    return kModel + "encoder.layers." + std::to_string(i) + ".layer_norm1.weight";
  };
  while (file.find(layer(layers))) ++layers;
  const std::int64_t patch = dimension(file, kModel + "embeddings.patch_embedding.weight", 2);
  const auto patches =
      static_cast<double>(dimension(file, kModel + "embeddings.position_embedding.weight", 0) - 1);
  return {file.where(),
          {{"hidden_size", hidden},
           {"intermediate_size", dimension(file, kModel + "encoder.layers.0.mlp.fc1.weight", 0)},
           {"num_hidden_layers", layers},
           {"num_attention_heads", tower->heads},
           {"hidden_act", tower->activation},
           {"projection_dim", dimension(file, "visual_projection.weight", 0)},
           {"patch_size", patch},
           {"image_size", patch * std::lround(std::sqrt(patches))}}};
}

// Of a whole CLIP model, or with the ids that old files keep, the picture tower alone.
std::shared_ptr<const WeightSource> tower_of(std::shared_ptr<const WeightSource> file) {
  std::vector<NameRule> rules;
  for (const std::string& name : file->names()) {
    if (name.starts_with("text_model.") || name == "text_projection.weight" ||
        name == "logit_scale" || matches(name, "*position_ids")) {
      continue;
    }
    rules.push_back({name, name});
  }
  return std::make_shared<RenamedSource>(std::move(file), rules);
}

// The encoder's own part of a config, which may be a whole CLIP model's.
ConfigObject own_config(const fs::path& path) {
  const auto json = read_json(path);
  if (json.is_object() && json.contains("vision_config")) {
    auto vision = json.at("vision_config");
    if (vision.is_object() && json.contains("projection_dim")) {
      vision["projection_dim"] = json.at("projection_dim");
    }
    return {path.string() + ": vision_config", std::move(vision)};
  }
  return {path.string(), json};
}

Part part_of(ConfigObject config, std::shared_ptr<const WeightSource> weights) {
  return {.role = "image_encoder",
          .library = "transformers",
          .class_name = "CLIPVisionModelWithProjection",
          .config = std::move(config),
          .weights = tower_of(std::move(weights))};
}

Part open_encoder_file(const fs::path& path) {
  const auto file = open_checkpoint(path).source;
  if (!file->find(kModel + "embeddings.class_embedding")) {
    refuse_kind(*file, "a CLIP image encoder under transformers' names");
  }
  const fs::path beside = path.parent_path() / "config.json";
  return part_of(fs::exists(beside) ? own_config(beside) : told_config(*file), file);
}

}  // namespace

Part open_image_encoder(const fs::path& path) {
  if (!fs::is_directory(path)) return open_encoder_file(path);
  const fs::path within = path / "image_encoder";
  const fs::path place = fs::is_directory(within) ? within : path;
  const fs::path config = place / "config.json";
  if (!fs::exists(config)) {
    throw InputError(path.string() + ": not an image encoder's folder: there is no " +
                     config.string());
  }
  return part_of(own_config(config), open_weight_files(place, "model", "").source);
}

}  // namespace velatura::weights
