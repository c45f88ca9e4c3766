#include <gtest/gtest.h>

#include <filesystem>
#include <map>

#include "cli/picture_command.h"

// A download that failed is told as that, wherever its file is given.
namespace velatura::testing {
namespace {

namespace fs = std::filesystem;

const std::map<std::string, std::string>& failed_downloads() {
  static const std::map<std::string, std::string> files{
      {R"({"error":"Unauthorized"})", R"(the server said '{"error":"Unauthorized"}')"},
      {"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 4265146304\n",
       "a Git LFS pointer, not the file itself: run `git lfs pull` in its folder"},
      {"Entry not found", "the server said 'Entry not found'"},
      {"Access to model a/b is restricted.",
       "the server said 'Access to model a/b is restricted.'"},
      {"<?xml version=\"1.0\"?>\n<Error><Code>AccessDenied</Code></Error>",
       "the server said 'AccessDenied'"},
      {"<!doctype html><title>Sign in</title>", "a web page, 'Sign in'; download the file itself"},
      {"", "the file is empty"},
      {std::string(4096, '\0'), "there are only zeros in it"}};
  return files;
}

class FailedDownload : public PictureCommand {
 protected:
  ::testing::AssertionResult told(const std::string& command, std::vector<std::string> options,
                                  const std::string& file, const std::string& what) const {
    options.insert(options.end(), {"-o", "out.png"});
    return failed_with(run(command, options), 3, {file + ": this is a failed download", what});
  }
};

TEST_F(FailedDownload, IsToldOfWeightsAndPictures) {
  for (const auto& [content, what] : failed_downloads()) {
    for (const std::string name : {"f.safetensors", "f.ckpt", "f.png"})
      write_text(folder_ / name, content);
    EXPECT_TRUE(told("txt2img", {"-m", "./f.safetensors"}, "f.safetensors", what));
    EXPECT_TRUE(told("txt2img", {"-m", "./f.ckpt"}, "f.ckpt", what));
    EXPECT_TRUE(told("txt2img", {"--vae", "./f.safetensors"}, "f.safetensors", what));
    EXPECT_TRUE(told("txt2img", {"--latents-in", "./f.safetensors"}, "f.safetensors", what));
    EXPECT_TRUE(told("img2img", {"--image", "f.png"}, "f.png", what));
    EXPECT_TRUE(told("inpaint", {"--image", "in.png", "--mask", "f.png"}, "f.png", what));
    for (const std::vector<std::string>& command :
         {std::vector<std::string>{"info", "f.safetensors"},
          {"info", "f.png"},
          {"replay", "f.png"},
          {"verify", "f.png"},
          {"convert", "f.ckpt", "-o", "out"}}) {
      const Outcome outcome = run_velatura({.arguments = command, .folder = folder_.path()});
      EXPECT_TRUE(failed_with(outcome, 3, {": this is a failed download: " + what})) << command[0];
    }
  }
}

TEST_F(FailedDownload, IsToldOfPartsOfAModelAndInJobFiles) {
  fs::copy(kTinyModel, folder_ / "model", fs::copy_options::recursive);
  for (const std::string part : {"model_index.json", "unet/config.json", "tokenizer/vocab.json",
                                 "vae/diffusion_pytorch_model.safetensors"}) {
    const std::string file = folder_ / ("model/" + part), before = file_text(file);
    for (const std::string content : {"Entry not found", R"({"error": "gated"})"}) {
      write_text(file, content);
      EXPECT_TRUE(told("txt2img", {"-m", "./model"}, part, "the server said '" + content + "'"));
    }
    write_text(file, before);
  }
  write_text(folder_ / "f.png", "Entry not found");
  write_text(folder_ / "jobs.txt", "a cat --image f.png\n");
  const Outcome outcome =
      run_velatura({.arguments = {"batch", "jobs.txt", "-m", kTinyModel, "-o", "out/"},
                    .folder = folder_.path()});
  EXPECT_EQ(outcome.exit_code, 3);
  EXPECT_NE(outcome.err.find("jobs.txt:1: --image f.png: this is a failed download"),
            std::string::npos)
      << outcome.err;
}

TEST_F(FailedDownload, MayBeAFileOfAnotherKind) {
  fs::copy_file(folder_ / "in.png", folder_ / "picture.safetensors");
  EXPECT_TRUE(told("txt2img", {"-m", "./picture.safetensors"}, "picture.safetensors",
                   "or the wrong file: a PNG picture, not weights"));
  fs::copy_file(kTinyModel + "/vae/diffusion_pytorch_model.safetensors", folder_ / "vae.png");
  EXPECT_TRUE(told("img2img", {"--image", "vae.png"}, "vae.png",
                   "or the wrong file: a safetensors file, not a picture"));
}

}  // namespace
}  // namespace velatura::testing
