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

}  // namespace
}  // namespace velatura::cli
