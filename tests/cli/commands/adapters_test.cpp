#include "cli/picture_command.h"

namespace velatura::testing {
namespace {

const std::string kIpAdapters = VELATURA_FIXTURES "/models/tiny-ip-adapter/";
const std::string kBase = kIpAdapters + "ip-base.safetensors", kPlus = kIpAdapters + "ip-plus.bin";

/// With `in.png` and `other.png` to be shown to adapters.
class PictureAdapters : public PictureCommand {
 protected:
  PictureAdapters() { write_image(folder_ / "other.png", scene(20, 45), {}); }

  std::vector<std::uint8_t> made(const std::vector<std::string>& options,
                                 const std::string& command = "txt2img") const {
    return picture(command, options).pixels;
  }
};

TEST_F(PictureAdapters, ChangeThePicture) {
  const auto plain = made({});
  const auto base = made({"--ip-adapter", kBase, "--ip-adapter-image", "in.png"});
  EXPECT_NE(base, plain);
  EXPECT_NE(made({"--ip-adapter", kBase, "--ip-adapter-image", "other.png"}), base);
  EXPECT_NE(made({"--ip-adapter", kPlus, "--ip-adapter-image", "in.png"}), base);
  EXPECT_EQ(
      made({"--ip-adapter", kBase, "--ip-adapter-image", "in.png", "--ip-adapter-scale", "0"}),
      plain);
  EXPECT_EQ(made({"--ip-adapter", kBase, "--ip-adapter-image", "in.png", "--ip-adapter-end", "0"}),
            plain);
  const auto late =
      made({"--ip-adapter", kBase, "--ip-adapter-image", "in.png", "--ip-adapter-start", "0.5"});
  EXPECT_NE(late, base);
  EXPECT_NE(late, plain);
}

TEST_F(PictureAdapters, AreSeveralAndShownSeveral) {
  const std::vector<std::string> one{"--ip-adapter", kPlus, "--ip-adapter-image", "in.png"};
  auto two_pictures = one, two_adapters = one;
  two_pictures.insert(two_pictures.end(), {"--ip-adapter-image", "other.png"});
  two_adapters.insert(two_adapters.end(),
                      {"--ip-adapter", kBase, "--ip-adapter-image", "other.png"});
  EXPECT_NE(made(two_pictures), made(one));
  EXPECT_NE(made(two_adapters), made(one));
  EXPECT_NE(made(two_adapters), made(two_pictures));
}

TEST_F(PictureAdapters, WorkInOtherTasks) {
  const std::vector<std::string> image{"--image", "in.png"};
  auto with = image;
  with.insert(with.end(), {"--ip-adapter", kBase, "--ip-adapter-image", "other.png"});
  EXPECT_NE(made(with, "img2img"), made(image, "img2img"));
}

TEST_F(PictureAdapters, AreInTheReceipt) {
  made({"--ip-adapter", kBase, "--ip-adapter-image", "in.png", "--ip-adapter-scale", "0.6"});
  const auto said = receipt();
  EXPECT_EQ(said["ip_adapter"], nlohmann::json({"ip-base.safetensors"}));
  EXPECT_EQ(said["ip_adapter_scale"], nlohmann::json({0.6}));
  EXPECT_EQ(said["ip_adapter_image"][0]["width"], 32);
  EXPECT_EQ(said["ip_adapter_image"][0]["sha256"].get<std::string>().size(), 64u);
  EXPECT_EQ(said["adapters"]["ip-base.safetensors"].get<std::string>().size(), 64u);
  EXPECT_FALSE(said.contains("image_encoder"));
  made({});
  EXPECT_FALSE(receipt().contains("ip_adapter"));
}

TEST_F(PictureAdapters, WrongFilesAreToldWhatTheyAre) {
  const auto refused = [this](const std::vector<std::string>& options) {
    return run("txt2img", options);
  };
  const std::string unet = kTinyModel + "/unet/diffusion_pytorch_model.safetensors";
  EXPECT_TRUE(
      failed_with(refused({"--ip-adapter", unet, "--ip-adapter-image", "in.png"}), 3,
                  {unet, "the UNet of a diffusers folder alone", "expected an IP-Adapter"}));
  EXPECT_TRUE(failed_with(
      refused({"--ip-adapter", kBase, "--ip-adapter-image", "in.png", "--image-encoder", kPlus}), 3,
      {"is an IP-Adapter; expected a CLIP image encoder", "--ip-adapter takes such a file"}));
  EXPECT_TRUE(failed_with(refused({"--ip-adapter-image", "in.png"}), 2, {"--ip-adapter"}));
  EXPECT_TRUE(failed_with(refused({"--ip-adapter", kBase}), 2, {"--ip-adapter-image"}));
}

TEST_F(PictureAdapters, NeedAnImageEncoder) {
  std::filesystem::copy(kBase, folder_ / "alone.safetensors");
  const std::vector<std::string> options{"--ip-adapter", "alone.safetensors", "--ip-adapter-image",
                                         "in.png"};
  EXPECT_TRUE(
      failed_with(run("txt2img", options), 3,
                  {"alone.safetensors: there is no image encoder for it", "--image-encoder"}));
  auto given = options;
  given.insert(given.end(), {"--image-encoder", kIpAdapters});
  EXPECT_EQ(made(given), made({"--ip-adapter", kBase, "--ip-adapter-image", "in.png"}));
  made(given);
  EXPECT_EQ(receipt()["image_encoder"], "tiny-ip-adapter");
  EXPECT_EQ(receipt()["adapters"].size(), 2u);
}

TEST_F(PictureAdapters, BoxesNeedAModelForThem) {
  EXPECT_TRUE(failed_with(run("txt2img", {"--ground", "a cat@0,0,0.5,0.5"}), 2,
                          {"--ground", "no layers for boxes", "GLIGEN"}));
}

TEST_F(PictureAdapters, InfoSaysWhatTheyAre) {
  const Outcome outcome = velatura({"info", kPlus});
  EXPECT_NE((outcome.out + outcome.err)
                .find("an IP-Adapter plus for a UNet with 4 cross-attention layers"),
            std::string::npos);
}

/// Those that come with the demo model.
class BundledAdapters : public PictureCommand {
 protected:
  Image made(std::vector<std::string> options) const {
    options.insert(options.end(), {"-m", VELATURA_MODELS "/demo", "--steps", "4"});
    return picture("txt2img", options);
  }
};

TEST_F(BundledAdapters, AreNamedAndFoundAgain) {
  const Image plain = made({});
  const std::vector<std::vector<std::string>> all{
      {"--lora", "outlines"},
      {"--embedding", "red=teal"},
      {"--control", "edges", "--control-image", "in.png", "--control-preprocess", "canny"}};
  for (const auto& options : all) {
    const Image changed = made(options);
    EXPECT_NE(changed.pixels, plain.pixels) << options[0];
    if (options[0] == "--control") continue;  // its picture must be given again
    const Outcome again = run_velatura(
        {.arguments = {"replay", "out.png", "-o", "again.png"}, .folder = folder_.path()});
    ASSERT_TRUE(succeeded(again));
    EXPECT_EQ(read_image(folder_ / "again.png").pixels, changed.pixels) << options[0];
  }
}

}  // namespace
}  // namespace velatura::testing
