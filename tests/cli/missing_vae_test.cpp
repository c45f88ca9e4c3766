#include <gmock/gmock.h>

#include <filesystem>

#include "cli/picture_command.h"

namespace velatura::testing {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::string kHowTo = "m: the model has no VAE: give one with --vae FILE";

/// The tiny model without its VAE, in a folder `m`.
class MissingVae : public ::testing::Test {
 protected:
  MissingVae() {
    fs::copy(kTinyModel, folder_ / "m", fs::copy_options::recursive);
    fs::remove_all(folder_ / "m/vae");
  }

  Outcome run(std::vector<std::string> arguments) const {
    return run_velatura({.arguments = std::move(arguments), .folder = folder_.path()});
  }
  Outcome picture(const std::string& model, const std::vector<std::string>& more) const {
    std::vector<std::string> arguments{"txt2img", "x",      "-m", model,      "--steps",
                                       "1",       "--seed", "5",  "--device", "cpu"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run(arguments);
  }

  TemporaryFolder folder_;
};

TEST_F(MissingVae, IsSaidWithWhatToDo) {
  EXPECT_TRUE(failed_with(picture("m", {"-o", "a.png"}), 3, {kHowTo}));
  EXPECT_FALSE(fs::exists(folder_ / "a.png"));
}

TEST_F(MissingVae, CanBeGiven) {
  ASSERT_TRUE(succeeded(picture("m", {"--vae", kTinyModel, "-o", "a.png"})));
  ASSERT_TRUE(succeeded(picture(kTinyModel, {"-o", "b.png"})));
  EXPECT_EQ(read_image(folder_ / "a.png").pixels, read_image(folder_ / "b.png").pixels);
  const auto receipt = json::parse(read_metadata(folder_ / "a.png").receipt);
  EXPECT_EQ(receipt.at("model").at("vae"), "tiny");
}

TEST_F(MissingVae, IsFoundBeforeABatchBegins) {
  write_text(folder_ / "jobs.txt", "a red circle\n\na blue star\n");
  const Outcome outcome =
      run({"batch", "jobs.txt", "-m", "m", "--steps", "1", "--device", "cpu", "-o", "out/"});
  EXPECT_EQ(outcome.exit_code, 3);
  EXPECT_THAT(lines(outcome.err),
              ElementsAre("velatura: jobs.txt:1: " + kHowTo, "velatura: jobs.txt:3: " + kHowTo,
                          HasSubstr("2 lines cannot be made")));
  EXPECT_TRUE(succeeded(run({"batch", "jobs.txt", "-m", "m", "--vae", kTinyModel, "--steps", "1",
                             "--device", "cpu", "-o", "out/"})));
}

TEST_F(MissingVae, IsSaidByInfo) {
  const Outcome text = run({"info", "m"});
  ASSERT_TRUE(succeeded(text));
  EXPECT_THAT(text.out, HasSubstr("missing: give one with --vae FILE"));
  EXPECT_THAT(json::parse(run({"info", "m", "--json"}).out).at("missing"), ElementsAre("vae"));
  EXPECT_TRUE(json::parse(run({"info", kTinyModel, "--json"}).out).at("missing").empty());
}

}  // namespace
}  // namespace velatura::testing
