#pragma once

#include <string>

namespace velatura::testing {

/// Where the models of random weights are, each a folder.
inline const std::string kModels = VELATURA_FIXTURES "/models/";

}  // namespace velatura::testing
