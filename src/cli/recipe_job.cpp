#include "cli/recipe_job.h"

#include <algorithm>
#include <map>

#include "cli/adapter_location.h"
#include "cli/model_location.h"
#include "cli/report/failure.h"
#include "cli/settings_job.h"
#include "core/text.h"
#include "request/record.h"
#include "velatura/error.h"
#include "weights/formats/file_hash.h"
#include "weights/layouts/model_files.h"
#include "weights/layouts/sibling_files.h"

namespace velatura::cli {
namespace {

class Collector final : public Observer {
 public:
  explicit Collector(std::vector<std::string>& warnings) : warnings_(warnings) {}
  void on_warning(std::string_view warning) override { warnings_.emplace_back(warning); }

 private:
  std::vector<std::string>& warnings_;
};

constexpr std::size_t kShownDigits = 10;  // of a hash, as web UIs show it

batch::Settings defaults_of(const recipe::Recipe& recipe) {
  batch::Settings defaults;
  if (!recipe.task.empty()) defaults.push_back({"task", recipe.task});
  for (const auto& [option, value] : recipe.settings) {
    if (option != "device") defaults.push_back({option, value});
  }
  return defaults;
}

void check_inputs(const recipe::Recipe& recipe, const batch::Settings& overrides) {
  for (const auto& [option, size, sha256] : recipe.inputs) {
    if (find(overrides, option) != nullptr) continue;
    throw UsageError("--" + option + " is needed: the picture was made from a file" +
                     (size.empty() ? "" : " of " + size + " pixels") + " that is not in it");
  }
}

/// A model as a recipe has it.
struct NamedWeights {
  std::string name, hash;
};

// What is to be said if a model's UNet is not the one that it was; "" if it is, or nobody knows.
std::string other_weights(const NamedWeights& then, const std::filesystem::path& model,
                          const weights::OpenOptions& options) {
  const std::string hash = in_lower_case(then.hash);
  if (hash.size() < kShownDigits) return "";  // of an older kind, or none
  const std::string now =
      weights::sha256_file(weights::open_model(model, options).weight_files.front());
  if (now.starts_with(hash)) return "";
  return "made with " + then.name + " of sha256 " + hash.substr(0, kShownDigits) + ", " +
         model.string() + " has " + now.substr(0, kShownDigits);
}

// What the picture has and nobody can read must be given, or another picture would come out.
void check_missing(const recipe::Recipe& recipe, const batch::Settings& overrides) {
  std::string options, reasons;
  for (const auto& [option, reason] : recipe.missing) {
    if (find(overrides, option) != nullptr) continue;
    options += (options.empty() ? "--" : ", --") + option;
    reasons += (reasons.empty() ? "" : "; ") + reason;
  }
  if (options.empty()) return;
  throw UsageError(options + " must be given: the picture does not say it in a way that can be " +
                   "read (" + reasons + ")");
}

// True for a value that cannot be read and was given.
bool is_given(const std::string& what, const recipe::Recipe& recipe,
              const batch::Settings& overrides) {
  return std::ranges::any_of(recipe.missing, [&](const recipe::MissingValue& missing) {
    return missing.reason == what && find(overrides, missing.option) != nullptr;
  });
}

void locate(const recipe::Recipe& recipe, const batch::Settings& overrides,
            PictureOptions& options) {
  try {
    options.model = weights::locate_model(model_query(options)).string();
  } catch (const InputError& error) {
    if (find(overrides, "model") != nullptr) throw;
    throw InputError(std::string(error.what()) +
                     (recipe.model_hash.empty() ? "" : "; its sha256 is " + recipe.model_hash) +
                     ": give the model that made the picture with -m");
  }
  const auto beside = weights::vae_beside(options.model);
  if (beside && beside->stem() == options.vae) options.vae = beside->string();
  try {
    options.vae = weights::locate_vae(model_query(options), options.model).string();
  } catch (const InputError& error) {
    if (find(overrides, "vae") != nullptr) throw;
    throw InputError(std::string(error.what()) + ": give the VAE that made the picture with --vae");
  }
  try {
    options.machine.refiner = located_refiner(options);
  } catch (const InputError& error) {
    if (find(overrides, "refiner") != nullptr) throw;
    throw InputError(std::string(error.what()) +
                     ": give the refiner that made the picture with --refiner");
  }
  try {
    options.machine.prior = located_prior(options, options.model);
  } catch (const InputError& error) {
    if (find(overrides, "prior") != nullptr) throw;
    throw InputError(std::string(error.what()) +
                     ": give the prior that made the picture with --prior");
  }
}

std::vector<std::string> warnings_of(const recipe::Recipe& recipe, const batch::Settings& overrides,
                                     const Request& request, const PictureOptions& options) {
  std::vector<std::string> warnings;
  for (const std::string& what : recipe.unmapped)
    if (!is_given(what, recipe, overrides)) warnings.push_back("left out: " + what);
  if (!recipe.find("model") && find(overrides, "model") == nullptr) {
    warnings.push_back("it does not name its model, " + options.model + " is taken");
  }
  using Json = nlohmann::ordered_json;
  const auto is_no_picture = [](const Json& item) { return !item.is_object(); };
  const Json inputs = request::record_of(request).settings;
  std::map<std::string, std::size_t> read;  // of lists: the first goes with the first
  for (const auto& [option, size, sha256] : recipe.inputs) {
    std::string key = option;
    std::ranges::replace(key, '-', '_');
    const std::size_t number = read[option]++;
    if (!inputs.contains(key)) continue;
    Json all = inputs[key];
    if (all.is_array()) std::erase_if(all.get_ref<Json::array_t&>(), is_no_picture);
    if (all.is_array() && number >= all.size()) continue;
    const Json& input = all.is_array() ? all[number] : all;
    if (input.is_object() && input.value("sha256", "") != sha256) {
      warnings.push_back("--" + option +
                         " has other pixels than the file the picture was made from");
    }
  }
  return warnings;
}

}  // namespace

RecipeJob recipe_job(const std::filesystem::path& picture, const recipe::Recipe& recipe,
                     const batch::Settings& overrides) {
  const std::string where = picture.string() + ": ";
  if (recipe.settings.empty()) {
    throw InputError(where + std::string(recipe::kSaysNothing) +
                     (recipe.unmapped.empty() ? "" : " (" + recipe.unmapped.front() + ")"));
  }
  try {
    check_inputs(recipe, overrides);
    check_missing(recipe, overrides);
    std::vector<std::string> of_files;
    Collector collector(of_files);
    FileInputs inputs(&collector);
    RecipeJob again{SettingsJob(defaults_of(recipe), overrides).job(inputs), {}};
    locate(recipe, overrides, again.job.options);
    locate_adapters(again.job, recipe, [&overrides](std::string_view option) {
      return find(overrides, option) != nullptr;
    });
    again.warnings = warnings_of(recipe, overrides, again.job.request, again.job.options);
    for (std::string& warning : again.warnings) warning.insert(0, where);
    again.warnings.insert(again.warnings.end(), of_files.begin(), of_files.end());
    return again;
  } catch (const Error& error) {
    throw Error(error.kind(), where + told(error));
  }
}

std::string other_model(const recipe::Recipe& recipe, const PictureOptions& options) {
  const std::string model =
      other_weights({recipe.find("model").value_or("a model"), recipe.model_hash}, options.model,
                    {options.machine.variant, options.machine.ema});
  if (!model.empty()) return model;
  const std::filesystem::path &refiner = options.machine.refiner, &prior = options.machine.prior;
  std::string other;
  if (!refiner.empty())
    other = other_weights({recipe.find("refiner").value_or("a refiner"), recipe.refiner_hash},
                          refiner, {});
  if (!other.empty() || prior.empty()) return other;
  return other_weights({recipe.find("prior").value_or("a prior"), recipe.prior_hash}, prior, {});
}

}  // namespace velatura::cli
