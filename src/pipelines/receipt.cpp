#include "pipelines/receipt.h"

#include <span>

#include "core/sha256.h"
#include "core/text.h"
#include "core/version.h"
#include "image/fit.h"
#include "image/parameters_text.h"
#include "samplers/names.h"
#include "tokenizer/prompt_syntax.h"

namespace velatura::pipelines {
namespace {

using Json = nlohmann::ordered_json;

template <class Values>
Json identity(int width, int height, const Values& values) {
  return {
      {"width", width}, {"height", height}, {"sha256", sha256(std::as_bytes(std::span(values)))}};
}

Json identity(const Image& image) {
  return identity(image.width, image.height, image.pixels);
}
Json identity(const GrayImage& image) {
  return identity(image.width, image.height, image.values);
}

Json model_record(const ModelIdentity& model) {
  Json record = {{"name", model.name}, {"sha256", model.hash}, {"vae", model.vae}};
  if (model.ema) record["ema"] = true;
  return record;
}

// What image to image, inpainting and depth to image have in common.
template <class Task>
TaskRecord from_image(const char* name, const Task& request) {
  return {.task = name,
          .settings = {{"image", identity(request.image)},
                       {"strength", request.strength},
                       {"resize", name_of(request.fit)}},
          .parameters = {{"Denoising strength", number_text(request.strength)}}};
}

}  // namespace

TaskRecord record_of(const TextToImage&) {
  return {.task = "txt2img", .settings = Json::object(), .parameters = {}};
}

TaskRecord record_of(const ImageToImage& request) {
  return from_image("img2img", request);
}

TaskRecord record_of(const Inpaint& request) {
  TaskRecord record = from_image("inpaint", request);
  if (!request.mask.values.empty()) record.settings["mask"] = identity(request.mask);
  const auto& [left, top, right, bottom] = request.extend;
  if (!request.extend.empty()) {
    record.settings["extend"] = {
        {"left", left}, {"top", top}, {"right", right}, {"bottom", bottom}};
  }
  record.settings["mask_blur"] = request.mask_blur;
  if (request.mask_crop) record.settings["mask_crop"] = *request.mask_crop;
  record.settings["paste"] = request.paste;
  if (request.mask_blur > 0)
    record.parameters.emplace_back("Mask blur", number_text(request.mask_blur));
  record.composite = true;
  return record;
}

TaskRecord record_of(const DepthToImage& request) {
  TaskRecord record = from_image("depth2img", request);
  if (request.depth_map) record.settings["depth_map"] = identity(*request.depth_map);
  return record;
}

TaskRecord record_of(const Upscale& request) {
  return {.task = "upscale",
          .settings = {{"image", identity(request.image)},
                       {"noise_level", request.noise_level},
                       {"tile", request.tile},
                       {"tile_overlap", request.tile_overlap}},
          .parameters = {}};
}

Metadata make_metadata(const PictureRequest& request, const TaskRecord& task, const Run& run) {
  RunParameters shown;
  shown.prompt = request.prompt;
  shown.negative_prompt = request.negative_prompt;
  shown.steps = request.steps;
  shown.sampler = samplers::label_of(run.sampler.sampler);
  shown.schedule_type = samplers::label_of(run.sampler.schedule);
  shown.cfg_scale = request.guidance_scale;
  shown.seed = run.seed;
  shown.width = run.width;
  shown.height = run.height;
  shown.model_hash = run.model.hash.substr(0, 10);
  shown.model = run.model.name;
  shown.clip_skip = request.clip_skip;
  shown.further = task.parameters;
  shown.version = std::string("velatura ") + version();

  Json receipt = {
      {"velatura", version()},
      {"task", task.task},
      {"prompt", request.prompt},
      {"negative_prompt", request.negative_prompt},
      {"seed", run.seed},
      {"width", run.width},
      {"height", run.height},
      {"steps", request.steps},
      {"guidance_scale", request.guidance_scale},
      {"guidance_rescale", request.guidance_rescale},
      {"clip_skip", request.clip_skip},
      {"sampler", samplers::name_of(run.sampler.sampler)},
      {"schedule", samplers::name_of(run.sampler.schedule)},
      {"timestep_spacing", samplers::name_of(run.sampler.timestep_spacing)},
      {"eta", run.sampler.eta},
      {"prediction", samplers::name_of(run.sampler.prediction)},
      {"starting_noise", request.latents ? "from a file" : "seed"},
  };
  if (request.prompt_syntax != PromptSyntax::plain) {
    receipt["prompt_syntax"] = tokenizer::name_of(request.prompt_syntax);
  }
  receipt.update(task.settings);
  receipt.update(Json{
      {"model", model_record(run.model)},
      {"device", run.placement.device.str()},
      {"dtype", dtype_name(run.placement.dtype)},
      {"vae_dtype", dtype_name(run.vae.dtype)},
      {"vae_tile", run.vae.tile},
      {"libtorch", libtorch_version()},
      {"pixels", run.pixels},
  });
  return {format_parameters(parameters_text(shown)), receipt.dump(),
          task.composite ? DigitalSource::composite : DigitalSource::trained_model};
}

}  // namespace velatura::pipelines
