#include "weights/locate/hub_cache.h"

#include <gmock/gmock.h>

#include <cstdlib>

#include "weights/files.h"

namespace velatura::weights {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using testing::Folder;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Optional;
using testing::refusal;

const std::string kSha = "0123456789abcdef0123456789abcdef01234567";
constexpr const char* kPart = "diffusion_pytorch_model.safetensors";

// A cache with one model, its files links into `blobs` as Hugging Face's tools make them.
class HubCache : public ::testing::Test {
 protected:
  HubCache() {
    for (const char* name :
         {"HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_HOME", "XDG_CACHE_HOME"}) {
      unsetenv(name);
    }
    setenv("HF_HUB_CACHE", folder.path().c_str(), 1);
    folder.write(repository / "refs/main", kSha);
    link("model_index.json", R"({"unet": ["diffusers", "U"], "vae": ["diffusers", "V"],
                                 "text_encoder": ["transformers", "T"]})");
    for (const std::string part : {"unet/", "vae/"}) link(part + kPart, part);
    link("text_encoder/model.safetensors", "text");
  }

  void link(const fs::path& name, const std::string& content) {
    const fs::path blob = folder.write(
        repository / "blobs" / std::to_string(std::hash<std::string>{}(content)), content);
    const fs::path file = snapshot() / name;
    fs::create_directories(file.parent_path());
    fs::create_symlink(fs::relative(blob, file.parent_path()), file);
  }

  fs::path snapshot() const { return folder / repository / "snapshots" / kSha; }
  fs::path find(const std::string& text) { return find_in_hub_cache(parse_hub_id(text).value()); }
  std::string missed(const std::string& text) {
    return refusal([&] { find(text); });
  }

  Folder folder;
  const fs::path repository = "models--org--name";
};

TEST(HubId, HasARepositoryARevisionAndAFile) {
  const auto id = [](std::string repository, std::string revision = "main", std::string file = "") {
    return Optional(HubId{repository, revision, file});
  };
  EXPECT_THAT(parse_hub_id("org/name"), id("org/name"));
  EXPECT_THAT(parse_hub_id("o.r-g/na_me-1.5"), id("o.r-g/na_me-1.5"));
  EXPECT_THAT(parse_hub_id("org/name@fp16"), id("org/name", "fp16"));
  EXPECT_THAT(parse_hub_id("org/name@refs/pr/3"), id("org/name", "refs/pr/3"));
  EXPECT_THAT(parse_hub_id("org/name/a b.safetensors"), id("org/name", "main", "a b.safetensors"));
  EXPECT_THAT(parse_hub_id("org/name/sub/a.ckpt"), id("org/name", "main", "sub/a.ckpt"));
  EXPECT_THAT(parse_hub_id("org/name@r1/sub/a.ckpt"), id("org/name", "r1", "sub/a.ckpt"));
}

TEST(HubId, NeverLeadsOutOfTheCache) {
  for (const char* text : {"",
                           "name",
                           "/",
                           "/org/name",
                           "org/",
                           "/name",
                           "../name",
                           "org/..",
                           "org/.name",
                           ".org/x",
                           "org/na--me",
                           "org/-name",
                           "org/name-",
                           "org/name.",
                           "org/na me",
                           "org/name/",
                           "org//name",
                           "org/name/../x.ckpt",
                           "org/name/sub/../../x.ckpt",
                           "org/name@",
                           "org/name@..",
                           "org/name@../../x",
                           "org/name@a/../b",
                           "org/name@a//b",
                           "org/name@/a",
                           "org/name@r/../x.ckpt",
                           "org/name@.hidden",
                           "org/na\nme",
                           "~/name",
                           "org/$HOME"}) {
    EXPECT_EQ(parse_hub_id(text), std::nullopt) << text;
  }
}

TEST_F(HubCache, ARevisionIsLookedUpInRefs) {
  EXPECT_EQ(find("org/name"), snapshot());
  EXPECT_EQ(find("org/name@" + kSha), snapshot());
  folder.write(repository / "refs/refs/pr/3", kSha + "\n");
  EXPECT_EQ(find("org/name@refs/pr/3"), snapshot());
}

