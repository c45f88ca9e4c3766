#include "weights/layouts/original_layout.h"

#include <set>

#include "velatura/error.h"
#include "weights/layouts/recognition.h"
#include "weights/sources/inverted_source.h"
#include "weights/sources/joined_source.h"
#include "weights/sources/key_comparison.h"
#include "weights/sources/names.h"
#include "weights/sources/renamed_source.h"

namespace velatura::weights {
namespace {

// None for a part that the family does not have.
std::vector<NameRule> names_of(const Part& part, const Family& family) {
  const OriginalPart* const original = family.find(part.role);
  return original == nullptr ? std::vector<NameRule>()
                             : original_names(family, *original, part.config.json());
}

void check_part(const Part& part, const std::vector<NameRule>& rules) {
  std::set<std::string> wanted;
  KeyComparison found;
  for (const NameRule& rule : rules) {
    if (wanted.insert(rule.to).second && !part.weights->find(rule.to)) {
      found.missing.push_back(shown(rule.to));
    }
  }
  for (const std::string& name : part.weights->names()) {
    if (!wanted.contains(name)) found.unexpected.push_back(shown(name));
  }
  if (!found.fits()) {
    throw InputError(part.weights->where() + ": the " + in_words(part.role) +
                     " is not complete: " + found.problems());
  }
}

}  // namespace

std::shared_ptr<const WeightSource> from_original_layout(
    const std::shared_ptr<const WeightSource>& checkpoint, const OriginalTensors& tensors,
    const std::vector<NameRule>& rules, const nlohmann::json& config) {
  const std::string prefix(tensors.prefix);
  const auto unused =
      tensors.unused == nullptr ? std::vector<std::string>() : tensors.unused(config, prefix);
  return std::make_shared<RenamedSource>(checkpoint,
                                         with_unmapped(rules, *checkpoint, prefix, unused));
}

void check_complete(const ModelFiles& files) {
  const Family& family = require_unet(files.part("unet").weights);
  for (const Part& part : files.parts) check_part(part, names_of(part, family));
}

std::shared_ptr<const WeightSource> in_original_layout(const ModelFiles& files) {
  check_complete(files);
  const Family& family = require_unet(files.part("unet").weights);
  std::vector<std::shared_ptr<const WeightSource>> parts;
  for (const Part& part : files.parts) {
    parts.push_back(std::make_shared<InvertedSource>(part.weights, names_of(part, family)));
  }
  return std::make_shared<JoinedSource>(files.origin.string(), parts);
}

}  // namespace velatura::weights
