#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "core/sha256.h"
#include "velatura/image.h"

namespace velatura::families {

/// Says which picture it is: its size and pixels.
inline std::string identity_of(const Image& image) {
  const std::string size = std::to_string(image.width) + "x" + std::to_string(image.height) + " ";
  return size + sha256(std::as_bytes(std::span(image.pixels)));
}

}  // namespace velatura::families
