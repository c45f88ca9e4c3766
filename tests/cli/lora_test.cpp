#include <gmock/gmock.h>

#include <filesystem>

#include "cli/receipted_picture.h"
#include "support/sparse_safetensors.h"

namespace velatura::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string kAdapters = VELATURA_FIXTURES "/adapters/";

/// Commands with LoRAs; two lie in the folder `loras` of theirs.
class Loras : public ReceiptedPicture {
 protected:
  Loras() {
    fs::create_directories(folder_.path() / "loras");
    for (const char* name : {"kohya", "loha"})
      fs::copy(kAdapters + name + ".safetensors",
               folder_.path() / "loras" / (std::string(name) + ".safetensors"));
  }
  Outcome txt2img(std::vector<std::string> options) const {
    options.insert(options.begin(), {"a red circle", "-m", "tiny", "--steps", "2", "--seed", "5"});
    return of_receipt("txt2img", options);
  }
  Image made(std::vector<std::string> options) const {
    options.insert(options.end(), {"-o", "out.png"});
    EXPECT_TRUE(succeeded(txt2img(options)));
    return read_image(folder_ / "out.png");
  }
};

TEST_F(Loras, ChangeThePictureByTheirScale) {
  const auto plain = made({}).pixels;
  const auto with = made({"--lora", kAdapters + "kohya.safetensors"}).pixels;
  EXPECT_NE(with, plain);
  EXPECT_EQ(made({"--lora", kAdapters + "kohya.safetensors:1:1"}).pixels, with);
  EXPECT_NE(made({"--lora", kAdapters + "kohya.safetensors:0.5"}).pixels, with);
  EXPECT_EQ(made({"--lora", kAdapters + "kohya.safetensors:0"}).pixels, plain);
  EXPECT_EQ(made({"--lora", "kohya", "--lora-dir", "loras"}).pixels, with);
}

TEST_F(Loras, AreReadFromWebUisPrompts) {
  const auto with = made({"--lora", "loras/kohya.safetensors:0.5:1.5", "--lora",
                          "loras/loha.safetensors", "--prompt-syntax", "webui"});
  const Outcome outcome =
      of_receipt("txt2img", {"a red circle<lora:kohya:1.5:0.5><lora:loha>", "-m", "tiny", "--steps",
                             "2", "--seed", "5", "--prompt-syntax", "webui", "--lora-dir", "loras",
                             "-o", "other.png"});
  ASSERT_TRUE(succeeded(outcome));
  EXPECT_EQ(read_image(folder_ / "other.png").pixels, with.pixels);
  EXPECT_EQ(receipt("other.png"), receipt("out.png"));
}

TEST_F(Loras, StandInReceiptsAndParameters) {
  made({"--lora", "loras/kohya.safetensors:0.5:1.5@down=0.5"});
  EXPECT_EQ(receipt()["lora"][0], "kohya.safetensors:0.5:1.5@down=0.5,mid=1,up=1");
  EXPECT_EQ(receipt()["adapters"]["kohya.safetensors"].get<std::string>().size(), 64u);
  const std::string parameters = read_metadata(folder_ / "out.png").parameters;
  EXPECT_THAT(parameters, AllOf(HasSubstr("a red circle <lora:kohya:1.5:0.5>"),
                                HasSubstr("Lora hashes: \"kohya: ")));
}

TEST_F(Loras, AreFoundAgainByNameOrHash) {
  const Image first = made({"--lora", "loras/kohya.safetensors:0.7"});
  const auto replay = [&](std::vector<std::string> options) {
    options.insert(options.begin(), {"out.png", "-o", "again.png"});
    return of_receipt("replay", options);
  };
  EXPECT_TRUE(failed_with(replay({}), 2, {"kohya.safetensors", "--lora"}));
  ASSERT_TRUE(succeeded(replay({"--lora-dir", "loras"})));
  EXPECT_EQ(read_image(folder_ / "again.png").pixels, first.pixels);
  fs::rename(folder_ / "loras/kohya.safetensors", folder_ / "loras/renamed.safetensors");
  const Outcome renamed = replay({"--lora-dir", "loras"});
  ASSERT_TRUE(succeeded(renamed));
  EXPECT_THAT(renamed.err, Not(HasSubstr("warning")));
  EXPECT_EQ(read_image(folder_ / "again.png").pixels, first.pixels);
  EXPECT_TRUE(succeeded(of_receipt("verify", {"out.png", "--lora-dir", "loras"})));
}

