#include "weights/adapters/adapter.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <utility>

#include "core/finite.h"
#include "velatura/error.h"
#include "weights/adapters/made_for.h"
#include "weights/adapters/weight_decomposition.h"
#include "weights/layouts/recognition.h"
#include "weights/sources/names.h"

namespace velatura::weights {
namespace {

// All of them: a key that is not named could be taken for applied.
std::string all_of(const std::vector<std::string>& names) {
  return std::to_string(names.size()) + "): " + some_of(names, names.size());
}

// The width of the text that the model's UNet looks at; 0: it has no attention.
std::int64_t text_width(const AdaptedLayers& layers) {
  for (const AdaptedLayer& layer : layers.layers()) {
    if (layer.role == "unet" && layer.name.ends_with("attn2.to_k")) return layer.weight[1];
  }
  return 0;
}

void refuse_other_models(const WeightSource& file, const AdaptedLayers& layers) {
  const MadeFor made = made_for(file);
  if (made.model.empty()) return;
  const AdaptedLayer* const layer = layers.find(made.layer);
  const bool fits =
      layer != nullptr &&
      (made.width == 0 || (layer->weight.size() > 1 && layer->weight[1] == made.width));
  if (fits) return;
  throw InputError(file.where() + ": is made for " + made.model + " (" + made.evidence +
                   "), the model is " + model_of_width(text_width(layers)));
}

// The kinds that cannot be used, each with its keys.
void refuse_unsupported(const WeightSource& file) {
  std::map<std::string_view, std::vector<std::string>> kinds;
  for (const std::string& name : file.names()) {
    const std::string_view kind = unsupported_kind(name);
    if (!kind.empty()) kinds[kind].push_back(shown(name));
  }
  if (kinds.empty()) return;
  std::string text;
  for (const auto& [kind, keys] : kinds) {
    text += (text.empty() ? "" : "; ") + std::string(kind) + " (" + all_of(keys);
  }
  throw InputError(file.where() + ": holds what is not supported: " + text);
}

// A file without a single factor is something else.
void refuse_other_files(const WeightSource& file) {
  const auto names = file.names();
  const auto is_factor = [](const std::string& name) { return split_key(name).has_value(); };
  if (std::ranges::any_of(names, is_factor)) return;
  refuse_kind(file, "a LoRA or one of its relatives");
}

// Training that failed leaves such files; what they make of a model would be blamed on it.
void refuse_what_is_not_finite(const LayerFactors& factors) {
  for (const auto& [factor, key] : factors.keys()) {
    if (!all_finite(factors(factor)))
      throw InputError(factors.where() + ": " + shown(key) + " holds what is not finite");
  }
}

// A model for inpainting has further channels behind those of the model that the adapter was made
// for; nothing is added to what they do.
Shape shape_of_change(const AdaptedLayer& layer, const LayerFactors& factors) {
  Shape shape = layer.weight;
  if (layer.role != "unet" || layer.name != "conv_in" || shape[1] <= 4) return shape;
  const Factor told = factors.has(Factor::down) ? Factor::down : Factor::diff;
  if (!factors.has(told)) return shape;
  const Shape factor = factors.shape(told);
  if (factor.size() >= 2 && factor[1] == 4) shape[1] = 4;
  return shape;
}

}  // namespace

Adapter::Adapter(const std::filesystem::path& path, const AdaptedLayers& layers) {
  const auto [source, metadata] = open_checkpoint(path);
  file_ = source;
  refuse_other_files(*file_);
  refuse_unsupported(*file_);
  refuse_other_models(*file_, layers);
  scaling_ = PeftScaling(path, metadata);
  match(*file_, layers);
  std::vector<std::string> wrong;
  for (Change& change : changes_) check(change, wrong);
  if (!wrong.empty()) {
    throw InputError(file_->where() + ": does not fit the model: wrong (" + all_of(wrong));
  }
}

void Adapter::match(const WeightSource& file, const AdaptedLayers& layers) {
  std::map<const AdaptedLayer*, std::shared_ptr<LayerFactors>> found;
  std::vector<std::string> unmatched, twice;
  for (const std::string& name : file.names()) {
    const auto key = split_key(name);
    const AdaptedLayer* const layer = key ? layers.find(key->layer) : nullptr;
    const bool bias = key && (key->factor == Factor::diff_b || key->factor == Factor::b_norm ||
                              key->factor == Factor::up_bias);
    if (layer == nullptr || (bias ? layer->bias : layer->weight).empty()) {
      unmatched.push_back(shown(name));
      continue;
    }
    auto& factors = found[layer];
    if (!factors) factors = std::make_shared<LayerFactors>(file_);
    const std::string before = factors->put(key->factor, name);
    if (!before.empty()) twice.push_back(shown(before) + " and " + shown(name));
  }
  if (!unmatched.empty()) {
    throw InputError(file.where() + ": does not fit the model: keys of no layer (" +
                     all_of(unmatched));
  }
  if (!twice.empty()) {
    throw InputError(file.where() + ": several keys for the same factor (" + all_of(twice));
  }
  for (auto& [layer, factors] : found) changes_.push_back({layer, std::move(factors)});
}

void Adapter::check(Change& change, std::vector<std::string>& wrong) const {
  const LayerFactors& factors = *change.factors;
  const Shape& weight = change.layer->weight;
  const auto complain = [&](const std::string& complaint) {
    if (!complaint.empty()) wrong.push_back(complaint);
  };
  for (const Factor factor : {Factor::diff_b, Factor::b_norm, Factor::up_bias}) {
    if (factors.has(factor)) complain(expect_shape(factors, factor, change.layer->bias));
  }
  change.kind = kind_of(factors);
  if (change.kind == nullptr) {
    // What goes with factors that are not there.
    for (const Factor factor :
         {Factor::alpha, Factor::dora_scale, Factor::magnitude_vector, Factor::up_bias}) {
      if (factors.has(factor))
        complain(shown(factors.keys().at(factor)) + " has no factors beside it");
    }
    return;
  }
  if (weight.size() < 2 && change.kind != &kWholeDifference) {
    complain(shown(factors.keys().begin()->second) + " is a factor of a matrix, the weight is " +
             shape_text(weight));
    return;
  }
  change.shape = shape_of_change(*change.layer, factors);
  const std::string complaint = change.kind->complaint(factors, change.shape);
  complain(complaint.empty() ? decomposition_complaint(factors, weight) : complaint);
  if (factors.has(Factor::alpha)) complain(expect_shape(factors, Factor::alpha, {}));
  if (complaint.empty()) change.scale = scale_of(change);
}

double Adapter::scale_of(const Change& change) const {
  const auto rank = change.kind->rank(*change.factors);
  if (!rank) return 1.0;
  std::optional<double> alpha;
  if (change.factors->has(Factor::alpha)) {
    alpha = change.factors->number(Factor::alpha);
    if (*alpha == 0) alpha = static_cast<double>(*rank);  // as those who write it read it
  }
  return scaling_.scale(change.layer->role, change.layer->name, alpha, *rank);
}

void Adapter::add_weight(const Change& change, double strength, at::Tensor& sum,
                         const at::Tensor& weight) {
  refuse_what_is_not_finite(*change.factors);
  const auto add = [&](at::Tensor& to, double scale) {
    if (change.shape == to.sizes()) {
      change.kind->add(to, *change.factors, scale * change.scale);
      return;
    }
    at::Tensor delta = at::zeros(change.shape);
    change.kind->add(delta, *change.factors, scale * change.scale);
    to.narrow(1, 0, change.shape[1]).add_(delta);
  };
  if (change.factors->has(Factor::dora_scale) || change.factors->has(Factor::magnitude_vector)) {
    add_decomposed(sum, weight, *change.factors, strength, add);
  } else {
    add(sum, strength);
  }
}

bool Adapter::changes(std::string_view role) const {
  return std::ranges::any_of(changes_,
                             [&](const Change& change) { return change.layer->role == role; });
}

std::vector<Patch> Adapter::patches(
    std::string_view role, const std::function<double(const std::string& layer)>& scale) const {
  std::vector<Patch> patches;
  for (const Change& change : changes_) {
    if (change.layer->role != role) continue;
    const double strength = scale(change.layer->name);
    if (strength == 0) continue;
    if (change.kind != nullptr) {
      patches.push_back({change.layer->name + ".weight",
                         [change, strength](at::Tensor& sum, const at::Tensor& weight) {
                           add_weight(change, strength, sum, weight);
                         }});
    }
    for (const Factor factor : {Factor::diff_b, Factor::b_norm, Factor::up_bias}) {
      if (!change.factors->has(factor)) continue;
      const double k = factor == Factor::up_bias ? change.scale : 1.0;
      patches.push_back({change.layer->name + ".bias",
                         [factors = change.factors, factor, strength = strength * k](
                             at::Tensor& sum, const at::Tensor&) {
                           sum.add_((*factors)(factor).view_as(sum), strength);
                         }});
    }
  }
  return patches;
}

}  // namespace velatura::weights
