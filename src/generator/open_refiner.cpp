#include "generator/open_refiner.h"

namespace velatura {

std::optional<weights::ModelFiles> open_refiner(const ModelOptions& options) {
  if (options.refiner.empty()) return std::nullopt;
  const bool is_folder = std::filesystem::is_directory(options.refiner);
  return weights::open_model(options.refiner,
                             {.variant = is_folder ? options.variant : "", .ema = false});
}

}  // namespace velatura
