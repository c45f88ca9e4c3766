#include <gmock/gmock.h>

#include "weights/files.h"
#include "weights/layouts/model_files.h"
#include "weights/pickles.h"
#include "weights/tensors.h"

namespace velatura::weights {
namespace {

using ::testing::AllOf;
using testing::counting;
using ::testing::ElementsAre;
using testing::encoded;
using ::testing::EndsWith;
using testing::Folder;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::refusal;

constexpr const char* kIndex = R"({
  "_class_name": "StableDiffusionPipeline", "_diffusers_version": "0.42.1",
  "feature_extractor": [null, null], "image_encoder": [null, null],
  "requires_safety_checker": true,
  "safety_checker": ["stable_diffusion", "StableDiffusionSafetyChecker"],
  "scheduler": ["diffusers", "PNDMScheduler"], "text_encoder": ["transformers", "CLIPTextModel"],
  "tokenizer": ["transformers", "CLIPTokenizer"], "unet": ["diffusers", "UNet2DConditionModel"],
  "vae": ["diffusers", "AutoencoderKL"]})";

// A checkpoint of torch.save with one tensor.
std::string pickled(const std::string& name) {
  using namespace velatura::testing;
  const auto object = dict({text(name), tensor(storage("0", 1), 0, {1}, {1})});
  return torch_zip(pickle(object), {{"0", little(0, 4)}}).bytes();
}

// A model folder with one tensor a component.
class DiffusersFolder : public ::testing::Test {
 protected:
  DiffusersFolder() {
    folder.write("model_index.json", kIndex);
    folder.write("scheduler/scheduler_config.json", R"({"_class_name": "PNDMScheduler"})");
    folder.write("tokenizer/vocab.json", "{}");
    folder.write("unet/config.json", R"({"sample_size": 64})");
    folder.write("vae/config.json", "{}");
    folder.write("text_encoder/config.json", "{}");
    folder.write("unet/diffusion_pytorch_model.safetensors", encoded({{"u", counting({1})}}));
    folder.write("vae/diffusion_pytorch_model.safetensors", encoded({{"v", counting({2})}}));
    folder.write("text_encoder/model.safetensors", encoded({{"t", counting({3})}}));
  }

  void edit_index(const std::string& from, const std::string& to) {
    std::string index = kIndex;
    index.replace(index.find(from), from.size(), to);
    folder.write("model_index.json", index);
  }

  std::string refused(const std::string& variant = "") {
    return refusal([&] { open_model(folder.path(), {.variant = variant}); });
  }

  Folder folder;
};

TEST_F(DiffusersFolder, GivesAllThatAPipelineNeeds) {
  const ModelFiles model = open_model(folder.path());
  EXPECT_EQ(model.origin, folder.path());
  EXPECT_EQ(model.pipeline_class, "StableDiffusionPipeline");
  EXPECT_THAT(model.evidence,
              ElementsAre(HasSubstr("model_index.json names StableDiffusionPipeline"),
                          HasSubstr("unet/config.json says in_channels default, cross")));
  ASSERT_EQ(model.prediction_signals.size(), 1u);
  EXPECT_EQ(model.prediction_signals[0].type, "epsilon");
  EXPECT_THAT(model.prediction_signals[0].reason,
              HasSubstr("scheduler_config.json says nothing, which means epsilon"));
  EXPECT_EQ(model.config("scheduler").json().at("_class_name"), "PNDMScheduler");
  EXPECT_EQ(model.part("unet").config.json().at("sample_size"), 64);
  EXPECT_THAT(model.part("unet").config.where(), HasSubstr("unet/config.json"));
  EXPECT_THAT(model.part("unet").weights->names(), ElementsAre("u"));
  EXPECT_THAT(model.part("vae").weights->names(), ElementsAre("v"));
  EXPECT_THAT(model.part("text_encoder").weights->names(), ElementsAre("text_model.t"));
  EXPECT_EQ(model.tokenizer("tokenizer").folder, folder / "tokenizer");
  EXPECT_THAT(model.weight_files, ElementsAre(folder / "unet/diffusion_pytorch_model.safetensors",
                                              folder / "vae/diffusion_pytorch_model.safetensors",
                                              folder / "text_encoder/model.safetensors"));
  EXPECT_THAT(model.warnings, IsEmpty());
}

