#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "cli/velatura.h"

namespace velatura::testing {
namespace {

TEST(EmbedExample, MakesAPicture) {
  const TemporaryFolder folder;
  const Outcome outcome = run_program(
      VELATURA_EMBED_EXAMPLE, {.arguments = {kTinyModel, "a red circle", folder / "embedded.png"}});
  ASSERT_TRUE(succeeded(outcome));
  EXPECT_THAT(file_text(folder / "embedded.png"), ::testing::StartsWith("\x89PNG\r\n"));
}

TEST(EmbedExample, IsTheProgramTheReadmeShows) {
  const std::string readme = file_text(VELATURA_SOURCE "/.github/MANUAL.md");
  EXPECT_THAT(readme,
              ::testing::HasSubstr(file_text(VELATURA_SOURCE "/tests/cli/embed_example.cpp")));
}

}  // namespace
}  // namespace velatura::testing
