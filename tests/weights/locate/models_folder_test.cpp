#include "weights/locate/models_folder.h"

#include <gmock/gmock.h>

#include "core/sha256.h"
#include "weights/files.h"
#include "weights/layouts/sibling_files.h"

namespace velatura::weights {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using testing::Folder;
using ::testing::HasSubstr;
using ::testing::Optional;
using testing::refusal;

class ModelsFolder : public ::testing::Test {
 protected:
  ModelsFolder() {
    for (const char* name : {"dreamlike.safetensors", "sub/old.ckpt", "sub/dreamlike.txt",
                             "dreamlike.vae.safetensors", "dreamlike.yaml"}) {
      folder.write(fs::path("Stable-diffusion") / name, name);
    }
    folder.write("Stable-diffusion/whole/model_index.json", "{}");
    folder.write("Stable-diffusion/whole/unet/diffusion_pytorch_model.safetensors", "x");
    for (const char* name : {"soft.vae.pt", "mse.safetensors"}) {
      folder.write(fs::path("VAE") / name, name);
    }
    folder.write("Lora/dreamlike.safetensors", "x");
  }

  std::vector<std::string> names(ModelKind kind) {
    std::vector<std::string> names;
    for (const NamedModel& model : models_in(folder.path(), kind)) names.push_back(model.name);
    return names;
  }
  std::optional<fs::path> find(const std::string& name, ModelKind kind = ModelKind::checkpoint) {
    return find_model_by_name(folder.path(), kind, name);
  }
  fs::path checkpoint(const std::string& name) { return folder / "Stable-diffusion" / name; }

