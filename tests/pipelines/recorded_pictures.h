#pragma once

#include <ATen/ATen.h>

#include <string>

#include "velatura/image.h"
#include "weights/formats/safetensors.h"

namespace velatura::testing {

/// Pictures that went into recorded cases, tensors `input.NAME` of their file.
inline Image image_in(const weights::SafetensorsFile& file, const std::string& name) {
  const auto bytes = file.load("input." + name);  // [H, W, 3]
  const auto* data = bytes.const_data_ptr<std::uint8_t>();
  return {static_cast<int>(bytes.size(1)),
          static_cast<int>(bytes.size(0)),
          {data, data + bytes.numel()}};
}

/// Those of 8 bits are widened.
inline GrayImage gray_image_in(const weights::SafetensorsFile& file, const std::string& name) {
  auto values = file.load("input." + name).to(at::kInt);  // [H, W]
  if (file.find("input." + name)->dtype == at::kByte) values = values * 257;
  const auto* data = values.const_data_ptr<int>();
  return {static_cast<int>(values.size(1)),
          static_cast<int>(values.size(0)),
          {data, data + values.numel()}};
}

}  // namespace velatura::testing
