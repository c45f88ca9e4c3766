#pragma once

#include "cli/pictures/picture_options.h"
#include "weights/locate/model_location.h"

namespace velatura::cli {

/// What the options say about the model.
weights::ModelQuery model_query(const PictureOptions& options);

/// The options' machine, with the model and the VAE that they name. @throws InputError
ModelOptions located_model(const PictureOptions& options);

}  // namespace velatura::cli
