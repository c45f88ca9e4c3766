#include "cli/pictures/latents_file.h"

#include <ATen/ops/zeros.h>
#include <gmock/gmock.h>

#include "support/run_program.h"
#include "velatura/error.h"
#include "weights/write/write_safetensors.h"

namespace velatura::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;
using velatura::testing::TemporaryFolder;

TEST(LatentsFile, ReadsBackWhatItWrites) {
  const TemporaryFolder folder;
  Latents written{{2, 3, 4, 5}, {}};
  for (int i = 0; i < 2 * 3 * 4 * 5; ++i)
    written.values.push_back(0.37f * static_cast<float>(i) - 9.0f);
  write_latents(folder / "l.safetensors", written);
  const Latents read = read_latents(folder / "l.safetensors");
  EXPECT_EQ(read.shape, written.shape);
  EXPECT_EQ(read.values, written.values);
}

TEST(LatentsFile, RefusesAnythingElse) {
  const TemporaryFolder folder;
  const std::string path = folder / "l.safetensors";
  const auto refused = [&](const std::map<std::string, at::Tensor>& tensors,
                           const std::string& found) {
    weights::write_safetensors(path, tensors);
    EXPECT_THAT(
        [&] { read_latents(path); },
        ThrowsMessage<InputError>(AllOf(HasSubstr(path), HasSubstr("expected one tensor 'latents'"),
                                        HasSubstr("found " + found))));
  };
  refused({{"noise", at::zeros({1, 4, 2, 2})}}, "'noise'");
  refused({{"latents", at::zeros({4, 2, 2})}}, "[4, 2, 2]");
  refused({{"latents", at::zeros({1, 4, 2, 2}, at::kHalf)}}, "float16");
  refused({{"latents", at::zeros({1, 4, 2, 2})}, {"more", at::zeros({1})}}, "2 tensors");
}

TEST(ImageEmbedsFile, ReadsBackWhatItWrites) {
  const TemporaryFolder folder;
  ImageEmbeds written{{2, 3}, {1, 2, 3, 4, 5, 6}};
  for (const auto& negative : {std::vector<float>(), std::vector<float>{6, 5, 4, 3, 2, 1}}) {
    written.negative = negative;
    write_image_embeds(folder / "e.safetensors", written);
    const ImageEmbeds read = read_image_embeds(folder / "e.safetensors");
    EXPECT_EQ(read.shape, written.shape);
    EXPECT_EQ(read.values, written.values);
    EXPECT_EQ(read.negative, negative);
  }
}

TEST(ImageEmbedsFile, RefusesAnythingElse) {
  const TemporaryFolder folder;
  const std::string path = folder / "e.safetensors";
  const auto refused = [&](const std::map<std::string, at::Tensor>& tensors,
                           const std::string& found) {
    weights::write_safetensors(path, tensors);
    EXPECT_THAT([&] { read_image_embeds(path); },
                ThrowsMessage<InputError>(AllOf(HasSubstr(path),
                                                HasSubstr("expected tensors 'image_embeds'"),
                                                HasSubstr("found " + found))));
  };
  const auto two = at::zeros({2, 3});
  refused({{"latents", two}}, "'latents'");
  refused({{"negative_image_embeds", two}}, "none of them");
  refused({{"image_embeds", at::zeros({3})}}, "'image_embeds' [3]");
  refused({{"image_embeds", at::zeros({0, 3})}}, "'image_embeds' [0, 3]");
  refused({{"image_embeds", two.to(at::kHalf)}}, "float16");
  refused({{"image_embeds", two}, {"negative_image_embeds", at::zeros({1, 3})}},
          "'negative_image_embeds' [1, 3]");
}

}  // namespace
}  // namespace velatura::cli
