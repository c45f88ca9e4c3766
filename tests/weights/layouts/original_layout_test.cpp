#include "weights/layouts/original_layout.h"

#include <gmock/gmock.h>

#include <map>
#include <string>

#include "weights/family_checkpoint.h"
#include "weights/files.h"
#include "weights/write/write_diffusers_folder.h"

namespace velatura::weights {
namespace {

using ::testing::AllOf;
using testing::encoded;
using testing::Folder;
using ::testing::HasSubstr;
using testing::refusal;
using testing::Tensors;

struct Kind {
  std::string configs;
  std::int64_t in_channels;
  friend void PrintTo(const Kind& family, std::ostream* stream) {
    *stream << family.configs << ", " << family.in_channels << " channels";
  }
};

class OriginalLayout : public ::testing::TestWithParam<Kind> {
 protected:
  Tensors checkpoint() const {
    return testing::family_checkpoint(GetParam().configs, GetParam().in_channels);
  }
  ModelFiles open(const Tensors& tensors) const {
    return open_model(folder.write("m.safetensors", encoded(tensors)));
  }
  static void expect_same(const WeightSource& found, const Tensors& expected) {
    EXPECT_EQ(found.names().size(), expected.size());
    for (const auto& [name, tensor] : expected) {
      ASSERT_TRUE(found.find(name)) << name;
      EXPECT_EQ(found.find(name)->shape, tensor.sizes().vec()) << name;
      EXPECT_TRUE(at::equal(found.load(name), tensor)) << name;
    }
  }
  Folder folder;
};

TEST_P(OriginalLayout, ComesBackBitByBit) {
  const Tensors tensors = checkpoint();
  expect_same(*in_original_layout(open(tensors)), tensors);
}

TEST_P(OriginalLayout, ComesBackBitByBitFromAFolder) {
  const Tensors tensors = checkpoint();
  write_diffusers_folder(folder / "d", open(tensors), 1'000'000, [] {});
  for (const char* tokenizer : {"d/tokenizer", "d/tokenizer_2"})
    std::filesystem::create_directories(folder / tokenizer);
  expect_same(*in_original_layout(open_model(folder / "d")), tensors);
}

TEST_P(OriginalLayout, NamesWhatIsMissingOrTooMuch) {
  Tensors tensors = checkpoint();
  tensors.erase("model.diffusion_model.out.0.bias");
  EXPECT_THAT(refusal([&] { in_original_layout(open(tensors)); }),
              AllOf(HasSubstr("UNet"), HasSubstr("missing (1): conv_norm_out.bias")));
  tensors = checkpoint();
  tensors["first_stage_model.extra"] = testing::counting({1});
  EXPECT_THAT(refusal([&] { in_original_layout(open(tensors)); }),
              AllOf(HasSubstr("VAE"), HasSubstr("unexpected (1): first_stage_model.extra")));
}

INSTANTIATE_TEST_SUITE_P(
    Families, OriginalLayout,
    ::testing::Values(Kind{"stable-diffusion-1", 4}, Kind{"stable-diffusion-1", 9},
                      Kind{"stable-diffusion-2", 4}, Kind{"stable-diffusion-2", 5},
                      Kind{"stable-diffusion-2", 9}, Kind{"stable-diffusion-x4-upscaler", 7},
                      Kind{"stable-diffusion-xl-base", 4}, Kind{"stable-diffusion-xl-base", 9},
                      Kind{"stable-diffusion-xl-refiner", 4}),
    [](const auto& family) {
      std::string name = family.param.configs + std::to_string(family.param.in_channels);
      std::erase(name, '-');
      return name;
    });

// A base model of fewer layers, as SSD-1B has them.
Tensors pruned_base() {
  Tensors tensors = testing::family_checkpoint("stable-diffusion-xl-base", 4);
  const std::map<std::string, int> depths{{"input_blocks.7", 4},  {"input_blocks.8", 4},
                                          {"output_blocks.0", 4}, {"output_blocks.1", 4},
                                          {"output_blocks.4", 1}, {"output_blocks.5", 1}};
  std::erase_if(tensors, [&](const auto& entry) {
    const std::string name =
        entry.first.substr(std::min(testing::kUNet.size(), entry.first.size()));
    if (name.starts_with("middle_block.1.") || name.starts_with("middle_block.2.")) return true;
    const auto blocks = name.find(".1.transformer_blocks.");
    const auto depth = depths.find(name.substr(0, blocks));
    return blocks != name.npos && depth != depths.end() &&
           std::stoi(name.substr(blocks + 22)) >= depth->second;
  });
  return tensors;
}

TEST(OriginalLayoutOfAPrunedModel, HasItsSizesFromItsTensors) {
  const Folder folder;
  const Tensors tensors = pruned_base();
  const ModelFiles files = open_model(folder.write("m.safetensors", encoded(tensors)));
  const nlohmann::json unet = files.part("unet").config.json();
  EXPECT_EQ(unet["transformer_layers_per_block"], nlohmann::json({1, 2, 4}));
  EXPECT_EQ(unet["reverse_transformer_layers_per_block"],
            nlohmann::json::parse("[[4, 4, 10], [2, 1, 1], 1]"));
  EXPECT_EQ(unet["mid_block_type"], "UNetMidBlock2D");
  EXPECT_TRUE(files.left_out.empty());
  const auto found = in_original_layout(files);
  EXPECT_EQ(found->names().size(), tensors.size());
  for (const auto& [name, tensor] : tensors) EXPECT_TRUE(at::equal(found->load(name), tensor));
}

TEST(OriginalLayoutOfAFolder, IsRefusedForOtherFamilies) {
  EXPECT_THAT(refusal([] { in_original_layout(open_model(VELATURA_FIXTURES "/models/tiny")); }),
              AllOf(HasSubstr("weight is [8, 4, 3, 3]"), HasSubstr("neither")));
}

}  // namespace
}  // namespace velatura::weights
