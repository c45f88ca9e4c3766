#include "image/fixtures.h"

#include <stdexcept>

#include "core/read_file.h"

namespace velatura {
namespace {

std::string content(const std::string& file) {
  return read_file(std::string(VELATURA_FIXTURES "/image/") + file, 1 << 20);
}

}  // namespace

nlohmann::json fixture_json(const std::string& name) {
  return nlohmann::json::parse(content(name + ".json"));
}

Fixtures::Fixtures(const std::string& name)
    : cases(fixture_json(name)), data(content(name + ".bin")) {}

std::string_view Fixtures::bytes(std::size_t offset, std::size_t size) const {
  if (size > data.size() - offset) throw std::out_of_range("a fixture ends too early");
  return std::string_view(data).substr(offset, size);
}

std::string_view Fixtures::file(const nlohmann::json& picture) const {
  return bytes(picture.at("file").at(0), picture.at("file").at(1));
}

const Fixtures& pictures() {
  static const Fixtures all("pictures");
  return all;
}

std::string picture_file(const std::string& name) {
  for (const auto& picture : pictures().cases) {
    if (picture.at("name") == name) return std::string(pictures().file(picture));
  }
  throw std::out_of_range("no fixture " + name);
}

Raster noise(int width, int height, int channels) {
  Raster raster = make_raster(width, height, channels);
  std::uint32_t state = 1;
  for (std::size_t i = 0; i < raster.pixels.size(); ++i) {
    state = state * 1664525u + 1013904223u;
    const std::uint32_t value = i / 16 % 4 != 0 ? state >> 24u : 255u * (state >> 31u);
    raster.pixels[i] = static_cast<std::uint8_t>(value);
  }
  return raster;
}

}  // namespace velatura
