#include <gmock/gmock.h>

#include "cli/receipted_picture.h"

namespace velatura::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class Replay : public ReceiptedPicture {
 protected:
  Outcome replay(std::vector<std::string> options) const {
    options.insert(options.begin(), {"out.png", "-o", "again.png"});
    return of_receipt("replay", options);
  }
  Image again() const { return read_image(folder_ / "again.png"); }
};

/// A task, what makes the picture, and what has to be given again.
struct ReplayedCommand {
  std::string name, command;
  std::vector<std::string> options, files;
};

class ReplayOf : public Replay, public ::testing::WithParamInterface<ReplayedCommand> {};

TEST_P(ReplayOf, GivesTheSamePixels) {
  const auto& [name, command, options, files] = GetParam();
  std::vector<std::string> all = options;
  all.insert(all.end(), files.begin(), files.end());
  const Image first = picture(command, all);
  const Outcome outcome = replay(files);
  ASSERT_TRUE(succeeded(outcome));
  EXPECT_THAT(outcome.err, Not(HasSubstr("warning")));
  EXPECT_EQ(again().pixels, first.pixels);
  EXPECT_EQ(receipt("again.png"), receipt("out.png"));
}

const std::vector<std::string> kImage{"--image", "in.png"};
const std::vector<std::string> kMasked{"--image", "in.png", "--mask", "mask.png"};
INSTANTIATE_TEST_SUITE_P(
    , ReplayOf,
    ::testing::Values(
        ReplayedCommand{
            "Eta", "txt2img", {"--negative-prompt", "blue", "-g", "3", "--eta", "0.5"}, {}},
        ReplayedCommand{
            "DType", "txt2img", {"--sampler", "DPM++ 2M Karras", "--dtype", "bfloat16"}, {}},
        ReplayedCommand{
            "WebUiSyntax", "txt2img", {"--prompt-syntax", "webui", "--clip-skip", "1"}, {}},
        ReplayedCommand{"VaeTile", "txt2img", {"-W", "64", "--vae-tile", "32"}, {}},
        ReplayedCommand{
            "Resize", "img2img", {"--strength", "0.7", "-W", "48", "--resize", "crop"}, kImage},
        ReplayedCommand{"MaskCrop", "inpaint", {"--mask-blur", "2", "--mask-crop", "4"}, kMasked},
        ReplayedCommand{
            "Extend", "inpaint", {"--extend", "left=16,bottom=8", "--no-paste"}, kImage},
        ReplayedCommand{"InvertMask",
                        "inpaint",
                        {},
                        {"--image", "in.png", "--mask", "mask.png", "--invert-mask"}},
        ReplayedCommand{
            "Control",
            "txt2img",
            {"--control-scale", "0.7", "--control-end", "0.8", "--control-preprocess", "invert"},
            {"--control", VELATURA_FIXTURES "/models/tiny-control/net", "--control-image",
             "in.png"}},
        ReplayedCommand{"DepthMap",
                        "depth2img",
                        {"--strength", "0.9"},
                        {"--image", "in.png", "--depth-map", "depth.png"}},
        ReplayedCommand{"Upscale",
                        "upscale",
                        {"--noise-level", "10", "--tile", "16", "--tile-overlap", "8"},
                        kImage}),
    [](const auto& of) { return of.param.name; });

// A word of two vectors for the tiny model.
std::string embedding(const std::string& word, float value) {
  const std::string header =
      "{\"" + word + R"(":{"dtype":"F32","shape":[2,16],"data_offsets":[0,128]}})";
  const std::uint64_t length = header.size();
  std::string file(reinterpret_cast<const char*>(&length), sizeof length);
  file += header;
  for (int i = 0; i < 32; ++i) file.append(reinterpret_cast<const char*>(&value), sizeof value);
  return file;
}

