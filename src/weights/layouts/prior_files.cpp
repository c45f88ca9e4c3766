#include "weights/layouts/prior_files.h"

#include <algorithm>
#include <vector>

#include "core/config_object.h"
#include "core/file_status.h"
#include "core/path_name.h"
#include "velatura/error.h"
#include "weights/layouts/pipeline_class.h"
#include "weights/sources/names.h"

namespace velatura::weights {
namespace {

namespace fs = std::filesystem;

constexpr const char* kIndex = "model_index.json";

// "" where nothing can be read.
std::string class_in(const fs::path& folder) {
  if (!is_file(folder / kIndex)) return "";
  try {
    const auto index = read_json(folder / kIndex);
    if (index.is_object() && index.contains("_class_name") && index["_class_name"].is_string())
      return index["_class_name"];
  } catch (const InputError&) {  // of another model, which nobody asked for
  }
  return "";
}

std::string_view prior_class(std::string_view pipeline_class) {
  const PipelineClass* const found = find_pipeline_class(pipeline_class);
  return found == nullptr ? "" : found->prior;
}

fs::path folder_of(const fs::path& model) {
  const fs::path whole = fs::absolute(without_last_slash(model)).lexically_normal();
  return whole.parent_path();
}

std::vector<fs::path> priors_in(const fs::path& folder, std::string_view wanted) {
  std::vector<fs::path> priors;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(folder, none))
    if (class_in(entry.path()) == wanted) priors.push_back(entry.path());
  std::ranges::sort(priors);
  return priors;
}

ModelFiles open_fitting(const fs::path& path, const std::string& variant, std::string_view wanted) {
  ModelFiles files = open_model(path, {.variant = is_folder(path) ? variant : ""});
  if (files.pipeline_class == wanted) return files;
  throw InputError("prior " + path.string() + ": is of a " + files.pipeline_class +
                       ", this model takes that of a " + std::string(wanted),
                   {"prior"});
}

// The role in a prior by itself; empty for parts of what draws.
std::string own_role(std::string_view role) {
  return role.starts_with(kOwnPrior) ? std::string(role.substr(kOwnPrior.size())) : "";
}

template <class Map>
void take_own(const Map& from, Map& to) {
  for (const auto& [role, content] : from)
    if (const auto own = own_role(role); !own.empty()) to.emplace(own, content);
}

// That in the model's own folder, as diffusers' combined pipelines are saved.
ModelFiles own_prior(const ModelFiles& model, std::string_view wanted) {
  ModelFiles prior;
  prior.origin = model.origin;
  prior.pipeline_class = wanted;
  prior.description = model.description;
  for (const Part& part : model.parts) {
    if (own_role(part.role).empty()) continue;
    prior.parts.push_back(part);
    prior.parts.back().role = own_role(part.role);
  }
  take_own(model.configs, prior.configs);
  take_own(model.tokenizers, prior.tokenizers);
  for (const fs::path& file : model.weight_files)
    if (!own_role(file.parent_path().filename().string()).empty())
      prior.weight_files.push_back(file);
  return prior;
}

}  // namespace

bool takes_prior(std::string_view pipeline_class) {
  return !prior_class(pipeline_class).empty();
}

bool folder_takes_prior(const fs::path& model) {
  return takes_prior(class_in(model));
}

PriorFiles open_prior(const ModelFiles& model, const fs::path& given, const std::string& variant) {
  const std::string_view wanted = prior_class(model.pipeline_class);
  if (wanted.empty()) {
    if (given.empty()) return {};
    throw UsageError("prior " + given.string() + ": this model draws without one", {"prior"});
  }
  if (!given.empty()) return {open_fitting(given, variant, wanted)};
  if (model.find("prior_prior") != nullptr) return {own_prior(model, wanted)};
  const fs::path folder = folder_of(model.origin);
  const auto priors = priors_in(folder, wanted);
  if (priors.size() == 1) return {open_fitting(priors.front(), variant, wanted)};
  const std::string needed = "prior MODEL is needed: ";
  if (priors.empty()) {
    return {.missing = needed + "there is no folder of a " + std::string(wanted) +
                       " beside the model in " + folder.string()};
  }
  std::vector<std::string> names;
  for (const fs::path& prior : priors) names.push_back(shown(prior.filename().string()));
  return {.missing = needed + "several are beside the model: " + some_of(names)};
}

}  // namespace velatura::weights
