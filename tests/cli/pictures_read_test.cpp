#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/picture_command.h"

// Pictures that can be read although something is to be said of them.
namespace velatura::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class PicturesRead : public PictureCommand {
 protected:
  PicturesRead() { write_text(folder_ / "followed.png", file_text(folder_ / "in.png") + "PK"); }

  static std::vector<std::string> warnings(const Outcome& outcome) {
    std::vector<std::string> found;
    for (const std::string& line : lines(outcome.err)) {
      if (line.starts_with("velatura: warning: ")) found.push_back(line);
    }
    return found;
  }

  const std::string kWarning =
      "velatura: warning: followed.png: the PNG is followed by 2 bytes that are not part of it";
};

TEST_F(PicturesRead, AreWarnedOfAndUsed) {
  const Image expected = picture("img2img", {"--image", "in.png"});
  const Outcome outcome = run("img2img", {"--image", "followed.png", "-o", "other.png"});
  ASSERT_TRUE(succeeded(outcome));
  EXPECT_THAT(warnings(outcome), ElementsAre(kWarning));
  EXPECT_EQ(read_image(folder_ / "other.png").pixels, expected.pixels);
  EXPECT_THAT(run("img2img", {"--image", "followed.png", "-q", "-o", "other.png"}).err, IsEmpty());
}

TEST_F(PicturesRead, AreWarnedOfOnceInABatch) {
  write_text(folder_ / "jobs.txt",
             R"({"prompt": "a", "init_images": ["followed.png"], "denoising_strength": 0.7})"
             "\n"
             R"({"prompt": "b", "init_images": ["followed.png"], "denoising_strength": 0.7})"
             "\n");
  const Outcome outcome = run_velatura(
      {.arguments = {"batch", "--from-file", "jobs.txt", "-m", VELATURA_FIXTURES "/models/tiny",
                     "--steps", "3", "--device", "cpu", "-o", "out/"},
       .folder = folder_.path()});
  ASSERT_TRUE(succeeded(outcome));
  EXPECT_THAT(warnings(outcome), ElementsAre(kWarning));
}

TEST_F(PicturesRead, MayChangeTheirSizeWhichIsSaidOnce) {
  write_image(folder_ / "odd.png", scene(30, 21), {});
  const Outcome outcome = run("img2img", {"--image", "odd.png", "-n", "2", "-o", "out.png"});
  ASSERT_TRUE(succeeded(outcome));
  EXPECT_THAT(warnings(outcome),
              ElementsAre(HasSubstr("the picture changes from 30x21 to 24x16 pixels")));
  write_text(folder_ / "jobs.txt", "a --image odd.png\nb --image odd.png\n");
  const Outcome batch = run_velatura(
      {.arguments = {"batch", "--from-file", "jobs.txt", "-m", VELATURA_FIXTURES "/models/tiny",
                     "--steps", "3", "--device", "cpu", "-o", "out/"},
       .folder = folder_.path()});
  ASSERT_TRUE(succeeded(batch));
  EXPECT_THAT(warnings(batch), ElementsAre(HasSubstr("from 30x21 to 24x16 pixels")));
}

}  // namespace
}  // namespace velatura::testing
