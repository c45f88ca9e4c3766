#include "weights/layouts/depth_estimator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "support/temporary_folder.h"
#include "velatura/error.h"

namespace velatura::weights {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

const fs::path kModel = VELATURA_FIXTURES "/models/tiny-depth-estimator";

/// An estimator's own folder, as they are published.
class DepthEstimatorFolder : public InTemporaryFolder {
 protected:
  void SetUp() override {
    InTemporaryFolder::SetUp();
    for (const char* file : {"config.json", "model.safetensors"})
      fs::copy(kModel / "depth_estimator" / file, folder_ / file);
    fs::copy(kModel / "feature_extractor/preprocessor_config.json", processor());
  }
  fs::path processor() const { return folder_ / "preprocessor_config.json"; }
};

TEST_F(DepthEstimatorFolder, IsReadByItselfAndWithinAModel) {
  const auto own = open_depth_estimator(folder_), within = open_depth_estimator(kModel);
  EXPECT_EQ(own.network.weights->names(), within.network.weights->names());
  EXPECT_EQ(own.network.config.json(), within.network.config.json());
  EXPECT_EQ(own.processor.json(), within.processor.json());
  EXPECT_FALSE(own.processor.json().empty());
}

TEST_F(DepthEstimatorFolder, SaysWhatIsMissingOrElse) {
  fs::remove(processor());
  EXPECT_THAT([&] { open_depth_estimator(folder_); },
              ThrowsMessage<InputError>(HasSubstr("there is no " + processor().string())));
  EXPECT_THAT([&] { open_depth_estimator(folder_ / "nowhere"); },
              ThrowsMessage<InputError>(HasSubstr("not a depth estimator's folder")));
  std::ofstream(folder_ / "config.json") << R"({"architectures": ["GLPNForDepthEstimation"]})";
  EXPECT_THAT([&] { open_depth_estimator(folder_); },
              ThrowsMessage<InputError>(HasSubstr("architectures is \"GLPNForDepthEstimation\", "
                                                  "expected \"DPTForDepthEstimation\"")));
}

}  // namespace
}  // namespace velatura::weights
