#include "cli/pictures/file_inputs.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "cli/batch/batch_lines.h"
#include "core/sha256.h"
#include "support/run_program.h"
#include "velatura/error.h"

namespace velatura::cli {
namespace {

using velatura::testing::file_text;
using velatura::testing::TemporaryFolder;
using velatura::testing::write_text;

TEST(FileInputs, ReadAFileOnce) {
  const TemporaryFolder folder;
  const std::string path = folder / "in.png";
  const Image picture{2, 1, {1, 2, 3, 4, 5, 6}};
  write_image(path, picture, {});
  const std::string hash = sha256(file_text(path));

  FileInputs inputs;
  EXPECT_EQ(inputs.image("image", path).pixels, picture.pixels);
  EXPECT_EQ(inputs.gray_image("mask", path).values.size(), 2u) << "a picture of another kind";
  std::filesystem::remove(path);
  EXPECT_EQ(inputs.image("image", path).pixels, picture.pixels);
  EXPECT_EQ(inputs.gray_image("mask", path).values.size(), 2u);
  EXPECT_EQ(inputs.sha256(path), hash);
  EXPECT_THROW(FileInputs().image("image", path), InputError);
}

TEST(FileInputs, AreReadOnceForALineOfManyPictures) {
  const TemporaryFolder folder;
  const std::string picture = folder / "in.png", model = VELATURA_FIXTURES "/models/tiny";
  write_image(picture, Image{8, 8, std::vector<std::uint8_t>(192)}, {});
  write_text(folder / "jobs.txt", "a cat --image " + picture + " --num-images 3 --d 5\n");
  BatchOptions options;
  options.from_file = folder / "jobs.txt";
  options.defaults = {{"model", model}};

  const CheckedLines lines = check_lines(options);
  ASSERT_EQ(lines.jobs.size(), 1u) << lines.errors.front().reason;
  std::filesystem::remove(picture);
  for (int index = 0; index < 3; ++index) {
    const PictureJob job = picture_job(options, lines.jobs[0], index, 7, *lines.inputs);
    EXPECT_EQ(std::get<ImageToImage>(job.request).image.width, 8);
    EXPECT_EQ(common(job.request).seed, 7u);
  }
}

}  // namespace
}  // namespace velatura::cli