TEST_F(Replay, FindsEmbeddingsByTheirContent) {
  std::filesystem::create_directories(folder_ / "embeddings");
  write_text(folder_ / "embeddings/other.safetensors", embedding("x", -0.1F));
  write_text(folder_ / "embeddings/circle.safetensors", embedding("x", 0.2F));
  write_text(folder_ / "given.safetensors", embedding("x", 0.2F));
  const Image plain = picture("txt2img", {});
  const Image of_folder = picture("txt2img", {"--embeddings-dir", "embeddings"});
  EXPECT_EQ(receipt()["embedding"], nlohmann::json({"circle=circle.safetensors"}));
  ASSERT_TRUE(
      succeeded(of_receipt("txt2img", {"a circle", "-m", "tiny", "--steps", "1", "-o", "c.png"},
                           {{"VELATURA_MODELS", folder_.path().string()}})));
  EXPECT_EQ(receipt("c.png")["embedding"], nlohmann::json({"circle=circle.safetensors"}));
  const std::vector<std::string> given{"--embedding", "circle=given.safetensors"};
  const Image first = picture("txt2img", given);
  EXPECT_EQ(first.pixels, of_folder.pixels);
  EXPECT_NE(first.pixels, plain.pixels);
  EXPECT_EQ(receipt()["embedding"], nlohmann::json({"circle=given.safetensors"}));
  EXPECT_EQ(receipt()["adapters"].size(), 1u);
  EXPECT_THAT(read_metadata(folder_ / "out.png").parameters, HasSubstr("TI hashes: \"given: "));

  const Outcome without = replay({});
  EXPECT_EQ(without.exit_code, 2);
  EXPECT_THAT(without.err, HasSubstr("--embedding is needed"));
  ASSERT_TRUE(succeeded(replay({"--embeddings-dir", "embeddings"})));
  EXPECT_EQ(again().pixels, first.pixels);
}

TEST_F(Replay, EverySamplersReceiptCanBeReplayed) {
  for (const char* sampler : {"ddim", "pndm", "euler", "euler_a", "heun", "lms", "dpm2", "dpm2_a",
                              "dpmpp_2m", "dpmpp_2s", "dpmpp_2s_a", "dpmpp_2m_sde", "dpmpp_sde",
                              "dpmpp_3m_sde", "unipc", "deis", "lcm", "tcd", "ddpm"}) {
    const Image first = picture("txt2img", {"--sampler", sampler});
    ASSERT_TRUE(succeeded(replay({}))) << sampler;
    EXPECT_EQ(again().pixels, first.pixels) << sampler;
  }
}

TEST_F(Replay, TheCommandLineWins) {
  picture("txt2img", {"--sampler", "euler", "--schedule", "default"});
  const Outcome outcome = replay({"--steps", "2", "--seed", "8", "--prompt", "a ring", "--sampler",
                                  "DPM++ 2M Karras", "--json"});
  ASSERT_TRUE(succeeded(outcome));
  EXPECT_EQ(nlohmann::json::parse(outcome.out).at("seed"), 8);
  const nlohmann::json made = receipt("again.png");
  EXPECT_EQ(made["steps"], 2);
  EXPECT_EQ(made["prompt"], "a ring");
  EXPECT_EQ(made["sampler"], "dpmpp_2m");
  EXPECT_EQ(made["schedule"], "karras");
  EXPECT_TRUE(failed_with(replay({"--strength", "1"}), 2, {"out.png", "--strength", "txt2img"}));
  EXPECT_TRUE(failed_with(replay({"--stepz", "1"}), 2, {"--stepz", "'--steps'"}));
}

TEST_F(Replay, FlagsOfTheReceiptCanBeTakenBack) {
  picture("inpaint", {"--image", "in.png", "--mask", "mask.png", "--no-paste"});
  EXPECT_EQ(receipt()["paste"], false);
  ASSERT_TRUE(succeeded(
      replay({"--image", "in.png", "--mask", "mask.png", "--no-paste=false", "--show=off"})));
  EXPECT_EQ(receipt("again.png")["paste"], true);
}

TEST_F(Replay, WithoutAnOutputTheNameIsThatOfPictureCommands) {
  picture("txt2img", {});
  ASSERT_TRUE(succeeded(of_receipt("replay", {"out.png"})));
  EXPECT_THAT(folder_.files(), ::testing::Contains(HasSubstr("outputs/00000-5.png")));
}

TEST_F(Replay, FilesThatWentInMustBeGivenAgain) {
  picture("inpaint", kMasked);
  EXPECT_TRUE(failed_with(replay({}), 2, {"out.png: --image is needed", "32x32"}));
  EXPECT_TRUE(failed_with(replay(kImage), 2, {"out.png: --mask is needed"}));
}