TEST_F(HubCache, AMissIsAMiss) {
  EXPECT_THAT(missed("org/other"),
              AllOf(HasSubstr("model org/other: "), HasSubstr("not in the hub cache"),
                    HasSubstr((folder / "models--org--other").string()),
                    HasSubstr("`hf download org/other` fetches it")));
  EXPECT_THAT(missed("org/name@fp16"), AllOf(HasSubstr("no revision fp16"), HasSubstr("refs/fp16"),
                                             HasSubstr("`hf download org/name --revision fp16`")));
  const std::string other(40, 'a');
  EXPECT_THAT(missed("org/name@" + other), HasSubstr("no revision " + other));
  // Seven digits of a sha are no revision.
  EXPECT_THAT(missed("org/name@" + kSha.substr(0, 7)), HasSubstr("no revision 0123456"));
  // Nor is a folder that no ref names.
  folder.write(repository / "snapshots/odd/x", "x");
  EXPECT_THAT(missed("org/name@odd"), HasSubstr("no revision odd"));
  folder.write(repository / "refs/gone", other);
  EXPECT_THAT(missed("org/name@gone"), AllOf(HasSubstr(other), HasSubstr("no such snapshot")));
  folder.write(repository / "refs/evil", "../snapshots/" + kSha);
  EXPECT_THAT(missed("org/name@evil"), HasSubstr("no such snapshot"));
  folder.write(repository / "refs/main", "");
  EXPECT_THAT(missed("org/name"), HasSubstr("no revision main"));
}

TEST_F(HubCache, AFileCanBeNamed) {
  link("v1-5.safetensors", "weights");
  EXPECT_EQ(find("org/name/v1-5.safetensors"), snapshot() / "v1-5.safetensors");
  EXPECT_EQ(find("org/name@main/v1-5.safetensors"), snapshot() / "v1-5.safetensors");
  EXPECT_THAT(missed("org/name/v2.safetensors"),
              AllOf(HasSubstr("no file v2.safetensors"),
                    HasSubstr("`hf download org/name v2.safetensors`")));
}

TEST_F(HubCache, APartialDownloadIsSaidToBeOne) {
  fs::remove(snapshot() / "vae" / kPart);
  EXPECT_THAT(missed("org/name"),
              AllOf(HasSubstr("only a part of it"),
                    HasSubstr("vae/diffusion_pytorch_model.safetensors is missing"),
                    HasSubstr("`hf download org/name`")));
  // Other weights of the component will do; which, the loader says.
  link(std::string("vae/") + "diffusion_pytorch_model.fp16.safetensors", "half");
  EXPECT_EQ(find("org/name"), snapshot());
  // A link whose blob never came.
  fs::remove(fs::canonical(snapshot() / "unet" / kPart));
  EXPECT_THAT(missed("org/name@main"), HasSubstr("unet/diffusion_pytorch_model.safetensors"));
  // A repository of single files has no index to compare with.
  fs::remove(snapshot() / "model_index.json");
  EXPECT_EQ(find("org/name"), snapshot());
}

TEST_F(HubCache, IsWhereTheHubsOwnToolsHaveIt) {
  setenv("HOME", "/h", 1);
  unsetenv("HF_HUB_CACHE");
  EXPECT_EQ(hub_cache(), "/h/.cache/huggingface/hub");
  setenv("XDG_CACHE_HOME", "/xdg", 1);
  EXPECT_EQ(hub_cache(), "/xdg/huggingface/hub");
  setenv("HF_HOME", "~/hf", 1);
  EXPECT_EQ(hub_cache(), "/h/hf/hub");
  setenv("HUGGINGFACE_HUB_CACHE", "$HF_HOME/${XDG_CACHE_HOME}x$", 1);
  EXPECT_EQ(hub_cache(), "~/hf//xdgx$");
  setenv("HF_HUB_CACHE", "~", 1);
  EXPECT_EQ(hub_cache(), "/h");
  setenv("HF_HUB_CACHE", "/a/~/$NOT_SET_HERE/${NOT_SET_HERE}/${HOME", 1);
  EXPECT_EQ(hub_cache(), "/a/~/$NOT_SET_HERE/${NOT_SET_HERE}/${HOME");
}

}  // namespace
}  // namespace velatura::weights
