#include "pipelines/model_loading.h"

#include <utility>

#include "core/data_files.h"
#include "models/unet/config.h"
#include "weights/load_strict.h"

namespace velatura::pipelines {
namespace {

constexpr int kParts = 4;

tokenizer::ClipTokenizer load_tokenizer(const weights::TokenizerFiles& files) {
  if (!files.folder.empty()) return tokenizer::ClipTokenizer::from_folder(files.folder);
  return tokenizer::ClipTokenizer::from_clip_vocabulary(
      find_data_file("clip_vocabulary/bpe_simple_vocab_16e6.txt.gz"), files.pad_token);
}

template <class Model, class Config>
std::shared_ptr<Model> load_network(const weights::Part& component, at::Device device,
                                    at::ScalarType dtype) {
  const auto model = std::make_shared<Model>(Config::read(component.config));
  weights::load_strict(*model, *component.weights, device, dtype);
  return model;
}

std::optional<DepthEstimator> load_depth_estimator(const weights::ModelFiles& files,
                                                   at::Device device) {
  const weights::Part* const network = files.find("depth_estimator");
  if (network == nullptr) return std::nullopt;
  return DepthEstimator{
      models::DptImageProcessor::read(files.config("feature_extractor")),
      load_network<models::DptForDepthEstimation, models::DptConfig>(*network, device, at::kFloat),
      device};
}

std::optional<LowRes> low_res_of(const weights::ModelFiles& files) {
  const ConfigObject* const config = files.find_config("low_res_scheduler");
  if (config == nullptr) return std::nullopt;
  return LowRes{{config->where(), config->json()}, files.max_noise_level};
}

// Before any weights are read: parts that do not belong together are a model of nothing.
void check_fit(const weights::ModelFiles& files, const tokenizer::ClipTokenizer& tokenizer) {
  const auto text = models::ClipTextConfig::read(files.part("text_encoder").config);
  for (const auto& level : models::UNetConfig::read(files.part("unet").config).levels) {
    if (level.cross_attention_dim != text.hidden_size) {
      throw InputError(files.part("unet").config.where() + ": cross_attention_dim is " +
                       std::to_string(level.cross_attention_dim) + ", but the text encoder is " +
                       std::to_string(text.hidden_size) + " wide");
    }
  }
  if (tokenizer.vocab_size() > static_cast<std::size_t>(text.vocab_size)) {
    throw InputError(files.part("text_encoder").config.where() + ": vocab_size is " +
                     std::to_string(text.vocab_size) + ", but the tokenizer has " +
                     std::to_string(tokenizer.vocab_size()) + " tokens");
  }
}

}  // namespace

StableDiffusion load_stable_diffusion(const weights::ModelFiles& files, const Placement& placement,
                                      const VaePlacement& vae_placement, Observer& observer) {
  for (const auto& warning : files.warnings) observer.on_warning(warning);
  int done = 0;
  const auto part_done = [&] {
    observer.on_progress({.stage = Stage::load_model, .done = ++done, .total = kParts});
    if (observer.cancelled()) throw Interrupted();
  };
  const auto [device, dtype] = placement;
  auto tokenizer = load_tokenizer(files.tokenizer("tokenizer"));
  check_fit(files, tokenizer);
  part_done();
  const auto load_vae = [device = device, vae = files.part("vae")](at::ScalarType in) {
    return load_network<models::AutoencoderKL, models::VaeConfig>(vae, device, in);
  };
  auto text_encoder = load_network<models::ClipTextModel, models::ClipTextConfig>(
      files.part("text_encoder"), device, dtype);
  part_done();
  auto unet = load_network<models::UNet2DConditionModel, models::UNetConfig>(files.part("unet"),
                                                                             device, dtype);
  part_done();
  Autoencoder vae(load_vae, device, vae_placement.dtype, vae_placement.tile);
  auto depth_estimator = load_depth_estimator(files, device);
  part_done();
  return {placement,      std::move(tokenizer),       std::move(text_encoder), std::move(unet),
          std::move(vae), std::move(depth_estimator), low_res_of(files)};
}

}  // namespace velatura::pipelines