TEST_F(DiffusersFolder, SaysWhatKindOfModelItHolds) {
  const auto with_unet = [this](const std::string& config) {
    folder.write("unet/config.json", config);
    return open_model(folder.path()).description;
  };
  EXPECT_EQ(with_unet(R"({"cross_attention_dim": 768})"), "Stable Diffusion 1.x, diffusers folder");
  EXPECT_EQ(with_unet(R"({"cross_attention_dim": 1024, "in_channels": 9})"),
            "Stable Diffusion 2.x inpainting, diffusers folder");
  EXPECT_EQ(with_unet(R"({"cross_attention_dim": 1024, "in_channels": 5})"),
            "Stable Diffusion 2.x depth, diffusers folder");
  EXPECT_EQ(with_unet(R"({"cross_attention_dim": 1024, "in_channels": 7})"),
            "Stable Diffusion x4 upscaler, diffusers folder");
  EXPECT_EQ(with_unet(R"({"cross_attention_dim": [32, 32]})"),
            "Stable Diffusion, diffusers folder");
}

TEST(DiffusersFolders, OfOtherFamiliesSayWhatTheyAre) {
  const auto kind = [](const std::string& name) {
    return open_model(std::filesystem::path(VELATURA_FIXTURES) / "models" / name).description;
  };
  EXPECT_EQ(kind("tiny-xl"), "Stable Diffusion XL base, diffusers folder");
  EXPECT_EQ(kind("tiny-xl-refiner"), "Stable Diffusion XL refiner, diffusers folder");
  EXPECT_EQ(kind("tiny-kandinsky-2-1"), "Kandinsky 2.1, diffusers folder");
  EXPECT_EQ(kind("tiny-kandinsky-2-1-inpaint"), "Kandinsky 2.1 inpainting, diffusers folder");
  EXPECT_EQ(kind("tiny-kandinsky-2-2-prior"), "Kandinsky 2.2 prior, diffusers folder");
  EXPECT_EQ(kind("tiny-kandinsky-2-2-controlnet-depth"),
            "Kandinsky 2.2 with a hint, diffusers folder");
}

TEST_F(DiffusersFolder, VariantsFallBackComponentByComponent) {
  folder.write("unet/diffusion_pytorch_model.fp16.safetensors", encoded({{"h", counting({1})}}));
  const std::string shard = "diffusion_pytorch_model.fp16-00001-of-00001.safetensors";
  folder.write("vae/" + shard, encoded({{"s", counting({1})}}));
  for (const std::string index : {"diffusion_pytorch_model.safetensors.index.fp16.json",
                                  "diffusion_pytorch_model.safetensors.fp16.index.json"}) {
    folder.write("vae/" + index, R"({"weight_map": {"s": ")" + shard + "\"}}");
    const ModelFiles model = open_model(folder.path(), {.variant = "fp16"});
    EXPECT_THAT(model.part("unet").weights->names(), ElementsAre("h"));
    EXPECT_THAT(model.part("vae").weights->names(), ElementsAre("s"));
    EXPECT_THAT(model.part("text_encoder").weights->names(), ElementsAre("text_model.t"));
    EXPECT_THAT(model.warnings,
                ElementsAre(AllOf(HasSubstr("text_encoder: there is no variant fp16"),
                                  HasSubstr("text_encoder/model.safetensors"))));
    std::filesystem::remove(folder / ("vae/" + index));
  }
}

