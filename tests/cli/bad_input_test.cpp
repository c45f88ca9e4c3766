#include <gtest/gtest.h>

#include <filesystem>
#include <ostream>

#include "cli/velatura.h"

// Whatever is wrong: the right exit code, one clear line on stderr, no output left behind.
namespace velatura::testing {
namespace {

namespace fs = std::filesystem;

struct BadOptions {
  std::vector<std::string> options;
  int exit_code;
  std::vector<std::string> message;
};

// Becomes part of the test's name.
void PrintTo(const BadOptions& bad, std::ostream* out) {
  for (const std::string& option : bad.options) *out << in_test_name(option) << ' ';
}

// txt2img in an empty folder, which stays empty.
Outcome tiny_leaving_nothing(const std::vector<std::string>& options) {
  const TemporaryFolder folder;
  Child run = tiny_run({"-o", "cat.png", "--latents-out", "cat.safetensors"});
  run.arguments.insert(run.arguments.end(), options.begin(), options.end());
  run.folder = folder.path();
  const Outcome outcome = run_velatura(run);
  EXPECT_EQ(folder.files(), std::vector<std::string>{});
  return outcome;
}

class BadOption : public ::testing::TestWithParam<BadOptions> {};

TEST_P(BadOption, IsReportedInOneLine) {
  EXPECT_TRUE(failed_with(tiny_leaving_nothing(GetParam().options), GetParam().exit_code,
                          GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Usage, BadOption,
    ::testing::Values(
        BadOptions{{"--stepz", "3"}, 2, {"unknown option --stepz", "did you mean '--steps'?"}},
        BadOptions{
            {"--guidence-scale=3"}, 2, {"unknown option --guidence-scale", "'--guidance-scale'"}},
        BadOptions{{"a", "cat"}, 2, {"unexpected argument 'a'", "quotes"}},
        BadOptions{{"--show", "kitty"}, 2, {"unexpected argument 'kitty'", "--show=kitty"}},
        BadOptions{
            {"--image", "a.png"}, 2, {"unknown option --image of txt2img", "img2img", "inpaint"}},
        BadOptions{{"--batch_count", "2"}, 2, {"unknown option --batch_count", "--num-images"}},
        BadOptions{{"--guidance", "2"}, 2, {"did you mean '--guidance-scale'?"}},
        BadOptions{{"--size", "64x64"}, 2, {"unknown option --size: --width and --height are"}},
        BadOptions{{"--xformers"}, 2, {"unknown option --xformers (see"}},
        BadOptions{{"--checkpoint", "2"}, 2, {"unknown option --checkpoint", "--model"}},
        BadOptions{{"--steps", "0"}, 2, {"--steps 0: expected a whole number from 1 to 1000"}},
        BadOptions{{"--steps", "ten"}, 2, {"--steps ten: expected a whole number"}},
        BadOptions{{"--steps", "1e2"}, 2, {"--steps 1e2: expected a whole number from 1 to 1000"}},
        BadOptions{{"--steps", "no", "--steps", "2"}, 2, {"--steps no: expected a whole number"}},
        BadOptions{{"--quiet=maybe"}, 2, {"--quiet maybe: expected true or false"}},
        BadOptions{{"--no-config=maybe"}, 2, {"--no-config maybe: expected true or false"}},
        BadOptions{{"--steps"}, 2, {"--steps: a value is missing"}},
        BadOptions{{"--guidance-scale", "nan"},
                   2,
                   {"--guidance-scale nan: expected a number from 0 to 1000"}},
        BadOptions{{"--eta", "1.5"}, 2, {"--eta"}},
        BadOptions{{"--seed", "-2"}, 2, {"--seed", "-1, 0 or more"}},
        BadOptions{{"--sampler", "eular"},
                   2,
                   {"--sampler eular: expected ddim, pndm, euler", "did you mean 'euler'?"}},
        BadOptions{{"--schedule", "caras"}, 2, {"--schedule caras: expected default, karras"}},
        BadOptions{{"--timestep-spacing", "trail"},
                   2,
                   {"--timestep-spacing trail: expected leading, trailing or linspace"}},
        BadOptions{{"--prediction", "noise"},
                   2,
                   {"--prediction noise: expected epsilon, v_prediction or sample"}},
        BadOptions{{"--dtype", "float8"}, 2, {"--dtype float8", "bfloat16"}},
        BadOptions{{"--device", "tpu"}, 2, {"--device tpu: expected auto, cpu, cuda or cuda:N"}},
        BadOptions{{"--threads", "-1"}, 2, {"--threads"}},
        BadOptions{{"--quiet", "--verbose"}, 2, {"--quiet and --verbose"}},
        BadOptions{{"--width", "30x"}, 2, {"--width"}},
        BadOptions{{"-W", "36"}, 2, {"36", "32", "40"}},
        BadOptions{{"-H", "36"}, 2, {"36", "32", "40"}},
        BadOptions{{"--prompt", "bad \xC3\x28 text"}, 2, {"PROMPT", "UTF-8"}},
        BadOptions{{"--negative-prompt", "\xFF"}, 2, {"--negative-prompt", "UTF-8"}},
        BadOptions{{"-o", "cat.gif"}, 2, {"--output cat.gif: expected a name that ends in .png"}},
        BadOptions{{"-o", "{sead}.png"}, 2, {"{sead}", "did you mean {seed}?"}},
        BadOptions{{"-o", "-", "-n", "2"}, 2, {"standard output", "2 were asked for"}},
        BadOptions{{"-o", "-", "--json"}, 2, {"--json"}}));

INSTANTIATE_TEST_SUITE_P(
    Output, BadOption,
    ::testing::Values(BadOptions{{"-o", "/proc/nowhere/cat.png"}, 6, {"/proc/nowhere"}},
                      BadOptions{{"-o", "/dev/null/cat.png"}, 6, {"/dev/null"}},
                      BadOptions{
                          {"--latents-out", "/proc/nowhere/l.safetensors"}, 6, {"/proc/nowhere"}}));

INSTANTIATE_TEST_SUITE_P(
    Input, BadOption,
    ::testing::Values(BadOptions{{"-m", "no-such-model"}, 3, {"no-such-model"}},
                      BadOptions{{"-m", "./no/such/model"}, 3, {"./no/such/model"}},
                      BadOptions{{"-m", VELATURA_PROGRAM}, 3, {VELATURA_PROGRAM}},
                      BadOptions{{"--vae", "/no/such/vae"}, 3, {"/no/such/vae"}},
                      BadOptions{{"--latents-in", "/no/such/file"},
                                 3,
                                 {"--latents-in /no/such/file: No such file"}},
                      BadOptions{{"--latents-in", VELATURA_FIXTURES
                                  "/models/tiny/vae/diffusion_pytorch_model.safetensors"},
                                 3,
                                 {"expected one tensor 'latents'"}},
                      BadOptions{{"--config", "/no/such/config"}, 3, {"/no/such/config"}}));

INSTANTIATE_TEST_SUITE_P(Device, BadOption,
                         ::testing::Values(BadOptions{
                             {"--device", "cuda:77"}, 5, {"--device cuda:77"}}));

// A copy of the tiny model with one thing broken.
class BrokenModel : public ::testing::Test {
 protected:
  BrokenModel() { fs::copy(kTinyModel, folder_ / "model", fs::copy_options::recursive); }

  std::string part(const std::string& name) const { return folder_ / ("model/" + name); }

  void replace(const std::string& name, const std::string& from, const std::string& to) const {
    std::string text = file_text(part(name));
    const std::size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos) << name << " has no " << from;
    write_text(part(name), text.replace(at, from.size(), to));
  }

  ::testing::AssertionResult refused(const std::vector<std::string>& message) const {
    return failed_with(tiny_leaving_nothing({"-m", folder_ / "model"}), 3, message);
  }

  TemporaryFolder folder_;
};

TEST_F(BrokenModel, UnbrokenItWorks) {
  EXPECT_TRUE(succeeded(tiny({"-m", folder_ / "model", "-o", folder_ / "cat.png"})));
}

TEST_F(BrokenModel, MissingComponent) {
  fs::remove_all(part("unet"));
  EXPECT_TRUE(refused({"unet"}));
}

TEST_F(BrokenModel, MissingWeights) {
  fs::remove(part("vae/diffusion_pytorch_model.safetensors"));
  EXPECT_TRUE(refused({"vae", "diffusion_pytorch_model.safetensors"}));
}

TEST_F(BrokenModel, BrokenJson) {
  replace("unet/config.json", "\"act_fn\":", "\"act_fn\"");
  EXPECT_TRUE(refused({"unet/config.json:4"}));
}

TEST_F(BrokenModel, UnsupportedSetting) {
  replace("unet/config.json", "\"resnet_time_scale_shift\": \"default\"",
          "\"resnet_time_scale_shift\": \"other\"");
  EXPECT_TRUE(refused({"unet/config.json", "resnet_time_scale_shift", "other"}));
}

TEST_F(BrokenModel, WrongShapes) {
  replace("unet/config.json", "\"cross_attention_dim\": 16", "\"cross_attention_dim\": 24");
  EXPECT_TRUE(refused({"unet"}));
}

TEST_F(BrokenModel, TruncatedWeights) {
  const std::string path = part("unet/diffusion_pytorch_model.safetensors");
  fs::resize_file(path, fs::file_size(path) - 4);
  EXPECT_TRUE(refused({"unet/diffusion_pytorch_model.safetensors"}));
}

TEST_F(BrokenModel, WeightsThatAreAWebPage) {
  write_text(part("unet/diffusion_pytorch_model.safetensors"),
             "<!DOCTYPE html><html>not found</html>");
  EXPECT_TRUE(refused({"unet/diffusion_pytorch_model.safetensors"}));
}

TEST_F(BrokenModel, UnknownScheduler) {
  replace("scheduler/scheduler_config.json", "PNDMScheduler", "NoSuchScheduler");
  EXPECT_TRUE(refused({"NoSuchScheduler"}));
}

}  // namespace
}  // namespace velatura::testing
