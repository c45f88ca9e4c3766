// Seeds have 64 bits, wherever they come from.

#include <gmock/gmock.h>

#include "cli/receipted_picture.h"

namespace velatura::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* kLargest = "18446744073709551615";
constexpr std::uint64_t kLargestSeed = 18446744073709551615u;

class Seeds : public ReceiptedPicture {};

TEST_F(Seeds, GoFromTheOptionIntoThePictureAndBack) {
  const Outcome outcome = run("txt2img", {"--seed", kLargest, "--json", "-o", "out.png"});
  ASSERT_TRUE(succeeded(outcome));
  EXPECT_THAT(outcome.out, HasSubstr("\"seed\":18446744073709551615,"));
  EXPECT_EQ(receipt()["seed"], kLargestSeed);
  ASSERT_TRUE(succeeded(of_receipt("replay", {"out.png", "-o", "again.png"})));
  EXPECT_EQ(read_image(folder_ / "again.png").pixels, read_image(folder_ / "out.png").pixels);
  EXPECT_THAT(of_receipt("verify", {"out.png"}).out, HasSubstr("out.png: equal"));
}

TEST_F(Seeds, GrowBeyond63BitsAndNotBeyond64) {
  ASSERT_TRUE(succeeded(run("txt2img", {"--seed", "9223372036854775807", "-n", "2", "-o", "a/"})));
  EXPECT_EQ(receipt("a/00001-9223372036854775808.png")["seed"], 9223372036854775808u);
  EXPECT_TRUE(failed_with(run("txt2img", {"--seed", kLargest, "-n", "2", "-o", "b/"}), 2,
                          {"--seed 18446744073709551615", "2 pictures"}));
}

TEST_F(Seeds, AreWholeNumbers) {
  for (const std::string seed : {"", "1.5", "-2", "18446744073709551616", "seven", "1e3"}) {
    const std::string shown = seed.empty() ? "''" : seed;
    EXPECT_TRUE(failed_with(run("txt2img", {"--seed", seed, "-o", "a.png"}), 2,
                            {"--seed " + shown + ": expected", kLargest}));
  }
}

TEST_F(Seeds, ComeFromAConfigFile) {
  write_text(folder_ / "c.toml", "[txt2img]\nseed = \"18446744073709551615\"\n");
  Child child{.arguments = {"txt2img", "a", "-m", kTinyModel, "--steps", "1", "--config", "c.toml",
                            "-o", "out.png"},
              .folder = folder_.path()};
  ASSERT_TRUE(succeeded(run_velatura(child)));
  EXPECT_EQ(receipt()["seed"], kLargestSeed);
  // TOML's own integers end at 2^63 - 1.
  write_text(folder_ / "c.toml", "[txt2img]\nseed = 18446744073709551615\n");
  EXPECT_TRUE(failed_with(run_velatura(child), 2, {"c.toml:2"}));
}

TEST_F(Seeds, ComeFromJobLines) {
  const auto batch = [this](const std::string& jobs) {
    write_text(folder_ / "jobs.jsonl", jobs);
    return run_velatura(
        {.arguments = {"batch", "jobs.jsonl", "-m", kTinyModel, "--steps", "1", "-q", "-o", "out/"},
         .folder = folder_.path()});
  };
  const Outcome outcome = batch(
      "{\"prompt\": \"a\", \"seed\": 18446744073709551615}\n{\"prompt\": \"a\", \"seed\": 1e3}\n"
      "{\"prompt\": \"a\", \"seed\": \"7\"}\n");
  ASSERT_TRUE(succeeded(outcome));
  EXPECT_THAT(lines(outcome.out), ElementsAre("out/00000-18446744073709551615.png",
                                              "out/00001-1000.png", "out/00002-7.png"));
  const Outcome refused = batch(
      "{\"prompt\": \"a\", \"seed\": 18446744073709551616}\n{\"prompt\": \"a\", \"seed\": 1.5}\n"
      "{\"prompt\": \"a\", \"seed\": \"\"}\n{\"prompt\": \"a\", \"seed\": -2}\n"
      "{\"prompt\": \"a\", \"seed\": 9007199254740993.0}\n{\"prompt\": \"a\", \"seed\": true}\n"
      "{\"prompt\": \"a\", \"seed\": 18446744073709551615, \"n_iter\": 2}\n");
  EXPECT_EQ(refused.exit_code, 3);
  for (int line = 1; line <= 7; ++line) {
    EXPECT_THAT(refused.err, HasSubstr("jobs.jsonl:" + std::to_string(line) + ": --seed"));
  }
}

TEST_F(Seeds, ThatThePictureTellsAreNotReplaced) {
  picture("txt2img", {});
  rewrite([](nlohmann::json& receipt) { receipt["seed"] = 1.5; });
  EXPECT_TRUE(failed_with(of_receipt("replay", {"out.png", "-o", "again.png"}), 2,
                          {"out.png: --seed must be given", "1.5"}));
  EXPECT_TRUE(succeeded(of_receipt("replay", {"out.png", "--seed", "5", "-o", "again.png"})));
}

}  // namespace
}  // namespace velatura::testing
