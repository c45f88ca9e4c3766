#include "models/catalogue.h"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string_view>

#include "models/clip_text/clip_text_model.h"
#include "models/clip_vision/clip_vision_model.h"
#include "models/controlnet/controlnet_model.h"
#include "models/dpt/dpt_for_depth_estimation.h"
#include "models/ip_adapter/ip_adapter.h"
#include "models/multilingual_clip/multilingual_clip.h"
#include "models/prior_transformer/prior_transformer.h"
#include "models/t2i_adapter/t2i_adapter.h"
#include "models/unet/unet_2d_condition_model.h"
#include "models/vae/autoencoder_kl.h"
#include "models/vq_model/vq_model.h"

namespace velatura::models {
namespace {

using Parameters = std::vector<std::pair<std::string, at::Tensor>>;

struct NetworkClass {
  std::string_view name;
  Parameters (*parameters)(const ConfigObject& config);
  bool (*same)(const ConfigObject& a, const ConfigObject& b);
};

template <class Network, class Config>
constexpr NetworkClass network(std::string_view name) {
  return {name,
          [](const ConfigObject& config) { return Network(Config::read(config)).parameters(); },
          [](const ConfigObject& a, const ConfigObject& b) {
            return Config::read(a) == Config::read(b);
          }};
}

constexpr auto kClasses = std::to_array<NetworkClass>({
    network<UNet2DConditionModel, UNetConfig>("UNet2DConditionModel"),
    network<AutoencoderKL, VaeConfig>("AutoencoderKL"),
    network<ClipTextModel, ClipTextConfig>("CLIPTextModel"),
    network<ClipTextModelWithProjection, ClipTextProjectionConfig>("CLIPTextModelWithProjection"),
    network<ControlNetModel, ControlNetConfig>("ControlNetModel"),
    network<T2IAdapter, T2IAdapterConfig>("T2IAdapter"),
    network<DptForDepthEstimation, DptConfig>("DPTForDepthEstimation"),
    network<ClipVisionModel, ClipVisionConfig>("CLIPVisionModelWithProjection"),
    network<IpAdapter, IpAdapterConfig>("IPAdapter"),
    network<VqModel, VqConfig>("VQModel"),
    network<PriorTransformer, PriorConfig>("PriorTransformer"),
    network<MultilingualClip, MultilingualClipConfig>("MultilingualCLIP"),
});

const NetworkClass& class_named(const std::string& name) {
  const auto found = std::ranges::find(kClasses, name, &NetworkClass::name);
  if (found == kClasses.end()) throw std::logic_error("no network class " + name);
  return *found;
}

}  // namespace

std::vector<std::pair<std::string, at::Tensor>> network_parameters(const std::string& class_name,
                                                                   const ConfigObject& config) {
  return class_named(class_name).parameters(config);
}

bool same_network(const std::string& class_name, const ConfigObject& a, const ConfigObject& b) {
  return class_named(class_name).same(a, b);
}

}  // namespace velatura::models
