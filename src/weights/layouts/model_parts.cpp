#include "weights/layouts/model_parts.h"

#include <set>

#include "core/device.h"
#include "weights/formats/checkpoint.h"
#include "weights/formats/json_file.h"
#include "weights/layouts/model_family.h"
#include "weights/layouts/original_layout.h"
#include "weights/layouts/original_names.h"
#include "weights/sources/cast_source.h"
#include "weights/sources/names.h"

namespace velatura::weights {
namespace {

// transformers' configs say in which dtype the weights are.
void cast(Component& part, at::ScalarType dtype) {
  part.weights = with_dtype(part.weights, dtype);
  for (const char* key : {"dtype", "torch_dtype"}) {
    if (part.config.has(key)) part.config = part.config.with(key, dtype_name(dtype));
  }
}

std::vector<std::string> unused_components(const std::filesystem::path& folder,
                                           const ModelFiles& files) {
  std::set<std::string> used{"unet", "vae", "text_encoder", "tokenizer", "scheduler"};
  if (files.depth_estimator) used.insert({"depth_estimator", "feature_extractor"});
  if (files.low_res_scheduler) used.insert("low_res_scheduler");
  std::vector<std::string> unused;
  const auto index = read_json_file(folder / "model_index.json");
  for (const auto& [name, value] : index.items()) {
    const bool component = value.is_array() && value.size() == 2 && value[1].is_string();
    if (component && !used.contains(name)) unused.push_back(shown(name));
  }
  return unused;
}

std::vector<std::string> unused_tensors(const ModelFiles& files, bool ema) {
  const auto source = open_checkpoint(files.origin).source;
  const WeightSource& file = *source;
  OriginalNames names = original_names(*require_model(file).family);
  if (ema) names.unet = original_unet_ema_names(files.unet.config.json());
  std::set<std::string> used;
  for (const auto* rules : {&names.unet, &names.vae, &names.text_encoder, &names.depth_estimator}) {
    for (const NameRule& rule : *rules) used.insert(rule.from);
  }
  std::vector<std::string> unused;
  for (const std::string& name : file.names()) {
    if (!used.contains(name)) unused.push_back(shown(name));
  }
  return unused;
}

}  // namespace

std::vector<ModelPart> parts_of(const ModelFiles& files) {
  std::vector<ModelPart> parts{{"unet", "diffusion_pytorch_model", files.unet},
                               {"vae", "diffusion_pytorch_model", files.vae},
                               {"text_encoder", "model", files.text_encoder}};
  if (files.depth_estimator) {
    parts.push_back({"depth_estimator", "model", files.depth_estimator->network});
  }
  return parts;
}

ModelFiles in_dtype(ModelFiles files, at::ScalarType dtype) {
  for (Component* part : {&files.unet, &files.vae, &files.text_encoder}) cast(*part, dtype);
  if (files.depth_estimator) cast(files.depth_estimator->network, dtype);
  return files;
}

std::vector<std::string> left_out(const ModelFiles& files, bool ema) {
  if (std::filesystem::is_directory(files.origin)) return unused_components(files.origin, files);
  return unused_tensors(files, ema);
}

}  // namespace velatura::weights