TEST_F(Replay, NoiseFromAFileMustBeGivenAgain) {
  picture("txt2img", {"--latents-out", "end.safetensors"});
  const Image first = picture("txt2img", {"--latents-in", "end.safetensors"});
  EXPECT_TRUE(failed_with(replay({}), 2, {"out.png: --latents-in is needed"}));
  ASSERT_TRUE(succeeded(replay({"--latents-in", "end.safetensors"})));
  EXPECT_EQ(again().pixels, first.pixels);
}

TEST_F(Replay, AnotherPictureThanTheReceiptsIsSaid) {
  picture("img2img", kImage);
  write_image(folder_ / "in.png", scene(32, 40), {});
  const Outcome outcome = replay(kImage);
  ASSERT_TRUE(succeeded(outcome));
  EXPECT_THAT(outcome.err, HasSubstr("warning: out.png: --image has other pixels"));
  EXPECT_THAT(replay({"--image", "in.png", "--quiet"}).err, IsEmpty());
}

TEST_F(Replay, AnotherModelOfTheNameIsSaid) {
  picture("txt2img", {});
  const std::string hash = receipt()["model"]["sha256"];
  const Outcome outcome = replay({"-m", another_tiny()});
  ASSERT_TRUE(succeeded(outcome));
  const std::string other = receipt("again.png")["model"]["sha256"];
  EXPECT_NE(hash, other);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("warning: out.png: made with tiny"),
                                 HasSubstr(hash.substr(0, 10)), HasSubstr(other.substr(0, 10))));
}

TEST_F(Replay, AModelThatIsNotThereIsNamed) {
  picture("txt2img", {});
  const std::string hash = receipt()["model"]["sha256"];
  rewrite([](nlohmann::json& receipt) { receipt["model"]["name"] = "gone"; });
  EXPECT_TRUE(failed_with(replay({}), 3, {"out.png: model gone", hash, "with -m"}));
  const Outcome overridden = replay({"-m", "/gone"});
  EXPECT_TRUE(failed_with(overridden, 3, {"out.png: model /gone"}));
  EXPECT_THAT(overridden.err, Not(HasSubstr(hash)));
  EXPECT_TRUE(succeeded(replay({"-m", "tiny"})));
}

TEST_F(Replay, PicturesOfWebUisCanBeReplayed) {
  write_image(folder_ / "out.png", scene(32, 32),
              {.parameters = "a (red) circle\nNegative prompt: blue\nSteps: 2, Sampler: Euler a, "
                             "CFG scale: 3, Seed: 7, Size: 32x32, Model hash: 0123456789, Model: "
                             "tiny, Hires upscaler: Latent, RNG: CPU, Version: v1.10.1"});
  const Outcome outcome = replay({});
  ASSERT_TRUE(succeeded(outcome));
  const nlohmann::json made = receipt("again.png");
  EXPECT_EQ(made["prompt"], "a (red) circle");
  EXPECT_EQ(made["prompt_syntax"], "webui");
  EXPECT_EQ(made["sampler"], "euler_a");
  EXPECT_EQ(made["seed"], 7);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("left out: Hires upscaler: Latent"),
                                 HasSubstr("tiny of sha256 0123456789")));
}

TEST_F(Replay, AValueThatCannotBeReadIsAskedFor) {
  write_image(
      folder_ / "out.png", scene(32, 32),
      {.parameters = "a circle\nSteps: many, Sampler: Euler a, CFG scale: 3, Seed: 7, Size: "
                     "32x32, Model: tiny, RNG: CPU, Version: v1.10.1"});
  EXPECT_TRUE(failed_with(replay({}), 2, {"out.png: --steps must be given", "Steps: many"}));
  const Outcome outcome = replay({"--steps", "3"});
  ASSERT_TRUE(succeeded(outcome));
  EXPECT_THAT(outcome.err, Not(HasSubstr("Steps")));
  EXPECT_EQ(receipt("again.png")["steps"], 3);
}

TEST_F(Replay, WhatSaysNothingIsRefused) {
  EXPECT_TRUE(failed_with(of_receipt("replay", {"in.png"}), 3, {"in.png: it does not say how"}));
  EXPECT_TRUE(failed_with(of_receipt("replay", {"gone.png"}), 3, {"gone.png"}));
  EXPECT_EQ(of_receipt("replay", {}).exit_code, 2);
}

}  // namespace
}  // namespace velatura::testing
