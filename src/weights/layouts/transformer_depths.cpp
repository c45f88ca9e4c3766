#include "weights/layouts/transformer_depths.h"

#include <algorithm>
#include <iterator>
#include <vector>

namespace velatura::weights {
namespace {

using Json = nlohmann::json;

// Transformer blocks behind a block of the original layout.
int depth_of(const WeightSource& file, const std::string& block) {
  int depth = 0;
  while (file.find(block + ".1.transformer_blocks." + std::to_string(depth) + ".norm1.weight"))
    ++depth;
  return depth;
}

// One number where all are alike, as configs say it; where there is none nobody looks at it.
Json of_level(const std::vector<int>& depths) {
  const bool alike = std::ranges::all_of(depths, [&](int d) { return d == depths.front(); });
  if (!alike) return depths;
  return std::max(depths.front(), 1);
}

// As configs that say one number mean it.
Json spelled_out(const Json& depths, std::size_t levels) {
  return depths.is_array() ? depths : Json(std::vector<Json>(levels, depths));
}

}  // namespace

ConfigObject with_transformer_depths(const ConfigObject& config, const WeightSource& checkpoint,
                                     const std::string& prefix) {
  const std::string key = "transformer_layers_per_block";
  const std::size_t levels = config.json().at("block_out_channels").size();
  const int layers = config.json().at("layers_per_block");
  Json down = Json::array(), up = Json::array();
  for (std::size_t level = 0; level < levels; ++level) {
    const int first = (layers + 1) * static_cast<int>(level);
    std::vector<int> on_the_way_down, on_the_way_up;
    for (int i = 0; i < layers; ++i) {
      on_the_way_down.push_back(
          depth_of(checkpoint, prefix + "input_blocks." + std::to_string(first + i + 1)));
    }
    for (int i = 0; i <= layers; ++i) {
      on_the_way_up.push_back(
          depth_of(checkpoint, prefix + "output_blocks." + std::to_string(first + i)));
    }
    down.push_back(of_level(on_the_way_down));
    up.push_back(of_level(on_the_way_up));
  }
  ConfigObject sized = config;
  if (down != spelled_out(config.json().at(key), levels)) sized = sized.with(key, down);
  if (!std::equal(down.begin(), down.end(), std::make_reverse_iterator(up.end())))
    sized = sized.with("reverse_" + key, up);
  if (!checkpoint.find(prefix + "middle_block.1.norm.weight"))
    sized = sized.with("mid_block_type", "UNetMidBlock2D");
  return sized;
}

}  // namespace velatura::weights
