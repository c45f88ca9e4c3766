#include "request/check_ranges.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "core/text.h"
#include "request/column.h"
#include "request/fields.h"
#include "velatura/error.h"

namespace velatura::request {
namespace {

/// The numbers in what it is called with.
struct Numbers {
  std::vector<double> operator()(const List& list) const {
    std::vector<double> all;
    for (std::size_t i = 0; i < list->size(); ++i) {
      const auto of_item = std::visit(Numbers{}, read_only(list->at(i)));
      all.insert(all.end(), of_item.begin(), of_item.end());
    }
    return all;
  }
  std::vector<double> operator()(const int* value) const { return {static_cast<double>(*value)}; }
  std::vector<double> operator()(const double* value) const { return {*value}; }
  std::vector<double> operator()(const std::optional<double>* value) const {
    if (!*value) return {};
    return {**value};
  }
  std::vector<double> operator()(const std::optional<int>* value) const {
    if (!*value) return {};
    return {static_cast<double>(**value)};
  }
  std::vector<double> operator()(const Margins* value) const {
    const auto& [left, top, right, bottom] = *value;
    return {left * 1.0, top * 1.0, right * 1.0, bottom * 1.0};
  }
  std::vector<double> operator()(const auto&) const { return {}; }
};

// What would have no effect alone.
void check_negative_prompts(const PictureRequest& request) {
  if (!request.negative_prompt_2 || request.negative_prompt) return;
  throw UsageError("negative-prompt-2 goes with negative-prompt",
                   {"negative-prompt-2", "negative-prompt"});
}

}  // namespace

void check_seeds(const PictureRequest& request) {
  constexpr std::uint64_t kLast = std::numeric_limits<std::uint64_t>::max();
  const auto further = static_cast<std::uint64_t>(std::max(request.num_images, 1) - 1);
  if (request.seed <= kLast - further) return;
  throw UsageError("seed " + std::to_string(request.seed) + ": the last of " +
                       std::to_string(request.num_images) + " pictures would have a seed above " +
                       std::to_string(kLast),
                   {"seed"});
}

void check_ranges(const Request& request) {
  each_field(request, [](const Field& field, const ConstPlace& place) {
    if (!field.range) return;
    const auto [low, high] = *field.range;
    for (const double value : std::visit(Numbers{}, place)) {
      if (value >= low && value <= high) continue;  // NaN never is
      const std::string name(field.name);
      throw UsageError(name + " " + number_text(value) + ": expected " + number_text(low) + " … " +
                           number_text(high),
                       {name});
    }
  });
  check_seeds(common(request));
  check_negative_prompts(common(request));
}

}  // namespace velatura::request