TEST_F(DiffusersFolder, NamesTheFilesLookedFor) {
  const auto weights = folder / "unet/diffusion_pytorch_model.safetensors";
  std::filesystem::rename(weights, folder / "unet/diffusion_pytorch_model.fp16.safetensors");
  EXPECT_THAT(refused(),
              AllOf(HasSubstr("unet: no weights: looked for diffusion_pytorch_model.safetensors, "
                              "diffusion_pytorch_model.safetensors.index.json"),
                    HasSubstr(": variant fp16")));
  EXPECT_THAT(refused("ema"), AllOf(HasSubstr("diffusion_pytorch_model.ema.safetensors, "
                                              "diffusion_pytorch_model.safetensors.index.ema.json"),
                                    HasSubstr("diffusion_pytorch_model.safetensors,")));
  EXPECT_THAT(refused(), AllOf(HasSubstr(", diffusion_pytorch_model.bin, "
                                         "diffusion_pytorch_model.bin.index.json")));
  std::filesystem::remove(folder / "unet/diffusion_pytorch_model.fp16.safetensors");
  folder.write("unet/diffusion_pytorch_model.fp16.bin", pickled("p"));
  EXPECT_THAT(refused(), HasSubstr("diffusion_pytorch_model.fp16.bin is there: variant fp16"));
}

TEST_F(DiffusersFolder, PicklesAreReadWhereThereIsNothingElse) {
  const auto unet = [&](const std::string& variant) {
    return open_model(folder.path(), {.variant = variant}).part("unet").weights->names();
  };
  folder.write("unet/diffusion_pytorch_model.bin", pickled("p"));
  folder.write("unet/diffusion_pytorch_model.fp16.bin", pickled("h"));
  EXPECT_THAT(unet(""), ElementsAre("u"));
  EXPECT_THAT(unet("fp16"), ElementsAre("h"));
  std::filesystem::remove(folder / "unet/diffusion_pytorch_model.safetensors");
  EXPECT_THAT(unet(""), ElementsAre("p"));
  std::filesystem::remove(folder / "unet/diffusion_pytorch_model.bin");
  folder.write("unet/diffusion_pytorch_model-00001-of-00001.bin", pickled("s"));
  folder.write("unet/diffusion_pytorch_model.bin.index.json",
               R"({"weight_map": {"s": "diffusion_pytorch_model-00001-of-00001.bin"}})");
  EXPECT_THAT(unet(""), ElementsAre("s"));

  std::filesystem::remove(folder / "text_encoder/model.safetensors");
  folder.write("text_encoder/model.bin", pickled("wrong"));
  EXPECT_THAT(refused(), HasSubstr("model.safetensors.index.json, pytorch_model.bin"));
  folder.write("text_encoder/pytorch_model.bin", pickled("t"));
  const ModelFiles model = open_model(folder.path());
  EXPECT_THAT(model.part("text_encoder").weights->names(), ElementsAre("text_model.t"));
  EXPECT_EQ(model.weight_files.back(), folder / "text_encoder/pytorch_model.bin");
}

TEST_F(DiffusersFolder, HasNoEmaBesideItsWeights) {
  EXPECT_THROW(open_model(folder.path(), {.ema = true}), UsageError);
}

TEST_F(DiffusersFolder, NamesWhatIsMissing) {
  for (const std::string path : {"model_index.json", "scheduler/scheduler_config.json", "tokenizer",
                                 "vae/config.json", "text_encoder"}) {
    SCOPED_TRACE(path);
    std::filesystem::rename(folder / path, folder / "aside");
    EXPECT_THAT(refused(), HasSubstr(path));
    std::filesystem::rename(folder / "aside", folder / path);
  }
  open_model(folder.path());
}

TEST_F(DiffusersFolder, NamesTheSingleFileThatIsThereInstead) {
  folder.write("files/v1-5.safetensors", "x");
  EXPECT_THAT(refusal([&] { open_model(folder / "files"); }),
              AllOf(HasSubstr("no model_index.json in it"), HasSubstr("v1-5.safetensors is")));
}

