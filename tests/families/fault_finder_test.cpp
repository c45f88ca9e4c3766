#include "families/fault_finder.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <gmock/gmock.h>

#include <cmath>
#include <filesystem>
#include <limits>

#include "pipelines/cases.h"
#include "pipelines/requests.h"
#include "velatura/generator.h"
#include "weights/files.h"
#include "weights/tensors.h"

namespace velatura::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// The tiny model with other weights.
class FaultyModel : public ::testing::Test {
 protected:
  FaultyModel() {
    std::filesystem::copy(VELATURA_FIXTURES "/models/tiny", model(),
                          std::filesystem::copy_options::recursive);
  }

  std::filesystem::path model() const { return folder_ / "model"; }

  // Makes a tensor's last element something else, or all of them larger.
  void set(const std::string& role, const std::string& name, double value) {
    edit(role, name, [&](at::Tensor& tensor) { tensor.view(-1)[-1] = value; });
  }
  void scale(const std::string& role, const std::string& name, double factor) {
    edit(role, name, [&](at::Tensor& tensor) { tensor *= factor; });
  }

  // Why no picture is made.
  std::string refusal(const Request& request, DType dtype = DType::float32) const {
    return message_of<InputError>([&] {
      Generator generator({.model = model(), .device = "cpu", .dtype = dtype});
      generator.generate(request);
    });
  }

  static TextToImage from_text() {
    TextToImage request;
    request.prompt = "a red cat";
    request.steps = 2;
    request.sampling.sampler = Sampler::ddim;
    return request;
  }

 private:
  void edit(const std::string& role, const std::string& name, const auto& change) {
    const auto part = weights::open_model(model()).part(role);
    weights::testing::Tensors tensors;
    for (const auto& each : part.weights->names()) {
      tensors[each] =
          part.weights->load(each).to(at::kFloat, /*non_blocking=*/false, /*copy=*/true);
    }
    change(tensors.at(name));
    folder_.write("model/" + role + "/" + part.stem() + ".safetensors",
                  weights::testing::encoded(tensors));
  }

  weights::testing::Folder folder_;
};

TEST_F(FaultyModel, NamesTheTextEncodersWeight) {
  set("text_encoder", "text_model.encoder.layers.0.mlp.fc1.weight", kNan);
  EXPECT_THAT(refusal(from_text()),
              AllOf(HasSubstr("text_encoder/model.safetensors: the text encoder gives what is not "
                              "finite for this prompt: its tensor "
                              "text_model.encoder.layers.0.mlp.fc1.weight holds nan")));
}

TEST_F(FaultyModel, NamesTheUNetsWeightAndTheStep) {
  for (const auto& [value, text] :
       {std::pair{kNan, "nan"}, {kInfinity, "inf"}, {-kInfinity, "-inf"}}) {
    set("unet", "conv_in.weight", value);
    EXPECT_THAT(refusal(from_text()),
                HasSubstr("unet/diffusion_pytorch_model.safetensors: the UNet gives what is not "
                          "finite at step 1 of 2: its tensor conv_in.weight holds " +
                          std::string(text)));
  }
}

TEST_F(FaultyModel, NamesTheVaesWeightWhicheverHalfItIsOf) {
  set("vae", "decoder.conv_out.bias", -kInfinity);
  EXPECT_THAT(refusal(from_text()),
              HasSubstr("the VAE gives what is not finite where it decodes: its tensor "
                        "decoder.conv_out.bias holds -inf"));
  ImageToImage request;
  static_cast<PictureRequest&>(request) = from_text();
  request.image = patterned(32, 32, 0);
  request.strength = 1;
  set("vae", "encoder.conv_in.weight", kNan);
  EXPECT_THAT(
      refusal(request),
      HasSubstr("the VAE gives what is not finite where it encodes the picture: its tensor "));
}

TEST_F(FaultyModel, SaysWhatIsTooMuchForHalfPrecision) {
  set("unet", "conv_in.bias", 1e6);
  EXPECT_THAT(refusal(from_text(), DType::float16),
              HasSubstr("its tensor conv_in.bias holds 1e+06, which is too much for float16: "
                        "--dtype bfloat16 or float32 goes on"));
  EXPECT_EQ(refusal(from_text()), "");
}

TEST_F(FaultyModel, SaysWhereOnlyTheArithmeticOverflows) {
  set("unet", "conv_out.bias", 60000);
  scale("unet", "conv_out.weight", 50000);
  EXPECT_THAT(refusal(from_text(), DType::float16),
              HasSubstr("the UNet overflows in float16 at step 1 of 2, though its weights are "
                        "finite: --dtype bfloat16 or float32 goes on"));
}

// A weight that is not finite is not worked around.
TEST_F(FaultyModel, AFaultyVaeIsNotPutIntoFloat32) {
  set("vae", "decoder.conv_out.bias", kNan);
  Recorder recorder;
  Generator generator({.model = model(), .device = "cpu", .vae_dtype = DType::float16}, &recorder);
  EXPECT_THAT(message_of<InputError>([&] { generator.generate(from_text(), &recorder); }),
              HasSubstr("decoder.conv_out.bias holds nan"));
  EXPECT_TRUE(recorder.warnings.empty());
}

TEST_F(FaultyModel, AWeightThatIsNotUsedDoesNoHarm) {
  set("vae", "encoder.conv_in.weight", kNan);
  EXPECT_EQ(refusal(from_text()), "");
}

TEST_F(FaultyModel, StartingNoiseMustBeFinite) {
  TextToImage request = from_text();
  request.latents = Latents{{1, 4, 16, 16}, std::vector<float>(1024, 1)};
  request.latents->values[7] = std::nanf("");
  EXPECT_EQ(refusal(request), "latents-in holds values that are not finite");
}

TEST(FaultFinder, KnowsNothingWithoutWeights) {
  EXPECT_STREQ(families::FaultFinder().explain("VAE", at::kFloat, "where it decodes").what(),
               "the VAE gives what is not finite where it decodes, though its weights are finite: "
               "another VAE (--vae FILE) may help");
}

}  // namespace
}  // namespace velatura::testing
