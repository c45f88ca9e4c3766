#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/config_object.h"
#include "weights/formats/safetensors.h"

namespace velatura::testing {

/// A pair of files in tests/fixtures/models: cases by name, and their expected outputs.
class ModelFixture {
 public:
  explicit ModelFixture(const std::string& name)
      : cases_(read_json(stem(name) + ".json")), tensors_(stem(name) + ".safetensors") {}

  const nlohmann::json& operator[](const std::string& name) const { return cases_.at(name); }
  ConfigObject config(const std::string& name) const {
    return {name, cases_.at(name).at("config")};
  }
  at::Tensor expected(const std::string& name) const { return tensors_.load(name); }

  static std::vector<std::string> names(const std::string& name) {
    std::vector<std::string> result;
    const auto cases = read_json(stem(name) + ".json");
    for (const auto& item : cases.items()) result.push_back(item.key());
    return result;
  }

 private:
  static std::string stem(const std::string& name) { return VELATURA_FIXTURES "/models/" + name; }
  nlohmann::json cases_;
  weights::SafetensorsFile tensors_;
};

inline std::string case_name(const ::testing::TestParamInfo<std::string>& info) {
  return info.param;
}

}  // namespace velatura::testing
