#include "weights/layouts/ip_adapter.h"

#include "weights/files.h"
#include "weights/layouts/image_encoder.h"
#include "weights/memory_source.h"

namespace velatura::weights::testing {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

const std::filesystem::path kFixture = VELATURA_FIXTURES "/models/tiny-ip-adapter";

at::Tensor zeros(at::IntArrayRef shape) {
  return at::zeros(shape);
}

std::string refusal_of(Tensors tensors) {
  return refusal([&] { ip_adapter_part(std::make_shared<MemorySource>(std::move(tensors))); });
}

TEST(IpAdapter, IsToldByItsTensors) {
  const json base{{"projection", "base"},
                  {"image_dim", 12},
                  {"cross_attention_dim", 16},
                  {"tokens", 4},
                  {"attention_widths", {8, 8, 8, 16}}};
  EXPECT_EQ(open_ip_adapter(kFixture / "ip-base.safetensors").config.json(), base);
  // A .bin file is a dict of two dicts.
  const json plus = open_ip_adapter(kFixture / "ip-plus.bin").config.json();
  EXPECT_EQ(plus["projection"], "resampler");
  EXPECT_EQ(plus["image_dim"], 16);
  EXPECT_EQ(plus["layers"], 4);
  EXPECT_EQ(plus["attention_dim"], 128);
  const Part full = ip_adapter_part(
      std::make_shared<MemorySource>(Tensors{{"image_proj.proj.0.weight", zeros({12, 12})},
                                             {"image_proj.proj.3.weight", zeros({16})},
                                             {"ip_adapter.1.to_k_ip.weight", zeros({8, 16})}}));
  EXPECT_EQ(full.config.json(), json({{"projection", "full"},
                                      {"image_dim", 12},
                                      {"cross_attention_dim", 16},
                                      {"attention_widths", {8}}}));
}

TEST(IpAdapter, IsDescribed) {
  EXPECT_EQ(describe_ip_adapter(open_ip_adapter(kFixture / "ip-plus.bin")),
            "an IP-Adapter plus for a UNet with 4 cross-attention layers and a text 16 wide");
  Tensors xl{{"image_proj.proj.weight", zeros({8192, 1280})},
             {"image_proj.norm.weight", zeros({2048})}};
  for (int i = 0; i < 70; ++i) {
    xl["ip_adapter." + std::to_string(2 * i + 1) + ".to_k_ip.weight"] = zeros({1, 1});
  }
  EXPECT_EQ(describe_ip_adapter(ip_adapter_part(std::make_shared<MemorySource>(xl))),
            "an IP-Adapter for Stable Diffusion XL");
}

TEST(IpAdapter, FaceIdIsRefusedByName) {
  const Tensors layer{{"ip_adapter.1.to_k_ip.weight", zeros({8, 16})}};
  for (Tensors tensors : {Tensors{{"image_proj.norm.weight", zeros({16})},
                                  {"image_proj.proj.0.weight", zeros({2, 2})}},
                          Tensors{{"image_proj.perceiver_resampler.proj_in.weight", zeros({2, 2})}},
                          Tensors{{"image_proj.proj.weight", zeros({2, 2})},
                                  {"ip_adapter.0.to_q_lora.down.weight", zeros({2, 2})}}}) {
    tensors.insert(layer.begin(), layer.end());
    EXPECT_THAT(refusal_of(tensors),
                HasSubstr("memory: is an IP-Adapter FaceID, which needs a face"));
  }
}

TEST(IpAdapter, OtherFilesAreToldWhatTheyAre) {
  EXPECT_EQ(refusal_of({{"lora_unet_x.lora_down.weight", zeros({1})}}),
            "memory: is a LoRA; expected an IP-Adapter: --lora takes such a file");
  EXPECT_EQ(refusal_of({{"body.0.in_conv.weight", zeros({1})}}),
            "memory: is a T2I-Adapter; expected an IP-Adapter: --control takes such a file");
  EXPECT_THAT(refusal_of({{"unheard_of", zeros({1})}}),
              HasSubstr("memory: expected an IP-Adapter, found tensors of no known kind"));
  EXPECT_THAT(refusal_of({{"image_proj.new", zeros({1})}, {"ip_adapter.1", zeros({1})}}),
              HasSubstr("of a kind that is not supported"));
  EXPECT_THAT(refusal_of({{"image_proj.proj.weight", zeros({4})},
                          {"image_proj.norm.weight", zeros({4})},
                          {"ip_adapter.1", zeros({1})}}),
              HasSubstr("image_proj.proj.weight is [4], which no IP-Adapter has"));
}

TEST(ImageEncoder, IsAFolderOrAFile) {
  const Part folder = open_image_encoder(kFixture / "image_encoder");
  EXPECT_EQ(folder.config.json().at("projection_dim"), 12);
  EXPECT_EQ(open_image_encoder(kFixture).config.json(), folder.config.json());
  // The config beside a file is its own.
  const Part file = open_image_encoder(kFixture / "image_encoder/model.safetensors");
  EXPECT_EQ(file.config.json(), folder.config.json());
  EXPECT_EQ(file.weights->names(), folder.weights->names());
}

TEST(ImageEncoder, IsToldByItsTensors) {
  const Folder folder;
  const auto write = [&](std::int64_t width) {
    return folder.write(
        "clip.safetensors",
        encoded({{"vision_model.embeddings.class_embedding", zeros({width})},
                 {"vision_model.embeddings.patch_embedding.weight", zeros({1, 3, 14, 14})},
                 {"vision_model.embeddings.position_embedding.weight", zeros({257, 1})},
                 {"vision_model.encoder.layers.0.layer_norm1.weight", zeros({1})},
                 {"vision_model.encoder.layers.0.mlp.fc1.weight", zeros({5120, 1})},
                 {"visual_projection.weight", zeros({1024, 1})},
                 {"text_model.final_layer_norm.weight", zeros({1})},
                 {"logit_scale", zeros({1})}}));
  };
  const Part part = open_image_encoder(write(1280));
  EXPECT_EQ(part.config.json(), json({{"hidden_size", 1280},
                                      {"intermediate_size", 5120},
                                      {"num_hidden_layers", 1},
                                      {"num_attention_heads", 16},
                                      {"hidden_act", "gelu"},
                                      {"projection_dim", 1024},
                                      {"patch_size", 14},
                                      {"image_size", 224}}));
  EXPECT_FALSE(part.weights->find("logit_scale"));
  EXPECT_FALSE(part.weights->find("text_model.final_layer_norm.weight"));
  EXPECT_THAT(refusal([&] { open_image_encoder(write(1000)); }),
              HasSubstr("1000 wide, which is none of the published ones"));
}

TEST(ImageEncoder, SaysWhatIsWrong) {
  const Folder folder;
  EXPECT_THAT(refusal([&] { open_image_encoder(folder.path()); }),
              HasSubstr("not an image encoder's folder: there is no"));
  EXPECT_THAT(refusal([&] { open_image_encoder(kFixture / "ip-base.safetensors"); }),
              HasSubstr("is an IP-Adapter; expected a CLIP image encoder"));
}

}  // namespace
}  // namespace velatura::weights::testing
