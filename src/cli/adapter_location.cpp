#include "cli/adapter_location.h"

#include <algorithm>
#include <map>

#include "core/text.h"
#include "request/adapter_files.h"
#include "velatura/error.h"
#include "weights/formats/file_hash.h"
#include "weights/locate/model_location.h"

namespace velatura::cli {
namespace {

namespace fs = std::filesystem;
using weights::AdapterQuery;
using weights::ModelKind;

constexpr std::size_t kShownDigits = 10;

PictureRequest& request_of(PictureJob& job) {
  return std::visit([](PictureRequest& any) -> PictureRequest& { return any; }, job.request);
}

ModelKind kind_of(std::string_view option) {
  return option == "lora"              ? ModelKind::lora
         : option == "embedding"       ? ModelKind::embedding
         : option == "control"         ? ModelKind::control
         : option == "ip-adapter"      ? ModelKind::ip_adapter
         : option == "depth-estimator" ? ModelKind::depth_estimator
                                       : ModelKind::image_encoder;
}

AdapterQuery query_of(const ModelFolders& folders, std::string_view option, const fs::path& name) {
  return {.kind = kind_of(option),
          .name = name.string(),
          .folder = option == "lora"        ? folders.lora
                    : option == "embedding" ? folders.embeddings
                                            : "",
          .models_folder = folders.models};
}

// As many as there are names in the prompts, not as there are files.
void add_embeddings_of_folder(PictureJob& job) {
  const ModelFolders& folders = job.options.folders;
  PictureRequest& request = request_of(job);
  const std::string prompts =
      in_lower_case(request.prompt + "\n" + request.negative_prompt.value_or("") + "\n" +
                    request.prompt_2.value_or("") + "\n" + request.negative_prompt_2.value_or(""));
  const auto is_there = [&request](const std::string& token) {
    return std::ranges::any_of(request.embeddings, [&token](const EmbeddingUse& use) {
      return in_lower_case(use.token.empty() ? use.file.stem().string() : use.token) == token;
    });
  };
  const std::string folder = weights::embeddings_folder(folders.embeddings, folders.models);
  if (folder.empty()) return;
  for (const auto& model : weights::models_in(folder, ModelKind::embedding)) {
    const std::string stem = model.path.stem().string(), token = in_lower_case(stem);
    if (prompts.find(token) != prompts.npos && !is_there(token))
      request.embeddings.push_back({stem, model.path});
  }
}

}  // namespace

void locate_adapters(PictureJob& job) {
  request::each_adapter_file(request_of(job), [&job](std::string_view option, fs::path& path) {
    path = weights::locate_adapter(query_of(job.options.folders, option, path));
  });
  add_embeddings_of_folder(job);
}

void locate_adapters(PictureJob& job, const recipe::Recipe& recipe,
                     const std::function<bool(std::string_view option)>& overridden) {
  std::map<std::string, std::size_t> used;
  request::each_adapter_file(request_of(job), [&](const std::string& option, fs::path& path) {
    const AdapterQuery query = query_of(job.options.folders, option, path);
    const auto known = recipe.adapters.find(path.string());
    if (overridden(option) || known == recipe.adapters.end()) {
      path = weights::locate_adapter(query);
      return;
    }
    const auto& hashes = known->second;
    const std::string& sha256 = hashes[std::min(used[path.string()]++, hashes.size() - 1)];
    const auto found = weights::find_adapter_by_hash(query, sha256);
    if (!found) {
      throw UsageError("--" + option + " is needed: the picture was made with " + path.string() +
                           " of sha256 " + sha256.substr(0, kShownDigits) +
                           ", which is not in the models folder",
                       {option});
    }
    path = *found;
  });
}

}  // namespace velatura::cli
