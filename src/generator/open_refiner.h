#pragma once

#include <optional>

#include "velatura/generator.h"
#include "weights/layouts/model_files.h"

namespace velatura {

/// The refiner that options name, which must fit beside its model; nothing if they name none.
/// @throws InputError
std::optional<weights::ModelFiles> open_refiner(const ModelOptions& options);

}  // namespace velatura
