#include "pipelines/model_loading.h"

#include "core/data_files.h"
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
std::shared_ptr<Model> load_network(const weights::Component& component, at::Device device,
                                    at::ScalarType dtype) {
  const auto model = std::make_shared<Model>(Config::read(component.config));
  weights::load_strict(*model, *component.weights, device, dtype);
  return model;
}

}  // namespace

StableDiffusion load_stable_diffusion(const weights::ModelFiles& files, const Placement& placement,
                                      Observer& observer) {
  for (const auto& warning : files.warnings) observer.on_warning(warning);
  int done = 0;
  const auto part_done = [&] {
    observer.on_progress({.stage = Stage::load_model, .done = ++done, .total = kParts});
    if (observer.cancelled()) throw Interrupted();
  };
  const auto [device, dtype] = placement;
  const auto load_vae = [device = device, vae = files.vae](at::ScalarType in) {
    return load_network<models::AutoencoderKL, models::VaeConfig>(vae, device, in);
  };
  StableDiffusion model{placement, load_tokenizer(files.tokenizer), {}, {}, {}, dtype, load_vae};
  part_done();
  model.text_encoder = load_network<models::ClipTextModel, models::ClipTextConfig>(
      files.text_encoder, device, dtype);
  part_done();
  model.unet = load_network<models::UNet2DConditionModel, models::UNetConfig>(files.unet, device,
                                                                              dtype);
  part_done();
  model.vae = load_vae(dtype);
  part_done();

  const auto text_width = model.text_encoder->config().hidden_size;
  for (const auto& level : model.unet->config().levels) {
    if (level.cross_attention_dim != text_width) {
      throw InputError(files.unet.config.where() + ": cross_attention_dim is " +
                       std::to_string(level.cross_attention_dim) + ", but the text encoder is " +
                       std::to_string(text_width) + " wide");
    }
  }
  if (model.tokenizer.vocab_size() >
      static_cast<std::size_t>(model.text_encoder->config().vocab_size)) {
    throw InputError(files.text_encoder.config.where() + ": vocab_size is " +
                     std::to_string(model.text_encoder->config().vocab_size) +
                     ", but the tokenizer has " + std::to_string(model.tokenizer.vocab_size()) +
                     " tokens");
  }
  return model;
}

}  // namespace velatura::pipelines
