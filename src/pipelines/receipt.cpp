#include "pipelines/receipt.h"

#include <algorithm>
#include <filesystem>
#include <map>

#include "core/text.h"
#include "core/version.h"
#include "image/parameters_text.h"
#include "image/preprocess.h"
#include "pipelines/hand_over.h"
#include "pipelines/prompt_networks.h"
#include "samplers/names.h"

namespace velatura::pipelines {
namespace {

using Json = nlohmann::ordered_json;

Json model_record(const ModelIdentity& model) {
  Json record = {{"name", model.name}, {"sha256", model.hash}, {"vae", model.vae}};
  if (model.ema) record["ema"] = true;
  if (!model.refiner.empty()) {
    record["refiner"] = model.refiner;
    record["refiner_sha256"] = model.refiner_hash;
  }
  if (!model.prior.empty()) {
    record["prior"] = model.prior;
    record["prior_sha256"] = model.prior_hash;
  }
  return record;
}

// A file's own, or those of all files of that name in the order of their use.
Json hashes_by_name(const std::vector<AdapterUsed>& adapters) {
  std::map<std::string, std::vector<std::string>> by_name;
  for (const AdapterUsed& adapter : adapters) by_name[adapter.name].push_back(adapter.sha256);
  Json hashes = Json::object();
  for (const AdapterUsed& adapter : adapters) {
    const auto& all = by_name[adapter.name];
    const bool are_one = std::ranges::all_of(all, [&](const auto& each) { return each == all[0]; });
    hashes[adapter.name] = are_one ? Json(all[0]) : Json(all);
  }
  return hashes;
}

// "Lora hashes: a: 0123456789ab, b: …"
void add_hashes(const Run& run, const char* option, const char* key, RunParameters& shown) {
  std::string hashes;
  for (const AdapterUsed& adapter : run.adapters) {
    if (adapter.option != option || adapter.web_ui_hash.empty()) continue;
    hashes += (hashes.empty() ? "" : ", ") + std::filesystem::path(adapter.name).stem().string() +
              ": " + adapter.web_ui_hash;
  }
  if (!hashes.empty()) shown.further.emplace_back(key, hashes);
}

// "Refiner: NAME [0123456789], Refiner switch at: 0.8", as web UIs have it.
void add_refiner(const PictureRequest& request, const ModelIdentity& model, RunParameters& shown) {
  if (model.refiner.empty()) return;
  shown.further.emplace_back("Refiner",
                             model.refiner + " [" + model.refiner_hash.substr(0, 10) + "]");
  shown.further.emplace_back("Refiner switch at",
                             number_text(request.refiner_start.value_or(kRefinerStart)));
}

// "ControlNet 0: Module: canny, Model: NAME [0123456789], Weight: 1, …", as web UIs' extension has it.
void add_controls(const PictureRequest& request, const Run& run, RunParameters& shown) {
  std::size_t number = 0;
  for (const AdapterUsed& adapter : run.adapters) {
    if (adapter.option != "control" || number >= request.controls.size()) continue;
    const ControlUse& use = request.controls[number];
    const auto how = parse_preprocess(use.preprocess);
    const std::string module = use.preprocess.substr(0, use.preprocess.find(':'));
    std::string text = "Module: " + module +
                       ", Model: " + std::filesystem::path(adapter.name).stem().string() + " [" +
                       adapter.sha256.substr(0, 10) + "], Weight: " + number_text(use.scale) +
                       ", Resize Mode: Just Resize";
    for (std::size_t i = 0; i < how.numbers.size(); ++i) {
      text +=
          std::string(i == 0 ? ", Threshold A: " : ", Threshold B: ") + number_text(how.numbers[i]);
    }
    text += ", Guidance Start: " + number_text(use.start) +
            ", Guidance End: " + number_text(use.end) +
            ", Control Mode: " + (request.guess_mode ? "ControlNet is more important" : "Balanced");
    shown.further.emplace_back("ControlNet " + std::to_string(number++), text);
  }
}

}  // namespace

SamplerUsed used(const samplers::SamplerChoice& choice) {
  return {choice.sampler, choice.config.schedule, choice.config.timestep_spacing,
          choice.config.prediction_type, choice.eta};
}

Json settings_record(const TaskRecord& record, std::uint64_t seed, const Size& size,
                     const SamplerUsed& sampler) {
  Json fields = record.settings;
  fields.update(Json{{"seed", seed},
                     {"width", size.width},
                     {"height", size.height},
                     {"sampler", samplers::name_of(sampler.sampler)},
                     {"schedule", samplers::name_of(sampler.schedule)},
                     {"timestep_spacing", samplers::name_of(sampler.timestep_spacing)},
                     {"eta", sampler.eta},
                     {"prediction", samplers::name_of(sampler.prediction)}});
  return request::in_order(fields);
}

Metadata make_metadata(const PictureRequest& request, const TaskRecord& record, const Run& run) {
  RunParameters shown;
  shown.prompt = prompt_with_networks(request);
  shown.negative_prompt = request.negative_prompt.value_or("");
  shown.steps = request.steps;
  shown.sampler = samplers::label_of(run.sampler.sampler);
  shown.schedule_type = samplers::label_of(run.sampler.schedule);
  shown.cfg_scale = request.guidance_scale.value_or(kGuidanceScale);
  shown.seed = run.seed;
  shown.width = run.width;
  shown.height = run.height;
  shown.model_hash = run.model.hash.substr(0, 10);
  shown.model = run.model.name;
  shown.clip_skip = request.clip_skip;
  shown.further = record.parameters;
  add_hashes(run, "lora", "Lora hashes", shown);
  add_hashes(run, "embedding", "TI hashes", shown);
  add_controls(request, run, shown);
  add_refiner(request, run.model, shown);
  shown.version = std::string("velatura ") + version();

  Json receipt = {{"velatura", version()}, {"task", record.task}};
  receipt.update(settings_record(record, run.seed, {run.width, run.height}, run.sampler));
  receipt.update(Json{
      {"model", model_record(run.model)},
      {"device", run.placement.device.str()},
      {"dtype", dtype_name(run.placement)},
      {"vae_dtype", dtype_name(run.vae.dtype)},
      {"vae_tile", run.vae.tile},
      {"libtorch", libtorch_version()},
      {"pixels", run.pixels},
  });
  if (!run.adapters.empty()) receipt["adapters"] = hashes_by_name(run.adapters);
  return {format_parameters(parameters_text(shown)), receipt.dump(),
          record.composite ? DigitalSource::composite : DigitalSource::trained_model};
}

}  // namespace velatura::pipelines
