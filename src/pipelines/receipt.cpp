#include "pipelines/receipt.h"

#include <nlohmann/json.hpp>

#include "core/version.h"
#include "image/parameters_text.h"
#include "samplers/names.h"

namespace velatura::pipelines {

Metadata make_metadata(const TextToImage& request, int width, int height, std::uint64_t seed,
                       const ModelIdentity& model, const SamplerUsed& sampler,
                       const Placement& placement) {
  RunParameters run;
  run.prompt = request.prompt;
  run.negative_prompt = request.negative_prompt;
  run.steps = request.steps;
  run.sampler = samplers::label_of(sampler.sampler);
  run.schedule_type = samplers::label_of(sampler.schedule);
  run.cfg_scale = request.guidance_scale;
  run.seed = seed;
  run.width = width;
  run.height = height;
  run.model_hash = model.hash.substr(0, 10);
  run.model = model.name;
  run.clip_skip = request.clip_skip;
  run.version = std::string("velatura ") + version();

  const nlohmann::ordered_json receipt = {
      {"velatura", version()},
      {"task", "txt2img"},
      {"prompt", request.prompt},
      {"negative_prompt", request.negative_prompt},
      {"seed", seed},
      {"width", width},
      {"height", height},
      {"steps", request.steps},
      {"guidance_scale", request.guidance_scale},
      {"guidance_rescale", request.guidance_rescale},
      {"clip_skip", request.clip_skip},
      {"sampler", samplers::name_of(sampler.sampler)},
      {"schedule", samplers::name_of(sampler.schedule)},
      {"timestep_spacing", samplers::name_of(sampler.timestep_spacing)},
      {"eta", sampler.eta},
      {"prediction", samplers::name_of(sampler.prediction)},
      {"starting_noise", request.latents ? "from a file" : "seed"},
      {"model", {{"name", model.name}, {"sha256", model.hash}, {"vae", model.vae}}},
      {"device", placement.device.str()},
      {"dtype", dtype_name(placement.dtype)},
      {"vae_dtype", model.vae_dtype},
      {"libtorch", libtorch_version()},
  };
  return {format_parameters(parameters_text(run)), receipt.dump()};
}

}  // namespace velatura::pipelines
