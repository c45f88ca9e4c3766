#include "families/prior_networks.h"

#include <ATen/ATen.h>

#include <utility>

#include "core/finite.h"
#include "families/fault_finder.h"
#include "families/load_network.h"
#include "families/model_parts.h"
#include "families/picture_identity.h"
#include "models/clip_text/clip_text_model.h"
#include "models/clip_vision/clip_vision_model.h"

namespace velatura::families {
namespace {

constexpr std::size_t kMostRemembered = 64;  // texts, and pictures

// The network is loaded, used and let go of.
template <class Model, class Config>
void with_network(const weights::Part& part, const Placement& placement, const auto& use) {
  use(*load_network<Model, Config>(part, {placement.device, placement.dtype}));
}

}  // namespace

PriorNetworks::PriorNetworks(weights::ModelFiles files, Placement placement)
    : files_(std::move(files)),
      placement_(placement),
      tokenizer_(load_tokenizer(files_.tokenizer("tokenizer"))),
      processor_(ClipPicture::read(files_.config("image_processor"))) {}

PriorNetworks::~PriorNetworks() = default;

std::string PriorNetworks::name_of(const Image* picture) {
  return picture == nullptr ? "" : identity_of(*picture);
}

void PriorNetworks::encode_texts(const std::vector<std::string>& texts, Observer& observer) {
  std::vector<std::string> fresh;
  for (const std::string& text : texts)
    if (!texts_.contains(text)) fresh.push_back(text);
  if (fresh.empty()) return;
  const weights::Part& part = files_.part("text_encoder");
  using Encoder = models::ClipTextModelWithProjection;
  with_network<Encoder, models::ClipTextProjectionConfig>(
      part, placement_, [&](const Encoder& encoder) {
        const auto length = static_cast<std::size_t>(encoder.config().max_position_embeddings);
        for (const std::string& text : fresh) {
          if (texts_.contains(text)) continue;
          const auto encoding = tokenizer_->encode(text, length);
          const auto lost = tokenizer::shortfall(encoding, "prompt", "prior");
          if (!lost.empty()) observer.on_warning(lost);
          const auto ids = at::tensor(encoding.ids).unsqueeze(0).to(placement_.device);
          const auto [hidden, pooled] = encoder.forward(ids);
          if (!all_finite(hidden) || !all_finite(pooled)) {
            throw FaultFinder(part).explain("text encoder", placement_.dtype, "for this prompt");
          }
          const auto places = at::arange(static_cast<std::int64_t>(length), ids.options());
          const auto seen = places < static_cast<std::int64_t>(encoding.seen());
          texts_.emplace(text, models::PriorTransformer::Text{hidden, pooled, seen.unsqueeze(0)});
        }
      });
}

void PriorNetworks::see(const std::vector<const Image*>& pictures) {
  std::vector<const Image*> fresh;
  for (const Image* picture : pictures)
    if (!seen_.contains(name_of(picture))) fresh.push_back(picture);
  if (fresh.empty()) return;
  const weights::Part& part = files_.part("image_encoder");
  using Encoder = models::ClipVisionModel;
  with_network<Encoder, models::ClipVisionConfig>(part, placement_, [&](const Encoder& encoder) {
    const std::int64_t side = encoder.config().image_size;
    for (const Image* picture : fresh) {
      const auto pixels =
          picture == nullptr ? at::zeros({1, 3, side, side}) : processor_.pixels(*picture);
      auto embedded = encoder.embed(pixels.to(placement_.device, placement_.dtype)).to(at::kFloat);
      if (!all_finite(embedded)) {
        throw FaultFinder(part).explain("image encoder", placement_.dtype, "for this picture");
      }
      seen_.insert_or_assign(name_of(picture), std::move(embedded));
    }
  });
}

const models::PriorTransformer::Text& PriorNetworks::text(const std::string& text) const {
  return texts_.at(text);
}

at::Tensor PriorNetworks::seen(const Image* picture) const {
  return seen_.at(name_of(picture));
}

const models::PriorTransformer& PriorNetworks::transformer() {
  if (!transformer_) {
    transformer_ = load_network<models::PriorTransformer, models::PriorConfig>(
        files_.part("prior"), {placement_.device, placement_.dtype});
  }
  return *transformer_;
}

InputError PriorNetworks::not_finite(const std::string& when) const {
  return FaultFinder(files_.part("prior")).explain("prior", placement_.dtype, when);
}

void PriorNetworks::release() {
  transformer_.reset();
  if (texts_.size() > kMostRemembered) texts_.clear();
  if (seen_.size() > kMostRemembered) {
    std::erase_if(seen_, [](const auto& entry) { return !entry.first.empty(); });
  }
}

}  // namespace velatura::families
