#include "weights/layouts/original_names.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>

#include "core/sha256.h"
#include "weights/layouts/known_configs.h"

namespace velatura::weights {
namespace {

using ::testing::ElementsAreArray;

// "TO FROM TRANSFORM", sorted, as scripts/fixtures/check_single_file_map.py writes them.
std::vector<std::string> rule_lines(const std::vector<NameRule>& rules) {
  constexpr const char* kTransforms[] = {"none",        "squeeze",      "transpose",
                                         "first_third", "second_third", "last_third"};
  std::vector<std::string> result;
  for (const NameRule& rule : rules) {
    result.push_back(rule.to + " " + rule.from + " " +
                     kTransforms[static_cast<std::size_t>(rule.transform)]);
  }
  std::sort(result.begin(), result.end());
  return result;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) text += (text.empty() ? "" : "\n") + line;
  return text;
}

std::vector<NameRule> generated(const std::string& component) {
  const nlohmann::json config = known_config(component, "test").json();
  if (component.ends_with("/unet")) return original_unet_names(config);
  if (component.ends_with("/vae")) return original_vae_names(config);
  if (component.ends_with("/depth_estimator")) return original_depth_names(config);
  return component.starts_with("stable-diffusion-1/") ? original_clip_names(config)
                                                      : original_open_clip_names(config);
}

TEST(OriginalNames, AreThoseThatDiffusersConvertsInEveryFamily) {
  const auto expected = read_json(VELATURA_FIXTURES "/weights/original_names.json");
  EXPECT_EQ(expected.size(), 10u);
  for (const auto& [component, list] : expected.items()) {
    const auto rules = generated(component);
    EXPECT_EQ(rules.size(), list.at("names").get<std::size_t>()) << component;
    EXPECT_EQ(sha256(joined(rule_lines(rules))), list.at("sha256").get<std::string>()) << component;
  }
}

TEST(OriginalNames, FollowTheBlocksOfTheConfig) {
  std::ifstream file(VELATURA_FIXTURES "/weights/original_names_tiny.txt");
  std::vector<std::string> expected;
  for (std::string line; std::getline(file, line);) expected.push_back(line);
  const nlohmann::json unet = {{"block_out_channels", {32, 64}},
                               {"layers_per_block", 1},
                               {"num_class_embeds", 3},
                               {"down_block_types", {"CrossAttnDownBlock2D", "DownBlock2D"}},
                               {"up_block_types", {"UpBlock2D", "CrossAttnUpBlock2D"}}};
  const nlohmann::json vae = {{"block_out_channels", {32, 64}}, {"layers_per_block", 1}};
  auto found = rule_lines(original_unet_names(unet));
  std::ranges::copy(rule_lines(original_vae_names(vae)), std::back_inserter(found));
  EXPECT_THAT(found, ElementsAreArray(expected));
}

}  // namespace
}  // namespace velatura::weights
