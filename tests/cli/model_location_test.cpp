#include "cli/model_location.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>

#include "support/run_program.h"
#include "velatura/error.h"

namespace velatura::cli {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

class ModelLocation : public ::testing::Test {
 protected:
  void SetUp() override {
    unsetenv("VELATURA_MODEL");
    setenv("VELATURA_DATA", (folder_ / "data").c_str(), 1);
    setenv("HF_HUB_CACHE", (folder_ / "hub").c_str(), 1);
    fs::create_directories(folder_ / "data/demo");
    fs::create_directories(folder_ / "data/pixels");
    velatura::testing::write_text(folder_ / "data/pixels/model_index.json", "{}");
  }
  void TearDown() override {
    for (const char* name : {"VELATURA_MODEL", "VELATURA_DATA", "HF_HUB_CACHE"}) unsetenv(name);
  }

  velatura::testing::TemporaryFolder folder_;
};

TEST_F(ModelLocation, APathIsAPath) {
  EXPECT_EQ(locate_model(folder_ / "data/pixels"), folder_ / "data/pixels");
  EXPECT_THAT([&] { locate_model(folder_ / "nowhere"); },
              ThrowsMessage<InputError>(HasSubstr("nowhere: no such file or folder")));
}

TEST_F(ModelLocation, ANameIsLookedUpAmongTheBundledModels) {
  EXPECT_EQ(locate_model("pixels"), folder_ / "data/pixels");
  EXPECT_THAT([] { locate_model("pixel"); },
              ThrowsMessage<InputError>(
                  AllOf(HasSubstr("model pixel"), HasSubstr("did you mean 'pixels'?"))));
}

TEST_F(ModelLocation, DefaultsToTheEnvironmentThenToDemo) {
  EXPECT_EQ(locate_model(""), folder_ / "data/demo");
  setenv("VELATURA_MODEL", "pixels", 1);
  EXPECT_EQ(locate_model(""), folder_ / "data/pixels");
}

TEST_F(ModelLocation, AHubIdIsLookedUpInTheCache) {
  EXPECT_THAT(
      [] { locate_model("owner/name"); },
      ThrowsMessage<InputError>(AllOf(HasSubstr("model owner/name"), HasSubstr("hub cache"))));
  const fs::path repository = folder_ / "hub/models--owner--name";
  fs::create_directories(repository / "snapshots/abc");
  fs::create_directories(repository / "refs");
  velatura::testing::write_text(repository / "refs/main", "abc");
  EXPECT_EQ(locate_model("owner/name"), repository / "snapshots/abc");
}

}  // namespace
}  // namespace velatura::cli
