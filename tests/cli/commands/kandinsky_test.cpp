#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "cli/picture_command.h"

namespace velatura::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const std::string kDecoder = kModels + "tiny-kandinsky-2-2-decoder";

class Kandinsky : public PictureCommand {
 protected:
  Kandinsky() { write_image(folder_ / "cat.png", scene(80, 64), {}); }

  Outcome ask_plainly(const std::vector<std::string>& words) const {
    return run_velatura({.arguments = words, .folder = folder_.path()});
  }
  Outcome ask(std::vector<std::string> words) const {
    words.insert(words.end(), {"--device", "cpu", "--threads", "1", "--no-progress"});
    return ask_plainly(words);
  }
  Outcome draw(const std::string& out, const std::vector<std::string>& more,
               const std::string& command = "txt2img", const std::string& model = kDecoder) const {
    std::vector<std::string> words{command, "-m", model, "--steps", "2", "--seed", "5", "-o", out};
    words.insert(words.end(), more.begin(), more.end());
    return ask(words);
  }
  Image drawn(const std::string& out, const std::vector<std::string>& more,
              const std::string& command = "txt2img", const std::string& model = kDecoder) const {
    const Outcome outcome = draw(out, more, command, model);
    EXPECT_TRUE(succeeded(outcome));
    return outcome.exit_code == 0 ? read_image(folder_ / out) : Image{};
  }
  Outcome again(const std::string& command, const std::string& name,
                const std::vector<std::string>& more) const {
    std::vector<std::string> words{command, name, "-m", kDecoder};
    words.insert(words.end(), more.begin(), more.end());
    return ask(words);
  }
};

TEST_F(Kandinsky, DrawsAPromptThroughThePriorBesideIt) {
  const Image image = drawn("a.png", {"красный круг", "--prior-steps", "3"});
  EXPECT_EQ(image.width, 64);
  const auto receipt = this->receipt("a.png");
  EXPECT_EQ(receipt["model"]["prior"], "tiny-kandinsky-2-2-prior");
  EXPECT_EQ(receipt["prior_steps"], 3);
  EXPECT_EQ(receipt["guidance_scale"], 4);
  EXPECT_FALSE(receipt.contains("negative_prompt"));
  EXPECT_NE(drawn("b.png", {"красный круг", "--prior-steps", "3", "--negative-prompt", ""}).pixels,
            image.pixels);
  EXPECT_EQ(this->receipt("b.png")["empty_negative_prompt"], "encoded");
  EXPECT_EQ(drawn("c.png", {"красный круг", "--prior-steps", "3", "--prior",
                            kModels + "tiny-kandinsky-2-2-prior"})
                .pixels,
            image.pixels);
}

TEST_F(Kandinsky, IsMadeAgainFromItsReceipt) {
  drawn("a.png",
        {"a cat", "--prior-steps", "3", "--negative-prompt", "", "--prior-guidance-scale", "2"});
  ASSERT_TRUE(succeeded(again("replay", "a.png", {"-o", "b.png"})));
  EXPECT_EQ(read_image(folder_ / "b.png").pixels, read_image(folder_ / "a.png").pixels);
  EXPECT_TRUE(succeeded(again("verify", "a.png", {})));
}

TEST_F(Kandinsky, MixesTextsAndPictures) {
  const std::vector<std::string> mix{"--mix", "a cat:0.3", "--mix", "cat.png:0.7"};
  auto more = mix;
  more.insert(more.end(), {"--prior-steps", "3"});
  const Image image = drawn("a.png", more);
  const auto receipt = this->receipt("a.png");
  EXPECT_EQ(receipt["mix"][0], "a cat:0.3");
  EXPECT_EQ(receipt["mix"][1]["width"], 80);
  EXPECT_EQ(receipt["mix"][1]["weight"], 0.7);
  EXPECT_THAT(receipt["mix"].dump(), Not(HasSubstr("cat.png")));
  const Outcome unnamed = again("replay", "a.png", {"-o", "b.png"});
  EXPECT_EQ(unnamed.exit_code, 2);
  EXPECT_THAT(unnamed.err, HasSubstr("--mix is needed: the picture was made from a file of "
                                     "80x64 pixels"));
  auto named = mix;
  named.insert(named.end(), {"-o", "b.png"});
  const Outcome replayed = again("replay", "a.png", named);
  ASSERT_TRUE(succeeded(replayed));
  EXPECT_THAT(replayed.err, Not(HasSubstr("other pixels")));
  EXPECT_EQ(read_image(folder_ / "b.png").pixels, image.pixels);
  drawn("c.png", {"--mix", "a cat", "--mix", "a dog: 3:4:0.5", "--prior-steps", "3"});
  EXPECT_EQ(this->receipt("c.png")["mix"], nlohmann::json::parse(R"(["a cat", "a dog: 3:4:0.5"])"));
  EXPECT_TRUE(succeeded(again("replay", "c.png", {"-o", "d.png"})));
}

