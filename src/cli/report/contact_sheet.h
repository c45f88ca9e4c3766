#pragma once

#include <span>

#include "velatura/image.h"

namespace velatura::cli {

/// The pictures side by side on black, row by row in a nearly square grid, whose cells are as large
/// as the largest picture. There must be one at least.
Image contact_sheet(std::span<const Image> pictures);

}  // namespace velatura::cli
