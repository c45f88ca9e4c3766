#include "weights/layouts/original_layout.h"

#include <set>

#include "velatura/error.h"
#include "weights/layouts/known_configs.h"
#include "weights/layouts/original_names.h"
#include "weights/sources/inverted_source.h"
#include "weights/sources/joined_source.h"
#include "weights/sources/key_comparison.h"
#include "weights/sources/names.h"

namespace velatura::weights {
namespace {

void check_part(const std::string& what, const WeightSource& part,
                const std::vector<NameRule>& rules) {
  std::set<std::string> wanted;
  KeyComparison found;
  for (const NameRule& rule : rules) {
    if (wanted.insert(rule.to).second && !part.find(rule.to)) {
      found.missing.push_back(shown(rule.to));
    }
  }
  for (const std::string& name : part.names()) {
    if (!wanted.contains(name)) found.unexpected.push_back(shown(name));
  }
  if (!found.fits()) {
    throw InputError(part.where() + ": the " + what + " is not complete: " + found.problems());
  }
}

}  // namespace

OriginalNames original_names(const ModelFamily& family) {
  const auto config = [&](const std::string& part) {
    return known_config(family.configs + "/" + part, family.name).json();
  };
  const bool depth = family.pipeline_class == "StableDiffusionDepth2ImgPipeline";
  return {.unet = original_unet_names(config("unet")),
          .vae = original_vae_names(config("vae")),
          .text_encoder = family.open_clip ? original_open_clip_names(config("text_encoder"))
                                           : original_clip_names(config("text_encoder")),
          .depth_estimator =
              depth ? original_depth_names(config("depth_estimator")) : std::vector<NameRule>()};
}

void check_complete(const ModelFiles& files) {
  const OriginalNames names = original_names(*require_unet(files.unet.weights).family);
  check_part("UNet", *files.unet.weights, names.unet);
  check_part("VAE", *files.vae.weights, names.vae);
  check_part("text encoder", *files.text_encoder.weights, names.text_encoder);
  if (files.depth_estimator) {
    check_part("depth estimator", *files.depth_estimator->network.weights, names.depth_estimator);
  }
}

std::shared_ptr<const WeightSource> in_original_layout(const ModelFiles& files) {
  check_complete(files);
  const OriginalNames names = original_names(*require_unet(files.unet.weights).family);
  const auto inverted = [](const Component& part, const std::vector<NameRule>& rules) {
    return std::make_shared<InvertedSource>(part.weights, rules);
  };
  std::vector<std::shared_ptr<const WeightSource>> parts{
      inverted(files.unet, names.unet), inverted(files.vae, names.vae),
      inverted(files.text_encoder, names.text_encoder)};
  if (files.depth_estimator) {
    parts.push_back(inverted(files.depth_estimator->network, names.depth_estimator));
  }
  return std::make_shared<JoinedSource>(files.origin.string(), parts);
}

}  // namespace velatura::weights
