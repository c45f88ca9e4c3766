#include "weights/layouts/ip_adapter.h"

#include <algorithm>
#include <utility>

#include "velatura/error.h"
#include "weights/formats/checkpoint.h"
#include "weights/layouts/recognition.h"
#include "weights/sources/names.h"

namespace velatura::weights {
namespace {

using Json = nlohmann::json;

/// The shapes of a file's tensors, which must be there.
class IpAdapterShapes {
 public:
  explicit IpAdapterShapes(const WeightSource& file) : file_(file) {}

  bool has(const std::string& name) const { return file_.find(name).has_value(); }

  std::int64_t operator()(const std::string& name, std::size_t dimension) const {
    const auto info = file_.find(name);
    if (!info) throw InputError(file_.where() + ": an IP-Adapter without its tensor " + name);
    if (info->shape.size() <= dimension) {
      throw InputError(file_.where() + ": " + name + " is " + shape_text(info->shape) +
                       ", which no IP-Adapter has");
    }
    return info->shape[dimension];
  }

 private:
  const WeightSource& file_;
};

const std::string kProjection = "image_proj.";

void refuse_faces(const WeightSource& file, const IpAdapterShapes& shapes) {
  const auto names = file.names();
  const bool faces =
      shapes.has(kProjection + "norm.weight") && shapes.has(kProjection + "proj.0.weight");
  const bool adapts_more = std::ranges::any_of(names, [](const std::string& name) {
    return name.starts_with(kProjection + "perceiver_resampler.") ||
           matches(name, "ip_adapter.*_lora.*");
  });
  if (!faces && !adapts_more) return;
  throw InputError(file.where() +
                   ": is an IP-Adapter FaceID, which needs a face recogniser beside the picture: "
                   "not supported; base, plus and full-face adapters are");
}

Json projection_of(const WeightSource& file, const IpAdapterShapes& shape) {
  const std::string& p = kProjection;
  if (shape.has(p + "proj.weight")) {
    const std::int64_t width = std::max<std::int64_t>(shape(p + "norm.weight", 0), 1);
    return {{"projection", "base"},
            {"image_dim", shape(p + "proj.weight", 1)},
            {"cross_attention_dim", width},
            {"tokens", shape(p + "proj.weight", 0) / width}};
  }
  if (shape.has(p + "proj.3.weight")) {
    return {{"projection", "full"},
            {"image_dim", shape(p + "proj.0.weight", 1)},
            {"cross_attention_dim", shape(p + "proj.3.weight", 0)}};
  }
  if (!shape.has(p + "latents")) {
    throw InputError(file.where() +
                     ": is an IP-Adapter of a kind that is not supported: base, plus "
                     "and full-face adapters are");
  }
  int layers = 0;
  while (shape.has(p + "layers." + std::to_string(layers) + ".0.to_q.weight")) ++layers;
  return {{"projection", "resampler"},
          {"image_dim", shape(p + "proj_in.weight", 1)},
          {"cross_attention_dim", shape(p + "proj_out.weight", 0)},
          {"tokens", shape(p + "latents", 1)},
          {"hidden_dim", shape(p + "latents", 2)},
          {"attention_dim", shape(p + "layers.0.0.to_q.weight", 0)},
          {"feed_forward_dim", shape(p + "layers.0.1.1.weight", 0)},
          {"layers", layers}};
}

std::string kind_of(const Json& config) {
  if (config.at("projection") == "resampler") return "an IP-Adapter plus";
  return config.at("projection") == "full" ? "a full-face IP-Adapter" : "an IP-Adapter";
}

}  // namespace

bool is_ip_adapter(const WeightSource& file) {
  const auto names = file.names();
  const auto has = [&](const std::string& prefix) {
    return std::ranges::any_of(names, [&](const auto& name) { return name.starts_with(prefix); });
  };
  return has("ip_adapter.") && has(kProjection);
}

Part ip_adapter_part(std::shared_ptr<const WeightSource> file) {
  if (!is_ip_adapter(*file)) refuse_kind(*file, "an IP-Adapter");
  const IpAdapterShapes shapes(*file);
  refuse_faces(*file, shapes);
  Json config = projection_of(*file, shapes);
  Json widths = Json::array();
  const auto keys = [](std::size_t layer) {
    return "ip_adapter." + std::to_string(2 * layer + 1) + ".to_k_ip.weight";
  };
  while (shapes.has(keys(widths.size()))) widths.push_back(shapes(keys(widths.size()), 0));
  config["attention_widths"] = std::move(widths);
  return {.role = "ip_adapter",
          .library = "",
          .class_name = "IPAdapter",
          .config = {file->where(), std::move(config)},
          .weights = std::move(file)};
}

Part open_ip_adapter(const std::filesystem::path& path) {
  return ip_adapter_part(open_checkpoint(path).source);
}

std::string describe_ip_adapter(const Part& adapter) {
  const Json& config = adapter.config.json();
  const std::int64_t width = config.at("cross_attention_dim");
  const std::size_t layers = config.at("attention_widths").size();
  std::string model = "a UNet with " + std::to_string(layers) +
                      " cross-attention layers and a text " + std::to_string(width) + " wide";
  if (layers == 16 && width == 768) model = "Stable Diffusion 1.x";
  if (layers == 16 && width == 1024) model = "Stable Diffusion 2.x";
  if (layers == 70 && width == 2048) model = "Stable Diffusion XL";
  return kind_of(config) + " for " + model;
}

}  // namespace velatura::weights
