#include "weights/layouts/control_files.h"

#include <gmock/gmock.h>

#include "support/fixture_models.h"
#include "weights/files.h"
#include "weights/formats/checkpoint.h"
#include "weights/layouts/control_config.h"
#include "weights/layouts/original_names.h"
#include "weights/memory_source.h"
#include "weights/sources/inverted_source.h"
#include "weights/tensors.h"

namespace velatura::weights {
namespace {

using ::testing::ElementsAre;
using testing::encoded;
using testing::Folder;
using ::testing::HasSubstr;
using testing::refusal;
using testing::Tensors;
using velatura::testing::kModels;

Part unet() {
  return open_model(kModels + "tiny").part("unet");
}

Tensors all_of(const WeightSource& source) {
  Tensors tensors;
  for (const auto& name : source.names()) tensors[name] = source.load(name);
  return tensors;
}

void add_convolution(Tensors& tensors, const std::string& name, std::int64_t out, std::int64_t in,
                     std::int64_t side) {
  tensors[name + ".weight"] = at::rand({out, in, side, side});
  tensors[name + ".bias"] = at::rand({out});
}

class ControlFile : public ::testing::Test {
 protected:
  // A network of tests/fixtures as it is.
  static ControlFiles stored(const std::string& name) {
    return open_control(kModels + "tiny-control/" + name);
  }
  Part opened(const Tensors& tensors, const std::string& name = "c.safetensors") {
    return control_part(open_control(folder.write(name, encoded(tensors))), unet());
  }
  // In the original layout.
  static Tensors original(const ControlFiles& files, const std::vector<NameRule>& rules) {
    return all_of(InvertedSource(files.weights, rules));
  }
  static Tensors original_net(const std::string& prefix) {
    const auto files = stored("net");
    return original(files, original_controlnet_names(trunk_config(unet().config),
                                                     files.config->json(), prefix));
  }
  static void expect_same(const Part& part, const ControlFiles& expected) {
    EXPECT_EQ(part.weights->names(), expected.weights->names());
    for (const auto& name : expected.weights->names()) {
      EXPECT_TRUE(part.weights->load(name).allclose(expected.weights->load(name), 0, 1e-3)) << name;
    }
  }
  Folder folder;
};

TEST_F(ControlFile, AFolderSaysWhatItIs) {
  const auto files = stored("net");
  EXPECT_EQ(files.class_name, "ControlNetModel");
  EXPECT_EQ(files.text_width(), 16);
  EXPECT_EQ(control_part(files, unet()).config.json(), files.config->json());
  EXPECT_EQ(stored("adapter").class_name, "T2IAdapter");
  EXPECT_EQ(stored("adapter").text_width(), std::nullopt);
}

TEST_F(ControlFile, OneFileHasTheConfigOfTheUNetItStandsBeside) {
  const auto files = stored("net");
  const Part part = opened(all_of(*files.weights));
  expect_same(part, files);
  for (const char* key : {"block_out_channels", "down_block_types", "layers_per_block",
                          "attention_head_dim", "norm_num_groups", "cross_attention_dim",
                          "in_channels", "conditioning_embedding_out_channels"}) {
    EXPECT_EQ(part.config.json().at(key), files.config->json().at(key)) << key;
  }
  EXPECT_EQ(part.config.json().at("global_pool_conditions"), false);
}

TEST_F(ControlFile, OriginalNamesAreReadWithPrefixAndWithout) {
  for (const std::string prefix : {"control_model.", ""}) {
    const Part part = opened(original_net(prefix));
    expect_same(part, stored("net"));
    EXPECT_THAT(part.config.json().at("conditioning_embedding_out_channels"), ElementsAre(4, 6));
  }
}

TEST_F(ControlFile, ShufflesArePooledByTheirNameOrTheirConfig) {
  const auto pooled = [&](const std::string& name) {
    return opened(original_net(""), name).config.json().at("global_pool_conditions");
  };
  EXPECT_EQ(pooled("c.safetensors"), false);
  EXPECT_EQ(pooled("control_v11e_sd15_shuffle.safetensors"), true);
  folder.write("d.yaml", "model:\n  params:\n    global_average_pooling: True\n");
  EXPECT_EQ(pooled("d.safetensors"), true);
}

TEST_F(ControlFile, DifferencesAreAddedToTheUNet) {
  Tensors tensors = original_net("control_model.");
  tensors["difference"] = at::zeros({1});
  const Part part = opened(tensors);
  const auto own = stored("net").weights;
  const std::string shared = "mid_block.resnets.0.conv1.weight",
                    alone = "controlnet_mid_block.bias";
  EXPECT_TRUE(part.weights->load(shared).allclose(own->load(shared).to(at::kFloat) +
                                                  unet().weights->load(shared).to(at::kFloat)));
  EXPECT_TRUE(part.weights->load(alone).equal(own->load(alone)));
}

TEST_F(ControlFile, OriginalAdaptersAreRead) {
  const auto files = stored("adapter");
  const Part part = opened(original(files, original_t2i_adapter_names(files.config->json(), "")));
  expect_same(part, files);
  EXPECT_THAT(part.config.json().at("channels"), ElementsAre(8, 16));
  EXPECT_EQ(part.config.json().at("num_res_blocks"), 1);
}

// Beside two levels they have a third, which is for the middle.
TEST_F(ControlFile, AdaptersForXlAreRead) {
  Tensors tensors;
  add_convolution(tensors, "conv_in", 8, 3 * 16 * 16, 3);
  add_convolution(tensors, "body.2.in_conv", 16, 8, 1);
  for (const auto& [body, width] :
       {std::pair{"body.0", 8}, std::pair{"body.1", 8}, std::pair{"body.2", 16},
        std::pair{"body.3", 16}, std::pair{"body.4", 16}, std::pair{"body.5", 16}}) {
    add_convolution(tensors, std::string(body) + ".block1", width, width, 3);
    add_convolution(tensors, std::string(body) + ".block2", width, width, 1);
  }
  const Part part = opened(tensors);
  EXPECT_EQ(part.config.json().at("adapter_type"), "full_adapter_xl");
  EXPECT_THAT(part.config.json().at("channels"), ElementsAre(8, 16, 16));
  EXPECT_EQ(part.config.json().at("num_res_blocks"), 2);
  EXPECT_EQ(part.config.json().at("in_channels"), 3);
  EXPECT_EQ(part.config.json().at("downscale_factor"), 16);
  EXPECT_TRUE(part.weights->find("adapter.body.2.resnets.1.block2.weight"));
  EXPECT_EQ(part.weights->names().size(), tensors.size());
}

TEST_F(ControlFile, LightAdaptersAreRead) {
  Tensors tensors;
  const auto conv = [&tensors](const std::string& name, std::int64_t out, std::int64_t in,
                               std::int64_t side) {
    add_convolution(tensors, name, out, in, side);
  };
  for (const std::string level : {"body.0.", "body.1."}) {
    conv(level + "in_conv", 2, level == "body.0." ? 192 : 8, 1);
    for (const std::string block : {"body.0", "body.1"}) {
      conv(level + block + ".block1", 2, 2, 3);
      conv(level + block + ".block2", 2, 2, 3);
    }
    conv(level + "out_conv", 8, 2, 1);
  }
  const Part part = opened(tensors);
  EXPECT_EQ(part.class_name, "T2IAdapter");
  EXPECT_EQ(part.config.json().at("adapter_type"), "light_adapter");
  EXPECT_THAT(part.config.json().at("channels"), ElementsAre(8));
  EXPECT_EQ(part.config.json().at("num_res_blocks"), 2);
  EXPECT_EQ(part.config.json().at("in_channels"), 3);
  EXPECT_TRUE(part.weights->find("adapter.body.1.resnets.1.block2.weight"));
  EXPECT_EQ(part.weights->names().size(), tensors.size());
}

TEST_F(ControlFile, WhatItDoesNotFitIsSaidFirst) {
  Tensors tensors = original_net("control_model.");
  for (auto& [name, tensor] : tensors) {
    if (name.ends_with("attn2.to_k.weight")) tensor = at::zeros({tensor.size(0), 1024});
  }
  EXPECT_THAT(refusal([&] { opened(tensors); }),
              HasSubstr("c.safetensors: is a ControlNet for Stable Diffusion 2.x, whose texts are "
                        "1024 wide; expected one for texts that are 16 wide, as the model's are"));
}

TEST_F(ControlFile, OtherKindsAreToldWhichOptionTakesThem) {
  const auto refused = [&](const std::string& tensor) {
    return refusal([&] { opened({{tensor, at::zeros({1, 1})}}); });
  };
  const std::string expected = "; expected a ControlNet or a T2I-Adapter";
  EXPECT_THAT(refused("lora_unet_x.lora_down.weight"),
              HasSubstr("c.safetensors: is a LoRA" + expected + ": --lora takes such a file"));
  EXPECT_THAT(refused("ip_adapter.1.to_k_ip.weight"),
              HasSubstr("is an IP-Adapter" + expected + ": --ip-adapter takes such a file"));
  EXPECT_THAT(refused("emb_params"), HasSubstr("is a textual inversion embedding" + expected +
                                               ": --embedding takes such a file"));
  EXPECT_THAT(refused("lora_controlnet"),
              HasSubstr("is a Control-LoRA, which is not supported" + expected));
  EXPECT_THAT(refused("something"),
              HasSubstr("expected a ControlNet or a T2I-Adapter, found tensors of no known kind: "
                        "something"));
}

}  // namespace
}  // namespace velatura::weights
