#include <gmock/gmock.h>

#include <csignal>

#include "cli/receipted_picture.h"

namespace velatura::testing {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class Verify : public ReceiptedPicture {
 protected:
  Outcome verify(const std::vector<std::string>& options) const {
    return of_receipt("verify", options);
  }
  // Moves one channel of the first pixel by so many levels.
  Image edited(int levels) const {
    Image image = read_image(folder_ / "out.png");
    auto& value = image.pixels[0];
    value = static_cast<std::uint8_t>(value > 127 ? value - levels : value + levels);
    return image;
  }
  void edit(int levels) const {
    write_image(folder_ / "out.png", edited(levels), read_metadata(folder_ / "out.png"));
  }
};

TEST_F(Verify, PicturesOfAllTasksAreEqual) {
  const std::vector<std::vector<std::string>> tasks = {
      {"txt2img"},
      {"img2img", "--image", "in.png"},
      {"inpaint", "--image", "in.png", "--mask", "mask.png"},
      {"depth2img", "--image", "in.png", "--depth-map", "depth.png"},
      {"upscale", "--image", "in.png"}};
  for (const auto& task : tasks) {
    std::vector<std::string> files(task.begin() + 1, task.end());
    picture(task[0], files);
    files.insert(files.begin(), "out.png");
    const Outcome outcome = verify(files);
    EXPECT_TRUE(succeeded(outcome)) << task[0];
    EXPECT_EQ(outcome.out, "out.png: equal\n") << task[0];
  }
}

// Kernels of fewer instructions stand for those of another processor.
TEST_F(Verify, APictureOfAnotherProcessorIsWithinTolerance) {
  for (const char* dtype : {"float32", "float16", "bfloat16"}) {
    picture("txt2img", {"--dtype", dtype, "--sampler", "pndm", "--steps", "8"});
    const Outcome outcome = of_receipt(
        "verify", {"out.png"}, {{"ATEN_CPU_CAPABILITY", "avx2"}, {"ONEDNN_MAX_CPU_ISA", "AVX2"}});
    EXPECT_TRUE(succeeded(outcome)) << dtype;
    EXPECT_THAT(outcome.out,
                ::testing::AnyOf("out.png: equal\n", HasSubstr("out.png: within tolerance")))
        << dtype;
  }
}

TEST_F(Verify, ManyPicturesHaveALineEach) {
  ASSERT_TRUE(succeeded(run("txt2img", {"-n", "2", "-o", "a.png"})));
  ASSERT_TRUE(succeeded(run("txt2img", {"--dtype", "bfloat16", "-o", "b.png"})));
  picture("img2img", {"--image", "in.png"});
  const Outcome outcome = verify({"a-0.png", "in.png", "gone.png", "a-1.png", "b.png", "out.png"});
  EXPECT_EQ(outcome.exit_code, 4);
  EXPECT_THAT(lines(outcome.out),
              ElementsAre("a-0.png: equal", HasSubstr("in.png: it does not say how"),
                          "a-1.png: equal", "b.png: equal"));
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("gone.png"), HasSubstr("out.png: --image is needed"),
                                 HasSubstr("3 of 6 pictures not verified")));
}

TEST_F(Verify, SheetsAreLeftOutAndSaid) {
  ASSERT_TRUE(succeeded(run("txt2img", {"-n", "2", "--grid", "-o", "made/"})));
  const Outcome outcome = verify({"made/"});
  EXPECT_TRUE(succeeded(outcome));
  const std::vector<std::string> said = lines(outcome.out);
  ASSERT_EQ(said.size(), 3u) << outcome.out;
  EXPECT_THAT(said[0], AllOf(HasSubstr("made/"), HasSubstr(": equal")));
  EXPECT_THAT(said[1], AllOf(HasSubstr("made/"), HasSubstr(": equal")));
  EXPECT_EQ(said[2],
            "made/grid-5.png: skipped: a sheet of 2 pictures, which are verified one by one");
  const json sheet = json::parse(lines(verify({"made/", "--json"}).out).back());
  EXPECT_EQ(sheet["verdict"], "skipped");
  EXPECT_EQ(sheet["reason"], "a sheet of 2 pictures, which are verified one by one");

  const Outcome alone = verify({"made/grid-5.png"});
  EXPECT_EQ(alone.exit_code, 4);
  EXPECT_THAT(alone.err, HasSubstr("nothing was verified"));
  const Outcome mixed = verify({"made/grid-5.png", "in.png"});
  EXPECT_EQ(mixed.exit_code, 4);
  EXPECT_THAT(mixed.err, HasSubstr("1 of 1 pictures not verified"));
}

