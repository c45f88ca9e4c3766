#include <gmock/gmock.h>

#include "weights/files.h"
#include "weights/layouts/known_configs.h"
#include "weights/layouts/original_names.h"
#include "weights/layouts/vae_folder.h"
#include "weights/pickles.h"
#include "weights/tensors.h"

namespace velatura::weights {
namespace {

using testing::counting;
using ::testing::ElementsAre;
using testing::encoded;
using testing::Folder;
using ::testing::HasSubstr;
using testing::refusal;

class Vae : public ::testing::Test {
 protected:
  std::filesystem::path write(const testing::Tensors& tensors) {
    return folder.write("vae.safetensors", encoded(tensors));
  }
  Folder folder;
};

TEST_F(Vae, OfAFolder) {
  for (const std::string place : {"vae/", "model/vae/"}) {
    folder.write(place + "config.json", "{}");
    folder.write(place + "diffusion_pytorch_model.safetensors", encoded({{"v", counting({1})}}));
  }
  EXPECT_THAT(open_vae(folder / "vae").weights->names(), ElementsAre("v"));
  EXPECT_THAT(open_vae(folder / "model").weights->names(), ElementsAre("v"));
  EXPECT_THAT(refusal([&] { open_vae(folder / "absent"); }), HasSubstr("not a VAE folder"));
}

TEST_F(Vae, OfAFileInEveryLayout) {
  for (const std::string family : {"stable-diffusion-1", "stable-diffusion-x4-upscaler"}) {
    const nlohmann::json config = known_config(family + "/vae", "test").json();
    for (const std::string prefix : {"first_stage_model.", ""}) {
      testing::Tensors original, diffusers;
      for (const NameRule& rule : original_vae_names(config, prefix)) {
        original[rule.from] = counting({1});
        diffusers[rule.to] = counting({1});
      }
      original[prefix + "loss.logvar"] = counting({1});
      const Part found = open_vae(write(original));
      const Part same = open_vae(write(diffusers));
      EXPECT_EQ(found.weights->names().size(), diffusers.size());
      EXPECT_EQ(found.weights->names(), same.weights->names());
      EXPECT_EQ(found.config.json(), config);
      EXPECT_EQ(same.config.json(), config);
    }
  }
}

// As web UIs have them: vae.pt, whose weights lie under state_dict among others.
TEST_F(Vae, OfAPickle) {
  using namespace velatura::testing;
  const nlohmann::json config = known_config("stable-diffusion-1/vae", "test").json();
  const std::string number = tensor(storage("0", 1), 0, {1}, {1});
  std::vector<std::string> items{text("loss.logvar"), number};
  for (const NameRule& rule : original_vae_names(config, "")) {
    items.push_back(text(rule.from));
    items.push_back(number);
  }
  const auto object = dict({text("epoch"), "K\x01", text("state_dict"), dict(items)});
  const Part found =
      open_vae(folder.write("vae.pt", torch_zip(pickle(object), {{"0", little(0, 4)}}).bytes()));
  EXPECT_EQ(found.weights->names().size(), 248u);
  EXPECT_EQ(found.config.json(), config);
}

TEST_F(Vae, RefusesOtherFiles) {
  const auto path = write({{"x", counting({1})}});
  EXPECT_THAT(refusal([&] { open_vae(path); }), HasSubstr("there is no VAE"));
}

}  // namespace
}  // namespace velatura::weights
