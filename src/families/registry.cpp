#include "families/registry.h"

#include <c10/util/Exception.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "families/kandinsky_2.h"
#include "families/stable_diffusion.h"
#include "families/stable_diffusion_xl.h"

namespace velatura::families {
namespace {

struct Family {
  std::string_view pipeline_class;  ///< how the names of its diffusers pipelines begin
  pipelines::LatentModel (*load)(const weights::ModelFiles& files, const weights::PriorFiles& prior,
                                 const Placement& placement, const CodecPlacement& codec_placement,
                                 Observer& observer);
  pipelines::LatentModel (*outline)(const weights::ModelFiles& files,
                                    const weights::PriorFiles& prior, std::optional<int> vae_tile);
};

// Of one that draws by itself.
template <pipelines::LatentModel (*load)(const weights::ModelFiles&, const Placement&,
                                         const CodecPlacement&, Observer&),
          pipelines::LatentModel (*outline)(const weights::ModelFiles&, std::optional<int>)>
constexpr Family without_prior(std::string_view pipeline_class) {
  return {
      pipeline_class,
      [](const auto& files, const auto&, const auto& placement, const auto& codec,
         Observer& observer) { return load(files, placement, codec, observer); },
      [](const auto& files, const auto&, std::optional<int> tile) { return outline(files, tile); }};
}

// The first that fits counts.
constexpr auto kFamilies = std::to_array<Family>({
    without_prior<load_stable_diffusion_xl, outline_stable_diffusion_xl>("StableDiffusionXL"),
    without_prior<load_stable_diffusion, outline_stable_diffusion>("StableDiffusion"),
    {"Kandinsky", load_kandinsky_2, outline_kandinsky_2},
});

const Family& family_of(const weights::ModelFiles& files) {
  files.part("unet");  // says what has none
  const auto* const family = std::ranges::find_if(kFamilies, [&](const Family& each) {
    return files.pipeline_class.starts_with(each.pipeline_class);
  });
  TORCH_CHECK(family != kFamilies.end(), "no family has the pipeline ", files.pipeline_class);
  return *family;
}

}  // namespace

pipelines::LatentModel load_model(const weights::ModelFiles& files,
                                  const weights::PriorFiles& prior, const Placement& placement,
                                  const CodecPlacement& codec_placement, Observer& observer) {
  return family_of(files).load(files, prior, placement, codec_placement, observer);
}

pipelines::LatentModel outline_model(const weights::ModelFiles& files,
                                     const weights::PriorFiles& prior,
                                     std::optional<int> vae_tile) {
  return family_of(files).outline(files, prior, vae_tile);
}

}  // namespace velatura::families