TEST_F(Kandinsky, VariesAPicture) {
  const Image image = drawn("a.png", {"--image", "cat.png"}, "variations");
  const auto receipt = this->receipt("a.png");
  EXPECT_EQ(receipt["task"], "variations");
  EXPECT_EQ(receipt["image"]["width"], 80);
  EXPECT_EQ(receipt["width"], 64);
  ASSERT_TRUE(succeeded(again("replay", "a.png", {"-o", "b.png", "--image", "cat.png"})));
  EXPECT_EQ(read_image(folder_ / "b.png").pixels, image.pixels);
  EXPECT_THAT(draw("c.png", {"a dog", "--image", "cat.png"}, "variations").err,
              HasSubstr("the prompt is not read: the picture takes its place"));
}

TEST_F(Kandinsky, HandsOverWhatWasImagined) {
  ASSERT_TRUE(succeeded(draw(
      "a.png", {"a cat", "--prior-steps", "3", "--image-embeds-out", "e.safetensors", "-n", "2"})));
  ASSERT_TRUE(succeeded(draw("b.png", {"--image-embeds-in", "e.safetensors", "-n", "2"})));
  EXPECT_EQ(this->receipt("b-0.png")["image_embeds_in"], "from a file");
  EXPECT_FALSE(this->receipt("b-0.png")["model"].contains("prior"));
  EXPECT_THAT(again("replay", "b-0.png", {"-o", "c.png"}).err,
              HasSubstr("--image-embeds-in is needed"));
}

TEST_F(Kandinsky, PaintsWhatAPictureGrowsBy) {
  write_image(folder_ / "in64.png", scene(64, 64), {});
  const Image image =
      drawn("a.png", {"a cat", "--image", "in64.png", "--extend", "left=64", "--prior-steps", "3"},
            "inpaint", kDecoder + "-inpaint");
  EXPECT_EQ(image.width, 128);
}

TEST_F(Kandinsky, FollowsAControlPicture) {
  const std::string model = kModels + "tiny-kandinsky-2-2-controlnet-depth";
  drawn("a.png",
        {"a cat", "--control-image", "cat.png", "--prior-steps", "3", "--save-control", "c.png"},
        "txt2img", model);
  EXPECT_EQ(read_image(folder_ / "c.png").pixels, scene(80, 64).pixels);
  EXPECT_EQ(this->receipt("a.png")["control_image"][0]["width"], 80);
  const Outcome replayed =
      ask({"replay", "a.png", "-m", model, "-o", "b.png", "--control-image", "cat.png"});
  ASSERT_TRUE(succeeded(replayed));
  EXPECT_EQ(read_image(folder_ / "b.png").pixels, read_image(folder_ / "a.png").pixels);
  const Outcome none = draw("b.png", {"a cat"}, "txt2img", model);
  EXPECT_EQ(none.exit_code, 2);
  EXPECT_THAT(none.err, HasSubstr("--control-image is needed"));
}

TEST_F(Kandinsky, IsMadeByJobsOfAllKinds) {
  std::ofstream(folder_ / "jobs.jsonl")
      << R"({"prompt": "a cat", "prior_steps": 3, "output": "one.png"}
{"prompt": "a dog", "prior_steps": 4, "negative_prompt": "red", "output": "two.png"}
{"mix": ["a cat:0.5", "cat.png:0.5"], "prior_steps": 3, "output": "three.png"}
{"task": "variations", "image": "cat.png", "output": "four.png"}
)";
  const Outcome outcome = ask({"batch", "--from-file", "jobs.jsonl", "-m", kDecoder, "--steps", "2",
                               "--seed", "5", "--batch-size", "4"});
  ASSERT_TRUE(succeeded(outcome));
  const auto pixels = [&](const char* name) { return read_image(folder_ / name).pixels; };
  EXPECT_NE(pixels("one.png"), pixels("two.png"));
  EXPECT_EQ(drawn("a.png", {"--mix", "a cat:0.5", "--mix", "cat.png:0.5", "--prior-steps", "3",
                            "--seed", this->receipt("three.png")["seed"].dump()})
                .pixels,
            pixels("three.png"));
}

struct Refusal {
  std::vector<std::string> words;
  int exit_code;
  std::string message;
};

