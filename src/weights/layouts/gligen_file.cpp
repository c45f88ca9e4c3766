#include "weights/layouts/gligen_file.h"

#include <array>
#include <utility>
#include <vector>

#include "weights/sources/renamed_source.h"

namespace velatura::weights {

bool is_grounded(const WeightSource& checkpoint) {
  return checkpoint.find("model.diffusion_model.position_net.null_position_feature").has_value();
}

std::shared_ptr<const WeightSource> with_checkpoint_prefixes(
    std::shared_ptr<const WeightSource> file) {
  if (!file->find("model.position_net.null_position_feature")) return file;
  constexpr auto kPrefixes =
      std::to_array<std::pair<const char*, const char*>>({{"model.", "model.diffusion_model."},
                                                          {"autoencoder.", "first_stage_model."},
                                                          {"text_encoder.", "cond_stage_model."},
                                                          {"diffusion.", ""}});
  std::vector<NameRule> rules;
  for (const std::string& name : file->names()) {
    NameRule rule{name, name};
    for (const std::pair<std::string, std::string> prefix : kPrefixes) {
      if (!name.starts_with(prefix.first)) continue;
      rule.to = prefix.second + name.substr(prefix.first.size());
    }
    rules.push_back(std::move(rule));
  }
  return std::make_shared<RenamedSource>(std::move(file), rules);
}

}  // namespace velatura::weights
