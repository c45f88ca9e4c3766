#include "weights/layouts/control_config.h"

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "velatura/error.h"
#include "weights/sources/names.h"

namespace velatura::weights {
namespace {

using Json = nlohmann::json;

// What a ControlNet shares with the UNet that it is a copy of.
constexpr auto kShared = std::to_array<const char*>({"act_fn",
                                                     "addition_embed_type",
                                                     "addition_time_embed_dim",
                                                     "attention_head_dim",
                                                     "block_out_channels",
                                                     "cross_attention_dim",
                                                     "down_block_types",
                                                     "downsample_padding",
                                                     "flip_sin_to_cos",
                                                     "freq_shift",
                                                     "layers_per_block",
                                                     "mid_block_type",
                                                     "norm_eps",
                                                     "norm_num_groups",
                                                     "only_cross_attention",
                                                     "projection_class_embeddings_input_dim",
                                                     "resnet_time_scale_shift",
                                                     "transformer_layers_per_block",
                                                     "upcast_attention",
                                                     "use_linear_projection"});

/// ControlShapes of a file's tensors below its prefix.
class ControlShapes {
 public:
  explicit ControlShapes(const ControlFiles& files) : files_(files) {}

  bool has(const std::string& name) const {
    return files_.weights->find(files_.prefix + name).has_value();
  }
  /// @throws InputError unless the tensor is there and has that many dimensions
  std::int64_t size(const std::string& name, std::size_t dimension, std::size_t rank = 4) const {
    const auto info = files_.weights->find(files_.prefix + name);
    const std::string tensor =
        files_.weights->where() + ": its tensor " + shown(files_.prefix + name);
    if (!info) throw InputError(tensor + " is missing");
    if (info->shape.size() != rank) {
      throw InputError(tensor + " is " + shape_text(info->shape) + ", expected " +
                       std::to_string(rank) + " dimensions");
    }
    return info->shape[dimension];
  }

 private:
  const ControlFiles& files_;
};

// Of the convolutions that embed the hint: what each pair of them widens to.
std::vector<std::int64_t> embedding_channels(const ControlShapes& shapes, bool original) {
  const std::string begin = original ? "input_hint_block." : "controlnet_cond_embedding.";
  const auto block = [&](int i) {
    return begin + (original ? std::to_string(2 * (i + 1)) : "blocks." + std::to_string(i)) +
           ".weight";
  };
  std::vector<std::int64_t> channels{
      shapes.size(begin + (original ? "0" : "conv_in") + ".weight", 0)};
  // In the original layout the last convolution stands in the same row.
  for (int i = 1; shapes.has(block(i)) && (!original || shapes.has(block(i + 1))); i += 2) {
    channels.push_back(shapes.size(block(i), 0));
  }
  return channels;
}

Json controlnet_config(const ControlFiles& files, const Json& unet) {
  const ControlShapes shapes(files);
  Json config = {{"_class_name", "ControlNetModel"}};
  for (const char* key : kShared) {
    if (unet.contains(key)) config[key] = unet.at(key);
  }
  const std::string conv_in = files.original ? "input_blocks.0.0.weight" : "conv_in.weight";
  config["in_channels"] = shapes.size(conv_in, 1);
  config["conditioning_embedding_out_channels"] = embedding_channels(shapes, files.original);
  config["global_pool_conditions"] = files.pooled;
  return config;
}

// The first layer of a light adapter, which has no conv_in.
std::string first_layer(const ControlFiles& files) {
  const std::string adapter = files.original ? "" : "adapter.";
  const ControlShapes shapes(files);
  return adapter +
         (shapes.has(adapter + "conv_in.weight") ? "conv_in.weight" : "body.0.in_conv.weight");
}

Json adapter_config(const ControlFiles& files, const Json& unet) {
  const ControlShapes shapes(files);
  const std::string adapter = files.original ? "" : "adapter.";
  const bool light = !shapes.has(adapter + "conv_in.weight"), xl = !light && is_for_xl(files);
  const auto block = [&](std::size_t level, std::size_t resnet) {
    const std::string body = adapter + "body." + std::to_string(level);
    return (files.original ? body + ".body." : body + ".resnets.") + std::to_string(resnet) +
           ".block1.weight";
  };
  std::vector<std::int64_t> channels;
  std::size_t resnets = 0;
  if (files.original && !light) {
    // Its blocks are counted through all levels, of which it has the UNet's.
    std::vector<std::int64_t> widths;
    const auto name = [](std::size_t i) { return "body." + std::to_string(i) + ".block1.weight"; };
    while (shapes.has(name(widths.size()))) widths.push_back(shapes.size(name(widths.size()), 0));
    const std::size_t levels = unet.at("block_out_channels").size() + (xl ? 1 : 0);
    if (widths.empty() || levels == 0 || widths.size() % levels != 0) {
      throw InputError(files.weights->where() + ": " + std::to_string(widths.size()) +
                       " blocks, expected the same number on each of " + std::to_string(levels) +
                       " levels");
    }
    resnets = widths.size() / levels;
    for (std::size_t i = 0; i < levels; ++i) channels.push_back(widths[i * resnets]);
  } else {
    while (shapes.has(block(0, resnets))) ++resnets;
    for (std::size_t level = 0; shapes.has(block(level, 0)); ++level) {
      channels.push_back((light ? 4 : 1) * shapes.size(block(level, 0), 0));
    }
    if (light && channels.size() > 1) channels.pop_back();  // the last two are alike
  }
  const std::int64_t factor = xl ? 16 : 8;
  return {{"_class_name", "T2IAdapter"},
          {"adapter_type", xl      ? "full_adapter_xl"
                           : light ? "light_adapter"
                                   : "full_adapter"},
          {"channels", channels},
          {"downscale_factor", factor},
          {"in_channels", shapes.size(first_layer(files), 1) / (factor * factor)},
          {"num_res_blocks", resnets}};
}

}  // namespace

Json trunk_config(const ConfigObject& unet) {
  const std::string cross = "CrossAttnDownBlock2D";
  Json trunk = {{"block_out_channels", {320, 640, 1280, 1280}},
                {"down_block_types", {cross, cross, cross, "DownBlock2D"}},
                {"layers_per_block", 2}};
  for (const char* key : kShared) {
    if (unet.has(key)) trunk[key] = unet.json().at(key);
  }
  if (Json& layers = trunk["layers_per_block"]; layers.is_array()) {
    for (const Json& count : layers) {
      if (count != layers.front()) {
        unet.reject("layers_per_block", "the same on every level beside a single file");
      }
    }
    const Json count = layers.empty() ? Json(2) : layers.front();
    layers = count;
  }
  return trunk;
}

bool is_for_xl(const ControlFiles& files) {
  if (files.config) {
    return files.config->json().value("adapter_type", "full_adapter") == "full_adapter_xl";
  }
  const auto info = files.weights->find(files.prefix + first_layer(files));
  return info && info->shape.size() == 4 && info->shape[1] % 256 == 0;
}

ConfigObject control_config(const ControlFiles& files, const Json& unet) {
  return {files.weights->where(), files.class_name == "T2IAdapter"
                                      ? adapter_config(files, unet)
                                      : controlnet_config(files, unet)};
}

}  // namespace velatura::weights
