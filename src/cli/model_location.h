#pragma once

#include "cli/pictures/picture_options.h"
#include "weights/locate/model_location.h"

namespace velatura::cli {

/// What the options say about the model.
weights::ModelQuery model_query(const PictureOptions& options);

/// Where the refiner is that the options name; empty: they name none. @throws InputError
std::filesystem::path located_refiner(const PictureOptions& options);

/// Where the prior is that the options name, by name also beside the model; empty: they name none.
/// @param model  where the model is @throws InputError
std::filesystem::path located_prior(const PictureOptions& options,
                                    const std::filesystem::path& model);

/// The options' machine, with the model, the VAE, the refiner and the prior that they name. @throws InputError
ModelOptions located_model(const PictureOptions& options);

}  // namespace velatura::cli
