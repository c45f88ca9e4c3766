// --dtype int8: the picture that bfloat16 makes but for little, on a CPU.

#include <gmock/gmock.h>

#include <cmath>
#include <cstdlib>

#include "cli/receipted_picture.h"

namespace velatura::testing {
namespace {

using ::testing::HasSubstr;

// In dB, of the levels.
double psnr(const Image& a, const Image& b) {
  EXPECT_EQ(a.pixels.size(), b.pixels.size());
  double squares = 0;
  for (std::size_t i = 0; i < a.pixels.size(); ++i)
    squares += std::pow(a.pixels[i] - b.pixels[i], 2);
  return 10 * std::log10(255. * 255. * static_cast<double>(a.pixels.size()) / squares);
}

class Int8 : public ReceiptedPicture {
 protected:
  void SetUp() override {
#if defined(__x86_64__)
    if (!__builtin_cpu_supports("avx2")) GTEST_SKIP() << "needs AVX2";
    const char* const limit = std::getenv("ATEN_CPU_CAPABILITY");
    if (limit != nullptr && std::string(limit) == "default") GTEST_SKIP() << "needs AVX2";
#else
    GTEST_SKIP() << "needs AVX2";
#endif
  }

  Image made(const std::vector<std::string>& arguments, const std::string& dtype) const {
    std::vector<std::string> options(arguments.begin() + 1, arguments.end());
    options.insert(options.end(), {"--seed", "5", "--dtype", dtype, "-o", "out.png"});
    EXPECT_TRUE(succeeded(of_receipt(arguments.front(), options)));
    return read_image(folder_ / "out.png");
  }
};

TEST_F(Int8, DrawsWhatBfloat16Draws) {
  const std::string models = VELATURA_SOURCE "/models/";
  write_image(folder_ / "small.png", scene(48, 32), {});
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"txt2img", "a red circle on a green background", "-m",
                                 models + "demo"},
        {"txt2img", "three blue squares", "-m", models + "demo"},
        {"upscale", "a red circle", "-m", models + "demo-upscale", "--image", "small.png"}}) {
    const Image wide = made(command, "bfloat16"), narrow = made(command, "int8");
    EXPECT_NE(narrow.pixels, wide.pixels) << command[0];
    EXPECT_GE(psnr(narrow, wide), 35) << command[0];
    EXPECT_EQ(receipt()["dtype"], "int8");
    EXPECT_EQ(receipt()["vae_dtype"], "bfloat16");
  }
}

TEST_F(Int8, IsForEveryFamily) {
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"txt2img", "a red circle", "-m", "tiny-xl", "--steps", "2"},
        {"txt2img", "a red circle", "-m", "tiny-kandinsky-2-1", "--steps", "2"},
        {"txt2img", "a red circle", "-m", "tiny-kandinsky-2-2-decoder", "--steps", "2"}}) {
    const Image wide = made(command, "bfloat16"), narrow = made(command, "int8");
    EXPECT_NE(narrow.pixels, wide.pixels) << command[3];
    EXPECT_GE(psnr(narrow, wide), 30) << command[3];
  }
}

TEST_F(Int8, TakesLoras) {
  const std::vector<std::string> plain{"txt2img", "a red circle", "-m", "tiny", "--steps", "2"};
  std::vector<std::string> with = plain;
  with.insert(with.end(), {"--lora", VELATURA_FIXTURES "/adapters/kohya.safetensors"});
  const Image changed = made(with, "int8");
  EXPECT_GE(psnr(changed, made(with, "bfloat16")), 30);
  EXPECT_NE(changed.pixels, made(plain, "int8").pixels);
}

TEST_F(Int8, IsOfWhatDenoisesAlone) {
  const Outcome outcome =
      of_receipt("txt2img", {"a red circle", "-m", "tiny", "--vae-dtype", "int8", "-o", "out.png"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.err,
              HasSubstr("vae-dtype int8: expected auto, float32, bfloat16 or float16"));
}

TEST_F(Int8, SaysWhatItAsksOfTheProcessor) {
  const Outcome outcome =
      of_receipt("txt2img", {"a red circle", "-m", "tiny", "--dtype", "int8", "-o", "out.png"},
                 {{"ATEN_CPU_CAPABILITY", "default"}});
  EXPECT_EQ(outcome.exit_code, 5);
  EXPECT_THAT(outcome.err, HasSubstr("dtype int8: this processor has no AVX2"));
}

}  // namespace
}  // namespace velatura::testing