TEST_F(DiffusersFolder, RefusesOtherPipelinesAndComponents) {
  edit_index("StableDiffusionPipeline", "FluxPipeline");
  EXPECT_THAT(refused(), AllOf(HasSubstr("model_index.json: _class_name is \"FluxPipeline\""),
                               HasSubstr("StableDiffusionPipeline")));
  edit_index("UNet2DConditionModel", "UNetMotionModel");
  EXPECT_THAT(refused(), AllOf(HasSubstr("unet is"), HasSubstr("UNetMotionModel"),
                               HasSubstr("expected UNet2DConditionModel")));
  edit_index("\"text_encoder\": [\"transformers\", \"CLIPTextModel\"]",
             "\"text_encoder\": [null, null]");
  EXPECT_THAT(refused(), HasSubstr("component text_encoder is missing"));
  edit_index("\"vae\":", "\"motion_adapter\": [\"diffusers\", \"MotionAdapter\"], \"vae\":");
  EXPECT_THAT(refused(), AllOf(HasSubstr("components not supported"), HasSubstr("motion_adapter")));
}

TEST_F(DiffusersFolder, MayLackItsVae) {
  const auto check = [&] {
    const ModelFiles model = open_model(folder.path());
    EXPECT_EQ(model.find("vae"), nullptr);
    EXPECT_THAT(model.left_out, ElementsAre("safety_checker"));
    EXPECT_THAT(refusal([&] { model.part("vae"); }),
                EndsWith("the model has no VAE: give one with --vae FILE"));
    const ModelFiles with = open_model(folder.path(), {.vae = folder / "other"});
    EXPECT_THAT(with.part("vae").weights->names(), ElementsAre("w"));
    EXPECT_EQ(with.parts[1].role, "vae");
  };
  std::filesystem::rename(folder / "vae", folder / "other");
  folder.write("other/diffusion_pytorch_model.safetensors", encoded({{"w", counting({2})}}));
  check();
  edit_index("\"vae\": [\"diffusers\", \"AutoencoderKL\"]", "\"vae\": [null, null]");
  check();
  edit_index(",\n  \"vae\": [\"diffusers\", \"AutoencoderKL\"]", "");
  check();
}

// Of one that is replaced, nothing is looked at.
TEST_F(DiffusersFolder, ABrokenVaeCanBeReplaced) {
  std::filesystem::copy(folder / "vae", folder / "other", std::filesystem::copy_options::recursive);
  std::filesystem::remove(folder / "vae/diffusion_pytorch_model.safetensors");
  EXPECT_THAT(refused(), HasSubstr("/vae: "));
  edit_index("AutoencoderKL", "AsymmetricAutoencoderKL");
  EXPECT_THAT(refused(), HasSubstr("vae is"));
  edit_index("AutoencoderKL", "AsymmetricAutoencoderKL");
  EXPECT_THAT(open_model(folder.path(), {.vae = folder / "other"}).part("vae").weights->names(),
              ElementsAre("v"));
}

TEST_F(DiffusersFolder, RefusesBrokenFiles) {
  folder.write("model_index.json", "{\n  \"a\": \n}");
  EXPECT_THAT(refused(), HasSubstr("model_index.json:3: not valid JSON"));
  folder.write("model_index.json", "<html>404</html>");
  EXPECT_THAT(refused(), HasSubstr("web page"));
  folder.write("model_index.json", kIndex);
  folder.write("vae/diffusion_pytorch_model.safetensors",
               "version https://git-lfs.github.com/spec/v1\n");
  EXPECT_THAT(refused(), AllOf(HasSubstr("vae/"), HasSubstr("git lfs pull")));
  EXPECT_THAT(refusal([&] { open_model(folder / "nothing"); }), HasSubstr("no such model"));
}

}  // namespace
}  // namespace velatura::weights