TEST_F(Verify, TakesFoldersOfPictures) {
  ASSERT_TRUE(succeeded(run("txt2img", {"-n", "2", "-o", "made/a.png"})));
  write_text(folder_ / "made/notes.txt", "no picture");
  EXPECT_THAT(lines(verify({"made"}).out),
              ElementsAre("made/a-0.png: equal", "made/a-1.png: equal"));
  std::filesystem::create_directory(folder_ / "none");
  EXPECT_TRUE(failed_with(verify({"none"}), 3, {"none: there are no pictures in the folder"}));
}

TEST_F(Verify, SmallDifferencesAreWithinTolerance) {
  picture("txt2img", {});
  const Outcome outcome = verify({"out.png", "--dtype", "bfloat16", "--tolerance", "255"});
  EXPECT_TRUE(succeeded(outcome));
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("out.png: within tolerance by up to "),
                                 HasSubstr("; dtype float32 then, bfloat16 now")));
  const Outcome exact = verify({"out.png", "--dtype", "bfloat16", "--tolerance", "0"});
  EXPECT_EQ(exact.exit_code, 4);
  EXPECT_THAT(exact.out, HasSubstr("out.png: different by up to "));
}

TEST_F(Verify, TheLargestDifferenceDecides) {
  picture("txt2img", {});
  for (const int levels : {1, 2}) {
    edit(1);  // as another machine might have made it, and a second still farther
    rewrite([](json& receipt) { receipt.erase("pixels"); });
    const Outcome outcome = verify({"out.png"});
    EXPECT_EQ(outcome.exit_code, levels == 1 ? 0 : 4);
    EXPECT_THAT(outcome.out, HasSubstr(levels == 1 ? "within tolerance by up to 1 level, 0.000326"
                                                   : "different by up to 2 levels"));
  }
}

TEST_F(Verify, AnEditIsSaidAndHowFarItGoes) {
  picture("txt2img", {});
  edit(100);
  const Outcome outcome = verify({"out.png"});
  EXPECT_EQ(outcome.exit_code, 4);
  EXPECT_THAT(outcome.out, HasSubstr("out.png: edited since it was made; different by up to 100"));
  const Outcome tolerant = verify({"out.png", "--tolerance", "100"});
  EXPECT_EQ(tolerant.exit_code, 4);
  EXPECT_THAT(tolerant.out, HasSubstr("edited since it was made; within tolerance"));
  rewrite([](json& receipt) { receipt["model"]["name"] = "gone"; });
  EXPECT_THAT(verify({"out.png"}).out,
              AllOf(HasSubstr("out.png: edited since it was made; it cannot be made again: "),
                    HasSubstr("model gone")));
}

TEST_F(Verify, AnInterruptEndsIt) {
  picture("txt2img", {});
  edit(100);
  rewrite([](json& receipt) { receipt["steps"] = 500; });
  const Outcome outcome =
      run_velatura(on_terminal({.arguments = {"verify", "out.png", "--device", "cpu"},
                                .environment = models_by_name(),
                                .folder = folder_.path(),
                                .signal = SIGINT,
                                .signal_when = "denoising"}));
  EXPECT_EQ(outcome.exit_code, 130);
  EXPECT_EQ(outcome.out, "");
}

