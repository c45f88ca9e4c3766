#include <gmock/gmock.h>

#include "core/read_file.h"
#include "image/decode.h"
#include "image/read_metadata.h"
#include "support/temporary_folder.h"
#include "velatura/error.h"

namespace velatura {
namespace {

using WriteImage = InTemporaryFolder;

TEST_F(WriteImage, MakesAFileOfTheFormatItsNameAsksFor) {
  const Metadata metadata{"a cat\nSteps: 1, Sampler: DDIM, Seed: 2", "{}"};
  for (const char* name : {"new/a.png", "a.jpg", "a.webp"}) {
    write_image(folder_ / name, gradient(24, 16), metadata);
    const std::string bytes = read_file(folder_ / name, 1 << 20);
    EXPECT_LE(largest_difference(decode_image(as_byte_view(bytes)), gradient(24, 16)), 12) << name;
    EXPECT_EQ(bytes, as_text(encode_image(gradient(24, 16), image_format(name), metadata)));
    EXPECT_EQ(read_metadata(folder_ / name).parameters, metadata.parameters);
  }
}

TEST_F(WriteImage, LeavesNothingBehindWhenItCannot) {
  EXPECT_THROW(write_image(folder_ / "a.png", Image{}, {}), OutputError);
  EXPECT_THROW(write_image(folder_ / "a.gif", gradient(2, 2), {}), UsageError);
  EXPECT_EQ(files(), 0u);
}

}  // namespace
}  // namespace velatura
