#pragma once

#include <string>

#include "velatura/generator.h"

namespace velatura::testing {

inline Generator open_fixture(const std::string& model) {
  return Generator({.model = std::string(VELATURA_FIXTURES) + "/models/" + model, .device = "cpu"});
}

/// A picture that differs from one `kind` to the next.
inline Image patterned(int width, int height, int kind) {
  Image image{width, height, {}};
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      for (const int value : {8 * x + 90 * kind, 8 * y, 5 * (x + y) * kind}) {
        image.pixels.push_back(static_cast<std::uint8_t>(value));
      }
    }
  }
  return image;
}

/// White from a column on.
inline GrayImage half_mask(int width, int height, int from) {
  GrayImage mask{width, height, {}};
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) mask.values.push_back(x < from ? 0 : 65535);
  }
  return mask;
}

/// A request of a few steps; with another `kind` all differs that may differ in a batch.
template <class Task>
Task request_of_kind(int kind) {
  Task request;
  request.prompt = kind % 2 == 0 ? "a red cat" : "two blue dogs in the snow";
  request.negative_prompt = kind % 2 == 0 ? "" : "green";
  request.steps = 4;
  request.guidance_scale = 5;
  request.seed = static_cast<std::uint64_t>(10 * kind + 3);
  request.sampling.sampler = Sampler::ddim;
  if constexpr (requires { request.image; }) request.image = patterned(32, 32, kind);
  if constexpr (requires { request.mask; }) request.mask = half_mask(32, 32, 6 + 4 * kind);
  if constexpr (requires { request.depth_map; }) {
    request.depth_map = half_mask(32, 32, 6 + 4 * kind);
  }
  return request;
}

}  // namespace velatura::testing
