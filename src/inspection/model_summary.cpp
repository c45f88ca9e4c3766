#include "inspection/model_summary.h"

#include "samplers/make_plan.h"
#include "samplers/names.h"
#include "velatura/error.h"
#include "weights/layouts/prior_files.h"
#include "weights/layouts/sibling_files.h"

namespace velatura::inspection {
namespace {

void add_sampling(const weights::ModelFiles& files, ModelSummary& summary) {
  const ConfigObject& scheduler = files.config("scheduler");
  summary.scheduler = scheduler.json().value("_class_name", "");
  summary.prediction = scheduler.json().value("prediction_type", "epsilon");
  if (!files.imagines_for().empty()) {
    summary.sampler = "unclip";  // of which there is no choice
    return;
  }
  try {
    const auto choice = samplers::choose_sampler({scheduler.where(), scheduler.json()}, {});
    summary.sampler = samplers::name_of(choice.sampler);
  } catch (const Error& error) {
    summary.warnings.emplace_back(error.what());
  }
}

// What stands beside a model is no fault of its own.
weights::PriorFiles prior_of(const weights::ModelFiles& files, const weights::OpenOptions& asked) {
  try {
    return weights::open_prior(files, {}, asked.variant);
  } catch (const InputError& error) {
    return {.missing = error.what()};
  }
}

void add_size(const weights::ModelFiles& files, const weights::OpenOptions& asked,
              ModelSummary& summary) {
  if (files.lacks_vae() || files.find("unet") == nullptr) return;
  const weights::PriorFiles prior = prior_of(files, asked);
  summary.prior = prior.files ? prior.files->origin.string() : prior.missing;
  const ModelSize model = size_of(files, prior);
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
  if (files.lacks_vae()) summary.missing.emplace_back("vae");
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
  add_size(files, options, summary);
  return summary;
}

}  // namespace velatura::inspection
