#include "families/picture_conditioner.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <utility>

#include "core/finite.h"
#include "families/fault_finder.h"
#include "families/load_network.h"
#include "families/picture_identity.h"
#include "image/raster.h"
#include "models/clip_vision/image_processor.h"
#include "pipelines/adapter_pictures.h"
#include "pipelines/image_tensor.h"

namespace velatura::families {

using models::ClipVisionModel;
using models::IpAdapter;

namespace {

constexpr std::size_t kRemembered = 64;  // pictures

}  // namespace

/// An adapter with its image encoder.
struct PictureConditioner::Adapter {
  std::shared_ptr<ClipVisionModel> encoder;
  std::shared_ptr<IpAdapter> network;
  FaultFinder faults;
  at::Tensor nothing;  ///< [1, T, D] the tokens of no picture

  // As diffusers: base has the encoder's vector, and zeros for no picture; the others all that goes
  // into its last layer, and for no picture that of a grey one.
  at::Tensor tokens(const at::Tensor& pixels) const {
    const bool base = network->config().projection == models::PictureProjection::base;
    return network->tokens(base ? encoder->embed(pixels) : encoder->penultimate(pixels));
  }
  at::Tensor tokens_of_nothing(const at::TensorOptions& options) const {
    const auto& config = network->config();
    if (config.projection == models::PictureProjection::base) {
      return network->tokens(at::zeros({1, config.image_dim}, options));
    }
    const std::int64_t side = encoder->config().image_size;
    return tokens(at::zeros({1, 3, side, side}, options));
  }
};

PictureConditioner::PictureConditioner(std::unique_ptr<pipelines::Conditioner> inner,
                                       models::UNetConfig unet, Placement placement,
                                       std::filesystem::path model)
    : inner_(std::move(inner)),
      unet_(std::move(unet)),
      placement_(placement),
      model_(std::move(model)) {}

PictureConditioner::~PictureConditioner() = default;

std::shared_ptr<ClipVisionModel> PictureConditioner::encoder_of(const std::filesystem::path& path,
                                                                const weights::Part& part) {
  auto& encoder = encoders_[path];
  if (!encoder) {
    encoder = load_network<ClipVisionModel, models::ClipVisionConfig>(part, placement_);
  }
  return encoder;
}

const PictureConditioner::Adapter& PictureConditioner::adapter_of(const PictureFiles& files) {
  auto& adapter = adapters_[files];
  if (!adapter) {
    const PictureParts parts = open_picture_parts(files, unet_);
    Adapter loaded{.encoder = encoder_of(files.image_encoder, parts.image_encoder),
                   .network = load_network<IpAdapter, models::IpAdapterConfig>(
                       parts.adapter, {placement_.device, placement_.dtype}),
                   .faults = FaultFinder(parts.adapter),
                   .nothing = {}};
    loaded.nothing =
        loaded.tokens_of_nothing(at::device(placement_.device).dtype(placement_.dtype));
    adapter = std::make_unique<Adapter>(std::move(loaded));
  }
  return *adapter;
}

at::Tensor PictureConditioner::tokens_of(const PictureFiles& files, const Image& image) {
  const std::string picture = identity_of(image);
  const auto found = std::ranges::find_if(latest_, [&](const Entry& entry) {
    return entry.files == files && entry.picture == picture;
  });
  if (found != latest_.end()) return found->tokens;
  const Adapter& adapter = adapter_of(files);
  const Raster raster = to_raster(image);
  const auto pixels =
      models::clip_pixels(pipelines::to_bytes(raster), adapter.encoder->config().image_size);
  auto tokens = adapter.tokens(pixels.to(placement_.device, placement_.dtype));
  if (!all_finite(tokens)) {
    throw adapter.faults.explain("IP-Adapter", placement_.dtype, "for this picture");
  }
  if (latest_.size() == kRemembered) latest_.pop_front();
  latest_.push_back({files, picture, tokens});
  return tokens;
}

pipelines::PromptConditioning PictureConditioner::encode(const PictureRequest& request,
                                                         const pipelines::PictureFrame& frame,
                                                         Progress progress, Observer& observer) {
  const auto all = pipelines::adapter_pictures(request);
  auto conditioning = inner_->encode(request, frame, progress, observer);
  for (const auto& pictures : all) {
    const auto files = find_picture_files(pictures.adapter.adapter, request, model_);
    const Adapter& adapter = adapter_of(files);
    std::vector<at::Tensor> tokens, nothing(pictures.images.size(), adapter.nothing);
    for (const Image* image : pictures.images) tokens.push_back(tokens_of(files, *image));
    const auto told = [&](const std::vector<at::Tensor>& seen) {
      auto [keys, values, scale] =
          adapter.network->attention(at::cat(seen, 1), pictures.adapter.scale);
      return pipelines::PictureConditioning{std::move(keys), std::move(values), scale};
    };
    conditioning.prompt.pictures.push_back(told(tokens));
    if (conditioning.guided()) conditioning.negative_prompt.pictures.push_back(told(nothing));
  }
  return conditioning;
}

}  // namespace velatura::families
