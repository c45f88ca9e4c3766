#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>

#include "image/raster.h"

namespace velatura {

/// tests/fixtures/image/NAME.json
nlohmann::json fixture_json(const std::string& name);

/// An index and the bytes it points into, as scripts/fixtures/make_image_fixtures.py writes them.
struct Fixtures {
  nlohmann::json cases;
  std::string data;

  /// @param name  of tests/fixtures/image/NAME.json and NAME.bin
  explicit Fixtures(const std::string& name);

  std::string_view bytes(std::size_t offset, std::size_t size) const;
  std::string_view file(const nlohmann::json& picture) const;  ///< the encoded picture of a case
};

/// The pictures; read once.
const Fixtures& pictures();
std::string picture_file(const std::string& name);  ///< the encoded picture of that name

/// Bytes of a linear congruential generator, with every fourth stretch of 16 black or white.
Raster noise(int width, int height, int channels);

}  // namespace velatura