TEST_F(Kandinsky, RefusesInOneLineBeforeAnythingIsLoaded) {
  const std::string prior = kModels + "tiny-kandinsky-2-2-prior";
  const std::vector<Refusal> all{
      {{"txt2img", "a", "-m", prior}, 3, "give it as --prior beside a model of Kandinsky 2.2"},
      {{"txt2img", "a", "-m", kDecoder, "--prior", kModels + "tiny-kandinsky-2-1-prior"},
       3,
       "this model takes that of a KandinskyV22PriorPipeline"},
      {{"txt2img", "a", "-m", kModels + "tiny", "--prior", prior}, 2, "draws without one"},
      {{"txt2img", "a", "-m", kDecoder, "--vae", kModels + "tiny/vae"}, 2, "has a MoVQ"},
      {{"txt2img", "a", "-m", kModels + "tiny", "--image-embeds-out", "e.safetensors"},
       2,
       "--image-embeds-out: this model has no use for it"},
      {{"txt2img", "a", "-m", kModels + "tiny", "--mix", "b"},
       2,
       "--mix: this model has no use for it"},
      {{"variations", "--image", "cat.png", "-m", kModels + "tiny"}, 2, "sees no pictures"},
      {{"txt2img", "-m", kDecoder, "--mix", "nothing.png"}, 3, "nothing.png: there is no such"},
      {{"txt2img", "-m", kDecoder, "--mix", ":0.5"}, 2, "--mix"},
      {{"txt2img", "a", "-m", kDecoder, "--image-embeds-in", "cat.png"}, 3, "cat.png"},
      {{"txt2img", "a", "-m", kDecoder, "--sampler", "euler"}, 2, "--sampler euler: this model is"},
      {{"txt2img", "a", "-m", kDecoder, "-W", "520"}, 2, "512 and 576 are the nearest"},
      {{"txt2img", "a", "-m", kDecoder, "--negative-prompt-2", "b", "--negative-prompt", "c"},
       2,
       "--negative-prompt-2: this model has no use for it"},
      {{"depth2img", "a", "-m", kDecoder, "--image", "cat.png"}, 2, "it is an ordinary model"},
      {{"convert", kDecoder, "-o", "x.safetensors"}, 2, "no layout but diffusers'"},
  };
  for (const auto& [words, exit_code, message] : all) {
    const Outcome outcome = ask_plainly(words);
    EXPECT_EQ(outcome.exit_code, exit_code) << outcome.err;
    EXPECT_THAT(outcome.err, HasSubstr(message));
    EXPECT_EQ(std::ranges::count(outcome.err, '\n'), 1) << outcome.err;
  }
}

TEST_F(Kandinsky, MayHaveItsPriorInItsOwnFolder) {
  namespace fs = std::filesystem;
  const std::string prior = kModels + "tiny-kandinsky-2-2-prior";
  auto index = nlohmann::json::parse(file_text(kDecoder + "/model_index.json"));
  const auto of_prior = nlohmann::json::parse(file_text(prior + "/model_index.json"));
  index["_class_name"] = "KandinskyV22CombinedPipeline";
  fs::create_directory(folder_ / "both");
  for (const char* role : {"unet", "movq", "scheduler"})
    fs::create_directory_symlink(kDecoder + "/" + role, folder_ / ("both/" + std::string(role)));
  for (const auto& [role, value] : of_prior.items()) {
    if (role.starts_with('_')) continue;
    index["prior_" + role] = value;
    fs::create_directory_symlink(prior + "/" + role, folder_ / ("both/prior_" + role));
  }
  std::ofstream(folder_ / "both/model_index.json") << index;
  const Image image = drawn("a.png", {"a cat", "--prior-steps", "3"});
  EXPECT_EQ(drawn("b.png", {"a cat", "--prior-steps", "3"}, "txt2img", "both").pixels,
            image.pixels);
  EXPECT_FALSE(this->receipt("b.png")["model"].contains("prior"));
  EXPECT_TRUE(succeeded(ask({"replay", "b.png", "-o", "c.png"})));
  ASSERT_TRUE(succeeded(ask_plainly({"convert", "both", "-o", "again"})));
  EXPECT_EQ(drawn("d.png", {"a cat", "--prior-steps", "3"}, "txt2img", "again").pixels,
            image.pixels);
}

TEST_F(Kandinsky, IsToldOfByInfoAndConverted) {
  const Outcome told = ask_plainly({"info", kDecoder});
  EXPECT_THAT(told.out, HasSubstr("prior         " + kModels + "tiny-kandinsky-2-2-prior"));
  EXPECT_THAT(told.out, HasSubstr("movq"));
  EXPECT_THAT(told.out, HasSubstr("peak memory"));
  const Outcome prior = ask_plainly({"info", kModels + "tiny-kandinsky-2-1-prior"});
  EXPECT_THAT(prior.out, HasSubstr("unclip (UnCLIPScheduler)"));
  EXPECT_THAT(prior.out, Not(HasSubstr("missing")));
  for (const std::string name : {"tiny-kandinsky-2-1", "tiny-kandinsky-2-1-prior"})
    ASSERT_TRUE(
        succeeded(ask_plainly({"convert", kModels + name, "-o", name, "--dtype", "float32"})));
  const Image image = drawn("a.png", {"красный круг", "--prior-steps", "3"}, "txt2img",
                            kModels + "tiny-kandinsky-2-1");
  EXPECT_EQ(drawn("b.png", {"красный круг", "--prior-steps", "3"}, "txt2img", "tiny-kandinsky-2-1")
                .pixels,
            image.pixels);
}

}  // namespace
}  // namespace velatura::testing
