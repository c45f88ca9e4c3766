#include "inspection/model_summary.h"

#include "samplers/make_plan.h"
#include "samplers/names.h"
#include "velatura/error.h"
#include "weights/layouts/sibling_files.h"

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
  if (files.find("vae") == nullptr) return;
  const ModelSize model = size_of(files);
  if (!model.unet.sample_size) return;
  summary.size = *model.unet.sample_size * model.vae.factor();
  summary.memory = peak_memory(model, summary.size);
}

}  // namespace

ModelSummary summarise_model(const std::filesystem::path& path, const Asked& asked) {
  weights::OpenOptions options = asked.weights;
  if (options.vae.empty()) options.vae = weights::vae_beside(path).value_or("");
  weights::ModelFiles files = weights::open_model(path, options);
  ModelSummary summary;
  summary.path = path;
  summary.description = files.description;
  if (!options.vae.empty()) {
    if (!std::filesystem::is_directory(options.vae)) files.weight_files.push_back(options.vae);
    summary.description += ", with the VAE " + options.vae.string();
  }
  if (files.find("vae") == nullptr) summary.missing.emplace_back("vae");
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
