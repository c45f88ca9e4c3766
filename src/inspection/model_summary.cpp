#include "inspection/model_summary.h"

#include "models/unet/config.h"
#include "models/vae/config.h"
#include "samplers/make_plan.h"
#include "samplers/names.h"
#include "velatura/error.h"
#include "weights/layouts/sibling_files.h"
#include "weights/layouts/vae_folder.h"

namespace velatura::inspection {
namespace {

void add_sampling(const weights::ModelFiles& files, ModelSummary& summary) {
  const ConfigObject& scheduler = files.config("scheduler");
  summary.scheduler = scheduler.json().value("_class_name", "");
  summary.prediction = scheduler.json().value("prediction_type", "epsilon");
  try {
    const auto choice = samplers::choose_sampler({scheduler.where(), scheduler.json()}, {});
    summary.sampler = samplers::name_of(choice.sampler);
  } catch (const Error& error) {
    summary.warnings.emplace_back(error.what());
  }
}

void add_size(const weights::ModelFiles& files, ModelSummary& summary) {
  const auto unet = models::UNetConfig::read(files.part("unet").config);
  const auto vae = models::VaeConfig::read(files.part("vae").config);
  if (!unet.sample_size) return;
  summary.size = *unet.sample_size * vae.factor();
  std::int64_t parameters = 0;
  for (const ComponentSummary& component : summary.components) parameters += component.parameters;
  summary.memory = estimate_memory(parameters, vae, *unet.sample_size);
}

}  // namespace

ModelSummary summarise_model(const std::filesystem::path& path, const Asked& asked) {
  weights::ModelFiles files = weights::open_model(path, asked.weights);
  ModelSummary summary;
  summary.path = path;
  summary.description = files.description;
  if (const auto vae = weights::vae_beside(path)) {
    files.replace(weights::open_vae(*vae));
    files.weight_files.push_back(*vae);
    summary.description += ", with the VAE " + vae->string();
  }
  summary.evidence = files.evidence;
  summary.pipeline = files.pipeline_class;
  summary.prediction_signals = files.prediction_signals;
  for (const auto& file : files.weight_files) {
    summary.files.push_back(inspect_weight_file(file, asked.hash));
  }
  summary.metadata = files.metadata;
  summary.warnings = files.warnings;
  for (const weights::Part& part : files.parts) {
    summary.components.push_back(summarise_component(part));
  }
  if (files.find_config("low_res_scheduler") != nullptr) {
    summary.max_noise_level = files.max_noise_level;
  }
  add_sampling(files, summary);
  add_size(files, summary);
  return summary;
}

}  // namespace velatura::inspection