  Folder folder;
};

TEST_F(ModelsFolder, HasItsPlaces) {
  EXPECT_THAT(names(ModelKind::checkpoint),
              ElementsAre("dreamlike.safetensors", "sub/old.ckpt", "whole"));
  EXPECT_THAT(names(ModelKind::vae), ElementsAre("mse.safetensors", "soft.vae.pt"));
  // The folder that holds `models`, and a folder of nothing but models.
  fs::create_directories(folder / "ui");
  fs::create_directory_symlink(folder.path(), folder / "ui/models");
  EXPECT_EQ(models_in(folder / "ui", ModelKind::checkpoint).size(), 3u);
  EXPECT_EQ(models_in(folder / "Stable-diffusion/sub", ModelKind::checkpoint).size(), 1u);
  EXPECT_THAT(refusal([&] { models_in(folder / "nowhere", ModelKind::vae); }),
              AllOf(HasSubstr("nowhere"), HasSubstr("no such folder")));
}

TEST_F(ModelsFolder, AModelHasSeveralSpellings) {
  for (const char* name : {"dreamlike", "dreamlike.safetensors"}) {
    EXPECT_THAT(find(name), Optional(checkpoint("dreamlike.safetensors"))) << name;
  }
  for (const char* name : {"old", "old.ckpt", "sub/old", "sub/old.ckpt"}) {
    EXPECT_THAT(find(name), Optional(checkpoint("sub/old.ckpt"))) << name;
  }
  EXPECT_THAT(find("whole"), Optional(checkpoint("whole")));
  for (const char* name : {"", "dream", "Dreamlike", "old.safetensors", "sub", "other/old",
                           "../Lora/dreamlike", "diffusion_pytorch_model"}) {
    EXPECT_EQ(find(name), std::nullopt) << name;
  }
  for (const char* name : {"soft", "soft.vae.pt"}) {
    EXPECT_THAT(find(name, ModelKind::vae), Optional(folder / "VAE/soft.vae.pt")) << name;
  }
}

TEST_F(ModelsFolder, SeveralModelsOfANameAreListed) {
  folder.write("Stable-diffusion/sub/dreamlike.ckpt", "x");
  folder.write("Stable-diffusion/more/old.safetensors", "x");
  // What is nearer wins, …
  EXPECT_THAT(find("dreamlike"), Optional(checkpoint("dreamlike.safetensors")));
  EXPECT_THAT(find("sub/dreamlike"), Optional(checkpoint("sub/dreamlike.ckpt")));
  EXPECT_THAT(find("old.ckpt"), Optional(checkpoint("sub/old.ckpt")));
  // … and equals do not.
  EXPECT_THAT(refusal([&] { find("old"); }),
              AllOf(HasSubstr("model old"), HasSubstr("more/old.safetensors, sub/old.ckpt")));
  folder.write("Stable-diffusion/dreamlike.ckpt", "x");
  EXPECT_THAT(refusal([&] { find("dreamlike"); }),
              HasSubstr("dreamlike.ckpt, dreamlike.safetensors"));
}

TEST_F(ModelsFolder, AHashBehindTheNameIsChecked) {
  setenv("XDG_CACHE_HOME", (folder / "cache").c_str(), 1);
  const std::string hash = sha256(std::string_view("dreamlike.safetensors"));
  for (const std::string& digits : {hash.substr(0, 10), hash, sha256("").substr(0, 8)}) {
    EXPECT_THAT(find("dreamlike.safetensors [" + digits + "]"),
                Optional(checkpoint("dreamlike.safetensors")));
  }
  EXPECT_THAT(refusal([&] { find("dreamlike [0123456789]"); }),
              AllOf(HasSubstr("dreamlike.safetensors: its hash is " + hash.substr(0, 10)),
                    HasSubstr("not 0123456789")));
  EXPECT_THAT(refusal([&] { find("dreamlike [01234567]"); }), HasSubstr("not 01234567"));
  // The older kind is of 64 KiB behind the first MiB.
  std::string large(std::size_t{1} << 20, 'a');
  large.append(std::size_t{1} << 16, 'b').append("c");
  folder.write("Stable-diffusion/large.ckpt", large);
  const std::string old = sha256(std::string(std::size_t{1} << 16, 'b')).substr(0, 8);
  EXPECT_THAT(find("large.ckpt [" + old + "]"), Optional(checkpoint("large.ckpt")));
  // Brackets in names are brackets in names.
  folder.write("Stable-diffusion/a [final].ckpt", "x");
  EXPECT_THAT(find("a [final]"), Optional(checkpoint("a [final].ckpt")));
}

TEST_F(ModelsFolder, LoopsAndDepthsEnd) {
  fs::create_directory_symlink(folder.path(), folder / "Stable-diffusion/sub/loop");
  EXPECT_FALSE(models_in(folder.path(), ModelKind::checkpoint).empty());
  const fs::path deep = "Stable-diffusion/1/2/3/4/5/6/7/8/";
  folder.write(deep / "seen.ckpt", "x");
  folder.write(deep / "9/10/unseen.ckpt", "x");
  fs::remove(folder / "Stable-diffusion/sub/loop");
  EXPECT_TRUE(find("seen").has_value());
  EXPECT_FALSE(find("unseen").has_value());
}

TEST_F(ModelsFolder, FilesBesideAModelAreFound) {
  const fs::path model = checkpoint("dreamlike.safetensors");
  EXPECT_THAT(vae_beside(model), Optional(checkpoint("dreamlike.vae.safetensors")));
  EXPECT_THAT(config_beside(model), Optional(checkpoint("dreamlike.yaml")));
  fs::remove(checkpoint("dreamlike.vae.safetensors"));
  EXPECT_EQ(vae_beside(model), std::nullopt);
  folder.write("Stable-diffusion/dreamlike.vae.pt", "x");
  EXPECT_THAT(vae_beside(model), Optional(checkpoint("dreamlike.vae.pt")));
  EXPECT_EQ(vae_beside(checkpoint("sub/old.ckpt")), std::nullopt);
  EXPECT_EQ(config_beside(checkpoint("sub/old.ckpt")), std::nullopt);
  // A folder has its VAE and configs inside.
  folder.write("Stable-diffusion/whole.yaml", "x");
  EXPECT_EQ(config_beside(checkpoint("whole")), std::nullopt);
}

}  // namespace
}  // namespace velatura::weights
