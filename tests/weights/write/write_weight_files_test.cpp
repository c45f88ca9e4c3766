#include "weights/write/write_weight_files.h"

#include <gmock/gmock.h>

#include "core/config_object.h"
#include "weights/files.h"
#include "weights/formats/safetensors.h"
#include "weights/layouts/weight_files.h"
#include "weights/tensors.h"

namespace velatura::weights {
namespace {

using testing::counting;
using ::testing::ElementsAre;
using testing::encoded;
using testing::Folder;

class WriteWeightFiles : public ::testing::Test {
 protected:
  std::shared_ptr<const WeightSource> source() {
    return std::make_shared<SafetensorsFile>(folder.write("s.safetensors", encoded(tensors)));
  }
  std::vector<std::string> written() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder / "w")) {
      names.push_back(entry.path().filename());
    }
    std::sort(names.begin(), names.end());
    return names;
  }
  // 16, 40, 24 and 8 bytes.
  const testing::Tensors tensors{{"a", counting({4})},
                                 {"b", counting({10})},
                                 {"c", counting({3}, at::kLong)},
                                 {"d", counting({2, 2}, at::kHalf)}};
  Folder folder;
};

TEST_F(WriteWeightFiles, OneFileWhereItFits) {
  int count = 0;
  write_weight_files(folder / "w", "model", *source(), 88, [&] { ++count; });
  EXPECT_THAT(written(), ElementsAre("model.safetensors"));
  EXPECT_EQ(count, 4);
  const SafetensorsFile file(folder / "w/model.safetensors");
  EXPECT_EQ(file.metadata().at("format"), "pt");
  for (const auto& [name, tensor] : tensors)
    EXPECT_TRUE(at::equal(file.load(name), tensor)) << name;
}

TEST_F(WriteWeightFiles, ShardsAreAsFullAsTheyGet) {
  write_weight_files(folder / "w", "model", *source(), 32, [] {});
  EXPECT_THAT(written(),
              ElementsAre("model-00001-of-00003.safetensors", "model-00002-of-00003.safetensors",
                          "model-00003-of-00003.safetensors", "model.safetensors.index.json"));
  const auto index = read_json(folder / "w/model.safetensors.index.json");
  EXPECT_EQ(index.at("metadata").at("total_size"), 88);
  EXPECT_EQ(index.at("weight_map").at("b"), "model-00002-of-00003.safetensors");
  EXPECT_THAT(SafetensorsFile(folder / "w/model-00003-of-00003.safetensors").names(),
              ElementsAre("c", "d"));
  const auto found = open_weight_files(folder / "w", "model", "").source;
  for (const auto& [name, tensor] : tensors) {
    EXPECT_TRUE(at::equal(found->load(name), tensor)) << name;
  }
}

TEST_F(WriteWeightFiles, ShardsAreNoFuller) {
  write_weight_files(folder / "w", "model", *source(), 31, [] {});
  EXPECT_THAT(written(), ::testing::Contains("model-00004-of-00004.safetensors"));
}

TEST_F(WriteWeightFiles, AreTheBytesOfTheEncoder) {
  write_safetensors(folder / "w/x", *source(), source()->names(), {{"k", "v"}}, [] {});
  std::ifstream file(folder / "w/x", std::ios::binary);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), encoded(tensors, {{"k", "v"}}));
}

TEST_F(WriteWeightFiles, LeaveNothingWhenStopped) {
  std::filesystem::create_directories(folder / "w");
  const auto stop = [count = 0]() mutable {
    if (++count == 3) throw Interrupted();
  };
  EXPECT_THROW(write_weight_files(folder / "w", "model", *source(), 88, stop), Interrupted);
  EXPECT_THAT(written(), ElementsAre());
}

}  // namespace
}  // namespace velatura::weights
