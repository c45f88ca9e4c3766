#include "families/control_models.h"

#include <algorithm>
#include <string>
#include <utility>

#include "families/controlnet_control.h"
#include "families/load_network.h"
#include "models/catalogue.h"
#include "models/unet/config.h"
#include "velatura/error.h"
#include "weights/layouts/control_files.h"

namespace velatura::families {

using models::ControlNetConfig;
using models::T2IAdapterConfig;
using models::UNetConfig;
using pipelines::ControlModel;

namespace {

std::string in_a_row(const std::vector<std::int64_t>& numbers) {
  std::string text = "[";
  for (const auto number : numbers) text += (text.size() > 1 ? ", " : "") + std::to_string(number);
  return text + "]";
}

std::vector<std::int64_t> per_level(const UNetConfig& config,
                                    std::int64_t models::UNetLevel::*member) {
  std::vector<std::int64_t> values;
  for (const auto& level : config.levels) values.push_back(level.*member);
  return values;
}

// Latents that a value of what is added to a level stands for, each way; a level without attention
// adds it behind its halving.
std::vector<std::int64_t> latents_per_level(const UNetConfig& config) {
  std::vector<std::int64_t> latents;
  for (std::size_t i = 0; i < config.levels.size(); ++i) {
    const bool halved = config.levels[i].down == "DownBlock2D" && i + 1 < config.levels.size();
    latents.push_back(std::int64_t{1} << (i + (halved ? 1 : 0)));
  }
  return latents;
}

// Of what is told beside the text.
std::vector<std::int64_t> added_widths(const UNetConfig& config) {
  return {config.addition_time_embed_dim, config.projection_class_embeddings_input_dim};
}

void expect(const weights::Part& part, const std::string& key,
            const std::vector<std::int64_t>& found, const std::vector<std::int64_t>& expected) {
  if (found == expected) return;
  throw InputError(part.config.where() + ": " + key + " is " + in_a_row(found) + ", expected " +
                   in_a_row(expected) + " as the model's UNet has it");
}

void check_fit(const weights::Part& part, const ControlNetConfig& net, const UNetConfig& unet,
               std::int64_t latent_channels) {
  using models::UNetLevel;
  for (const auto& [key, member] :
       {std::pair{"block_out_channels", &UNetLevel::channels},
        std::pair{"layers_per_block", &UNetLevel::layers},
        std::pair{"cross_attention_dim", &UNetLevel::cross_attention_dim}}) {
    expect(part, key, per_level(net.trunk, member), per_level(unet, member));
  }
  if (net.trunk.addition_time_embed_dim != 0) {
    expect(part, "addition_time_embed_dim, projection_class_embeddings_input_dim",
           added_widths(net.trunk), added_widths(unet));
  }
  const auto channels = net.trunk.in_channels;
  if (channels != latent_channels && channels != unet.in_channels) {
    throw InputError(part.config.where() + ": in_channels is " + std::to_string(channels) +
                     ", expected " + std::to_string(latent_channels) +
                     " as the model's latents have");
  }
  if (net.trunk.num_class_embeds != 0 && net.trunk.num_class_embeds != unet.num_class_embeds) {
    throw InputError(part.config.where() + ": num_class_embeds is " +
                     std::to_string(net.trunk.num_class_embeds) + ", expected " +
                     std::to_string(unet.num_class_embeds) + " as the model's UNet has it");
  }
}

void check_fit(const weights::Part& part, const T2IAdapterConfig& adapter, const UNetConfig& unet,
               std::int64_t) {
  std::vector<std::int64_t> channels, latents;
  for (std::size_t level = 0; level < adapter.levels(); ++level) {
    channels.push_back(adapter.channels_of(level));
    latents.push_back(adapter.latents_of(level));
  }
  auto wanted_channels = per_level(unet, &models::UNetLevel::channels);
  auto wanted_latents = latents_per_level(unet);
  if (adapter.xl) {  // the middle is as the last level
    wanted_channels.push_back(wanted_channels.back());
    wanted_latents.push_back(std::int64_t{1} << (unet.levels.size() - 1));
  }
  if (latents != wanted_latents) {
    throw InputError(part.config.where() + ": is a T2I-Adapter for Stable Diffusion " +
                     (adapter.xl ? "XL" : "1.x and 2.x") + ": its levels stand for " +
                     in_a_row(latents) + " latents, expected " + in_a_row(wanted_latents) +
                     " as the model's UNet takes them");
  }
  expect(part, "channels", channels, wanted_channels);
}

/// What a network would be, without its weights.
class ControlOutline : public ControlModel {
 public:
  explicit ControlOutline(pipelines::ControlTraits traits) : traits_(traits) {}
  pipelines::ControlTraits traits() const override { return traits_; }
  pipelines::HintFeatures features(const at::Tensor&) const override { return {}; }
  pipelines::Residuals residuals(const pipelines::BackboneInput&, const pipelines::HintFeatures&,
                                 const pipelines::ControlStrength&) const override {
    return {};
  }
  std::optional<InputError> fault(const std::string&) const override { return std::nullopt; }

 private:
  pipelines::ControlTraits traits_;
};

/// One that fits, as it is stored.
weights::Part open_part(const std::filesystem::path& path, const weights::Part& unet) {
  return weights::control_part(weights::open_control(path), unet);
}

template <class Config>
Config fitting_config(const weights::Part& part, const weights::Part& unet,
                      std::int64_t latent_channels) {
  auto config = Config::read(part.config);
  check_fit(part, config, UNetConfig::read(unet.config), latent_channels);
  return config;
}

template <class Control, class Network, class Config>
std::shared_ptr<const ControlModel> load(const weights::Part& part, const weights::Part& unet,
                                         std::int64_t latent_channels, const Placement& placement) {
  fitting_config<Config>(part, unet, latent_channels);
  // Both work in every step, so that it stays beside the UNet where that comes as a whole.
  Placement own = placement;
  if (own.offload == Offload::model) own.offload = Offload::none;
  return std::make_shared<Control>(load_network<Network, Config>(part, own), FaultFinder(part));
}

template <class Config>
std::shared_ptr<const ControlModel> outline(const weights::Part& part, const weights::Part& unet,
                                            std::int64_t latent_channels) {
  return std::make_shared<ControlOutline>(
      traits_of(fitting_config<Config>(part, unet, latent_channels)));
}

}  // namespace

std::shared_ptr<const ControlModel> UNetControls::at(const std::filesystem::path& path,
                                                     Observer& observer) {
  auto& model = loaded_[path];
  if (model) return model;
  const auto part = open_part(path, unet_);
  model = part.class_name == "T2IAdapter"
              ? load<T2IAdapterControl, models::T2IAdapter, T2IAdapterConfig>(
                    part, unet_, latent_channels_, placement_)
              : load<ControlNetControl, models::ControlNetModel, ControlNetConfig>(
                    part, unet_, latent_channels_, placement_);
  if (observer.cancelled()) throw Interrupted();
  return model;
}

std::shared_ptr<const ControlModel> UNetControlsOutline::at(const std::filesystem::path& path,
                                                            Observer&) {
  auto& model = seen_[path];
  if (model) return model;
  const auto part = open_part(path, unet_);
  model = part.class_name == "T2IAdapter"
              ? outline<T2IAdapterConfig>(part, unet_, latent_channels_)
              : outline<ControlNetConfig>(part, unet_, latent_channels_);
  weights::check_strict(models::network_parameters(part.class_name, part.config), *part.weights);
  return model;
}

}  // namespace velatura::families
