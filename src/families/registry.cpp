#include "families/registry.h"

#include <c10/util/Exception.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "families/stable_diffusion.h"
#include "families/stable_diffusion_xl.h"

namespace velatura::families {
namespace {

struct Family {
  std::string_view pipeline_class;  ///< how the names of its diffusers pipelines begin
  pipelines::LatentModel (*load)(const weights::ModelFiles& files, const Placement& placement,
                                 const CodecPlacement& codec_placement, Observer& observer);
  pipelines::LatentModel (*outline)(const weights::ModelFiles& files, std::optional<int> vae_tile);
};

// The first that fits counts.
constexpr auto kFamilies = std::to_array<Family>({
    {"StableDiffusionXL", load_stable_diffusion_xl, outline_stable_diffusion_xl},
    {"StableDiffusion", load_stable_diffusion, outline_stable_diffusion},
});

const Family& family_of(const weights::ModelFiles& files) {
  const auto* const family = std::ranges::find_if(kFamilies, [&](const Family& each) {
    return files.pipeline_class.starts_with(each.pipeline_class);
  });
  TORCH_CHECK(family != kFamilies.end(), "no family has the pipeline ", files.pipeline_class);
  return *family;
}

}  // namespace

pipelines::LatentModel load_model(const weights::ModelFiles& files, const Placement& placement,
                                  const CodecPlacement& codec_placement, Observer& observer) {
  return family_of(files).load(files, placement, codec_placement, observer);
}

pipelines::LatentModel outline_model(const weights::ModelFiles& files,
                                     std::optional<int> vae_tile) {
  return family_of(files).outline(files, vae_tile);
}

}  // namespace velatura::families
