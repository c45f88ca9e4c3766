#include "weights/locate/model_location.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>

#include "support/run_program.h"
#include "velatura/error.h"

namespace velatura::weights {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::ThrowsMessage;

fs::path locate(const std::string& model, const std::string& models_folder = "") {
  return locate_model({.model = model, .models_folder = models_folder});
}

fs::path locate_vae(const std::string& vae, const fs::path& model,
                    const std::string& models_folder = "") {
  return weights::locate_vae({.vae = vae, .models_folder = models_folder}, model);
}

class ModelLocation : public ::testing::Test {
 protected:
  void SetUp() override {
    unsetenv("VELATURA_MODEL");
    unsetenv("VELATURA_MODELS");
    setenv("VELATURA_DATA", (folder_ / "data").c_str(), 1);
    setenv("HF_HUB_CACHE", (folder_ / "hub").c_str(), 1);
    fs::create_directories(folder_ / "data/demo");
    fs::create_directories(folder_ / "data/pixels");
    velatura::testing::write_text(folder_ / "data/pixels/model_index.json", "{}");
  }
  void TearDown() override {
    for (const char* name : {"VELATURA_MODEL", "VELATURA_MODELS", "VELATURA_DATA", "HF_HUB_CACHE"})
      unsetenv(name);
  }

  void put(const fs::path& name, const std::string& text = "x") {
    fs::create_directories((folder_.path() / name).parent_path());
    velatura::testing::write_text(folder_.path() / name, text);
  }

  velatura::testing::TemporaryFolder folder_;
};

TEST_F(ModelLocation, APathIsAPath) {
  EXPECT_EQ(locate(folder_ / "data/pixels"), folder_ / "data/pixels");
  EXPECT_THAT([&] { locate(folder_ / "nowhere"); },
              ThrowsMessage<InputError>(HasSubstr("nowhere: no such file or folder")));
}

TEST_F(ModelLocation, ANameIsLookedUpAmongTheBundledModels) {
  EXPECT_EQ(locate("pixels"), folder_ / "data/pixels");
  EXPECT_THAT([] { locate("pixel"); },
              ThrowsMessage<InputError>(
                  AllOf(HasSubstr("model pixel"), HasSubstr("did you mean 'pixels'?"))));
}

TEST_F(ModelLocation, DefaultsToTheEnvironmentThenToDemo) {
  EXPECT_EQ(locate(""), folder_ / "data/demo");
  setenv("VELATURA_MODEL", "pixels", 1);
  EXPECT_EQ(locate(""), folder_ / "data/pixels");
}

TEST_F(ModelLocation, AHubIdIsLookedUpInTheCache) {
  EXPECT_THAT([] { locate("owner/name"); },
              ThrowsMessage<InputError>(AllOf(HasSubstr("model owner/name"), HasSubstr("hub cache"),
                                              HasSubstr("`hf download owner/name`"))));
  put("hub/models--owner--name/refs/main", "abc");
  put("hub/models--owner--name/snapshots/abc/a.safetensors");
  const fs::path snapshot = folder_ / "hub/models--owner--name/snapshots/abc";
  EXPECT_EQ(locate("owner/name"), snapshot);
  EXPECT_EQ(locate("owner/name/a.safetensors"), snapshot / "a.safetensors");
  EXPECT_EQ(locate_vae("owner/name", ""), snapshot);
  EXPECT_THAT([] { locate("../owner/name"); },
              ThrowsMessage<InputError>(
                  AllOf(HasSubstr("no such file or folder"), Not(HasSubstr("hf download")))));
}

TEST_F(ModelLocation, ANameIsLookedUpInTheModelsFolder) {
  put("ui/Stable-diffusion/dreamlike.safetensors");
  put("ui/Stable-diffusion/sub/pixels.ckpt");
  put("ui/VAE/soft.vae.pt");
  const std::string ui = folder_ / "ui";
  const fs::path place = folder_ / "ui/Stable-diffusion";
  EXPECT_EQ(locate("dreamlike", ui), place / "dreamlike.safetensors");
  EXPECT_EQ(locate("sub/pixels", ui), place / "sub/pixels.ckpt");
  EXPECT_EQ(locate_vae("soft", "", ui), folder_ / "ui/VAE/soft.vae.pt");
  setenv("VELATURA_MODELS", ui.c_str(), 1);
  EXPECT_EQ(locate("dreamlike"), place / "dreamlike.safetensors");
  setenv("VELATURA_MODEL", "dreamlike", 1);
  EXPECT_EQ(locate(""), place / "dreamlike.safetensors");
  EXPECT_THAT([] { locate("dremlike"); },
              ThrowsMessage<InputError>(AllOf(HasSubstr("model dremlike: no such file or folder"),
                                              HasSubstr(" in /"), HasSubstr("bundled model"),
                                              HasSubstr("did you mean 'dreamlike'?"))));
  EXPECT_THAT([] { locate_vae("dreamlike", ""); },
              ThrowsMessage<InputError>(HasSubstr("VAE dreamlike: no such file or folder")));
  EXPECT_THAT([] { locate("x", "/nowhere"); },
              ThrowsMessage<InputError>(HasSubstr("models folder /nowhere")));
}

TEST_F(ModelLocation, AVaeBesideTheModelIsTakenUnlessOneIsNamed) {
  put("m/a.safetensors");
  put("m/a.vae.pt");
  put("m/b.safetensors");
  put("m/other.pt");
  EXPECT_EQ(locate_vae("", folder_.path() / "m/a.safetensors"), folder_ / "m/a.vae.pt");
  EXPECT_EQ(locate_vae("", folder_.path() / "m/b.safetensors"), "");
  EXPECT_EQ(locate_vae("", folder_.path() / "m"), "");
  EXPECT_EQ(locate_vae(folder_ / "m/other.pt", folder_.path() / "m/a.safetensors"),
            folder_ / "m/other.pt");
}

TEST_F(ModelLocation, PathsComeBeforeBundledModelsModelsFolderAndHub) {
  put("ui/owner/name.safetensors");
  put("ui/pixels.safetensors");
  put("near/owner-name.safetensors");
  put("hub/models--owner--name/refs/main", "abc");
  put("hub/models--owner--name/snapshots/abc/x");
  put("here/owner/name/x");
  put("here/pixels");
  const std::string ui = folder_ / "ui";
  EXPECT_EQ(locate("pixels", ui), folder_ / "data/pixels");
  EXPECT_EQ(locate("owner/name", ui), folder_ / "ui/owner/name.safetensors");
  // What the models folder nearly has does not hide what the hub's cache has.
  EXPECT_EQ(locate("owner/name", folder_ / "near"),
            folder_ / "hub/models--owner--name/snapshots/abc");
  const fs::path before = fs::current_path();
  fs::current_path(folder_ / "here");
  EXPECT_EQ(locate("owner/name", ui), "owner/name");
  EXPECT_EQ(locate("pixels", ui), "pixels");
  fs::current_path(before);
}

}  // namespace
}  // namespace velatura::weights