TEST_F(Verify, AnotherModelIsNamed) {
  picture("txt2img", {});
  const std::string hash = receipt()["model"]["sha256"];
  const Outcome outcome = verify({"out.png", "-m", another_tiny()});
  EXPECT_EQ(outcome.exit_code, 4);
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("out.png: different by up to "),
                                 HasSubstr("; model's sha256 " + hash + " then, ")));
}

TEST_F(Verify, AnotherVersionIsNamedWhereThePictureDiffers) {
  picture("txt2img", {});
  rewrite([](json& receipt) { receipt.update({{"velatura", "0.0.1"}, {"seed", 6}}); });
  EXPECT_THAT(verify({"out.png"}).out,
              AllOf(HasSubstr("different by"), HasSubstr("; velatura 0.0.1 then, "),
                    Not(HasSubstr("libtorch"))));
  rewrite([](json& receipt) { receipt["width"] = 40; });
  EXPECT_THAT(verify({"out.png"}).out, HasSubstr("different in size; velatura 0.0.1"));
}

TEST_F(Verify, WhatHasNoReceiptIsNotVerified) {
  EXPECT_EQ(verify({"in.png"}).out,
            "in.png: it does not say how it was made: its texts were removed, or velatura did not "
            "make it\n");
  EXPECT_TRUE(failed_with(of_receipt("replay", {"in.png"}), 3,
                          {"in.png: it does not say how it was made"}));
  write_image(folder_ / "ui.png", scene(32, 32),
              {.parameters = "a\nSteps: 2, Sampler: Euler, CFG scale: 3, Version: v1.10.1"});
  const Outcome outcome = verify({"ui.png"});
  EXPECT_EQ(outcome.exit_code, 4);
  EXPECT_EQ(outcome.out, "ui.png: made by a web UI v1.10.1: it can be replayed, not verified\n");
}

TEST_F(Verify, LossyFilesAreComparedAsTheyWouldBeWritten) {
  for (const std::string name : {"a.jpg", "a.webp"}) {
    ASSERT_TRUE(succeeded(run("txt2img", {"-o", name})));
    EXPECT_EQ(verify({name}).out, name + ": equal\n");
    const Metadata metadata = read_metadata(folder_ / name);
    write_image(folder_ / name, scene(32, 32), metadata);
    const Outcome outcome = verify({name});
    EXPECT_EQ(outcome.exit_code, 4);
    EXPECT_THAT(outcome.out, AllOf(HasSubstr(name + ": different by up to"),
                                   HasSubstr("it is JPEG or WebP, in which edits cannot be told")));
  }
}

TEST_F(Verify, JsonHasItAll) {
  picture("txt2img", {});
  const json equal = json::parse(verify({"out.png", "--json"}).out);
  EXPECT_EQ(equal, (json{{"path", "out.png"},
                         {"verdict", "equal"},
                         {"edited", false},
                         {"same_size", true},
                         {"largest_difference", 0},
                         {"mean_difference", 0.0},
                         {"changed", json::object()}}));
  edit(30);
  const json other = json::parse(verify({"out.png", "--json", "--dtype", "bfloat16"}).out);
  EXPECT_EQ(other["verdict"], "different");
  EXPECT_EQ(other["edited"], true);
  EXPECT_GE(other["largest_difference"], 30 - 20);
  EXPECT_EQ(other["changed"]["dtype"], (json{{"then", "float32"}, {"now", "bfloat16"}}));
  EXPECT_EQ(json::parse(verify({"in.png", "--json"}).out)["edited"], nullptr);
}

TEST_F(Verify, UnusableFilesAreErrorsAsEverywhere) {
  EXPECT_TRUE(failed_with(verify({"gone.png"}), 3, {"gone.png"}));
  write_text(folder_ / "text.png", "no picture");
  EXPECT_EQ(verify({"gone.png", "text.png"}).exit_code, 3);
  picture("img2img", {"--image", "in.png"});
  EXPECT_TRUE(failed_with(verify({"out.png"}), 2, {"out.png: --image is needed"}));
  EXPECT_EQ(verify({}).exit_code, 2);
}

}  // namespace
}  // namespace velatura::testing
