#include "weights/adapters/web_ui_hash.h"

#include "core/sha256.h"
#include "weights/files.h"

namespace velatura::weights {
namespace {

TEST(WebUiLoraHash, IsOfTheTensorsWithoutTheHeader) {
  const testing::Folder folder;
  setenv("XDG_CACHE_HOME", folder.path().c_str(), 1);
  const std::string data = "\x01\x02\x03\x04";
  const auto file = folder.write(
      "h.safetensors",
      testing::safetensors(R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}})", data));
  EXPECT_EQ(web_ui_lora_hash(file), sha256(data).substr(0, 12));
  EXPECT_EQ(web_ui_lora_hash(folder.write("h.pt", "pickled")), sha256("pickled").substr(0, 12));
}

}  // namespace
}  // namespace velatura::weights
