#pragma once

#include <string>

namespace velatura::pipelines {

/// Of a picture, in pixels.
struct Size {
  int width, height;

  bool operator==(const Size&) const = default;
};

/// "640x480"
inline std::string text_of(const Size& size) {
  return std::to_string(size.width) + "x" + std::to_string(size.height);
}

}  // namespace velatura::pipelines