TEST_F(Loras, OfOneNameAreToldApartByHash) {
  for (const char* folder : {"loras/a", "loras/b"}) fs::create_directories(folder_.path() / folder);
  fs::rename(folder_ / "loras/kohya.safetensors", folder_ / "loras/a/style.safetensors");
  fs::rename(folder_ / "loras/loha.safetensors", folder_ / "loras/b/style.safetensors");
  const Image first =
      made({"--lora", "loras/b/style.safetensors:0.5", "--lora", "loras/a/style.safetensors:0.7"});
  EXPECT_EQ(receipt()["adapters"]["style.safetensors"].size(), 2u);
  const std::vector<std::string> again{"out.png", "-o", "again.png", "--lora-dir", "loras"};
  ASSERT_TRUE(succeeded(of_receipt("replay", again)));
  EXPECT_EQ(read_image(folder_ / "again.png").pixels, first.pixels);
}

TEST_F(Loras, OfAnotherNameAreSuggested) {
  EXPECT_TRUE(failed_with(txt2img({"--lora", "outlins"}), 3,
                          {"LoRA outlins: no such file or folder", "did you mean 'outlines'?"}));
  EXPECT_TRUE(failed_with(of_receipt("txt2img", {"a", "-m", kAdapters + "kohya.safetensors"}), 3,
                          {"a LoRA, not a model of its own", "--lora takes such a file"}));
}

TEST_F(Loras, ThatDoNotFitAreRefusedBeforeAnythingIsLoaded) {
  write_sparse_safetensors(folder_ / "bad.safetensors",
                           {{"lora_unet_nowhere.lora_up.weight", {4, 2}},
                            {"lora_unet_elsewhere.lora_up.weight", {4, 2}}});
  EXPECT_TRUE(failed_with(txt2img({"--lora", "bad.safetensors", "-o", "out.png"}), 3,
                          {"bad.safetensors", "lora_unet_nowhere.lora_up.weight",
                           "lora_unet_elsewhere.lora_up.weight"}));
  EXPECT_FALSE(fs::exists(folder_ / "out.png"));
  EXPECT_TRUE(failed_with(txt2img({"--lora", "absent", "--lora-dir", "loras"}), 3,
                          {"LoRA absent", "loras"}));
  write_text(folder_ / "jobs.txt", "a cat --lora bad.safetensors\n");
  const Outcome dry = of_receipt("batch", {"--from-file", "jobs.txt", "--dry-run", "-m", "tiny"});
  EXPECT_EQ(dry.exit_code, 3);
  EXPECT_THAT(dry.err, HasSubstr("lora_unet_nowhere.lora_up.weight"));
}

TEST_F(Loras, OfABatchAreEachWhatTheyAreAlone) {
  write_text(folder_ / "jobs.jsonl",
             R"({"prompt": "a red circle", "lora": ["kohya:0.5"], "seed": 5})"
             "\n"
             R"({"prompt": "a red circle", "seed": 5})"
             "\n"
             R"({"prompt": "a red circle", "lora": ["kohya:0.5", "loha"], "seed": 5})"
             "\n"
             R"({"prompt": "a red circle", "lora": ["kohya:0.5"], "seed": 5, "steps": 3})"
             "\n");
  ASSERT_TRUE(succeeded(
      of_receipt("batch", {"--from-file", "jobs.jsonl", "-m", "tiny", "--steps", "2", "--lora-dir",
                           "loras", "--batch-size", "4", "-o", "b{seq:01}.png"})));
  EXPECT_EQ(read_image(folder_ / "b0.png").pixels,
            made({"--lora", "loras/kohya.safetensors:0.5"}).pixels);
  EXPECT_EQ(read_image(folder_ / "b1.png").pixels, made({}).pixels);
  EXPECT_EQ(
      read_image(folder_ / "b2.png").pixels,
      made({"--lora", "loras/kohya.safetensors:0.5", "--lora", "loras/loha.safetensors"}).pixels);
}

}  // namespace
}  // namespace velatura::testing
