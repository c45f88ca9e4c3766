#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "image/fit.h"
#include "image/raster.h"
#include "pipelines/cases.h"
#include "pipelines/recorded_pictures.h"
#include "weights/formats/safetensors.h"

namespace velatura::testing {
namespace {

const std::string kImageTaskCases = "image_tasks";

const weights::SafetensorsFile& image_task_fixtures() {
  static const weights::SafetensorsFile file(case_stem(kImageTaskCases) + ".safetensors");
  return file;
}

Image image_of(const std::string& name) {
  return image_in(image_task_fixtures(), name);
}

GrayImage gray_image_of(const std::string& name) {
  return gray_image_in(image_task_fixtures(), name);
}

template <class Task>
Task begun_with_image(const nlohmann::json& json) {
  Task request;
  read_common(json, request);
  request.image = image_of(json["image"]);
  if constexpr (requires { request.strength; }) {
    read_size(json, request);
    request.strength = json["strength"];
  }
  return request;
}

Request image_task_request(const nlohmann::json& json) {
  const auto task = json["task"].get<std::string>();
  const auto image = json["image"].get<std::string>();
  if (task == "img2img") return begun_with_image<ImageToImage>(json);
  if (task == "inpaint") {
    auto request = begun_with_image<Inpaint>(json);
    request.mask = gray_image_of(image + ".mask");
    request.mask_blur = json.value("mask_blur", 0.0);
    if (json.contains("mask_crop")) request.mask_crop = json["mask_crop"].get<int>();
    request.paste = request.mask_crop.has_value();  // as diffusers' pipeline by itself
    return request;
  }
  if (task == "depth2img") {
    auto request = begun_with_image<DepthToImage>(json);
    if (json.value("depth_map", true)) request.depth_map = gray_image_of(image + ".depth");
    return request;
  }
  auto request = begun_with_image<Upscale>(json);
  request.noise_level = json["noise_level"];
  request.fit = Fit::stretch;  // as diffusers
  return request;
}

Generator open(const std::string& model, ModelOptions options = {}) {
  options.model = std::string(VELATURA_FIXTURES) + "/models/" + model;
  options.device = "cpu";
  return Generator(options);
}

// The fixtures' inputs, ready for a request of a few steps.
template <class Task>
Task short_task() {
  Task request;
  request.prompt = "a red cat";
  request.steps = 4;
  request.seed = 5;
  request.sampling.sampler = Sampler::ddim;
  request.image = image_of("square");
  if constexpr (std::is_same_v<Task, Inpaint>) request.mask = gray_image_of("square.mask");
  return request;
}

template <class Task>
Picture only(Generator& generator, const Task& request) {
  return std::move(generator.generate(request).front());
}

double relative_error(const Picture& found, const Picture& expected) {
  const auto a = tensor_of(found.latents), b = tensor_of(expected.latents);
  return ((a - b).norm() / b.norm()).item<double>();
}

}  // namespace

class ImageTaskParity : public ::testing::TestWithParam<std::string> {};

TEST_P(ImageTaskParity, EqualsDiffusers) {
  const auto json = read_json(case_stem(kImageTaskCases) + ".json")[GetParam()];
  const auto latents = image_task_fixtures().load(GetParam() + ".latents");
  const auto pixels = image_task_fixtures().load(GetParam() + ".pixels");  // [N, H, W, 3]
  Request request = image_task_request(json);
  // Alone and together: a picture does not depend on its batch mates.
  for (const int batch_size : {1, json["num_images"].get<int>()}) {
    std::visit([&](auto& task) { task.batch_size = batch_size; }, request);
    auto generator = open(json["model"]);
    expect_pictures(generator.generate(request), latents, pixels);
  }
}

INSTANTIATE_TEST_SUITE_P(Requests, ImageTaskParity,
                         ::testing::ValuesIn(case_names(kImageTaskCases)),
                         [](const auto& info) { return info.param; });

TEST(ImageToImage, StrengthSetsTheStepsThatAreDone) {
  auto generator = open("tiny");
  auto request = short_task<ImageToImage>();
  request.steps = 10;
  request.strength = 0.39;
  Recorder recorder;
  generator.generate(request, &recorder);
  EXPECT_EQ(recorder.steps, 3);
}

TEST(ImageToImage, GivenLatentsAreTheNoise) {
  auto generator = open("tiny");
  auto request = short_task<ImageToImage>();
  const auto drawn = only(generator, request);
  request.latents = Latents{{1, 4, 16, 16}, std::vector<float>(4 * 16 * 16, 0.25f)};
  EXPECT_NE(only(generator, request).latents.values, drawn.latents.values);
}

TEST(ImageToImage, CropAndPadKeepProportions) {
  auto generator = open("tiny");
  auto request = short_task<ImageToImage>();
  request.image = image_of("large");  // 96 x 64
  request.width = request.height = 32;
  const auto stretched = only(generator, request);
  for (const Fit fit : {Fit::crop, Fit::pad}) {
    request.fit = fit;
    const auto picture = only(generator, request);
    EXPECT_EQ(picture.image.width, 32);
    EXPECT_NE(picture.image.pixels, stretched.image.pixels);
  }
}

TEST(ImageToImage, RefusesWhatCannotBeDone) {
  auto generator = open("tiny");
  auto request = short_task<ImageToImage>();
  request.strength = 0.1;
  EXPECT_NE(message_of<UsageError>([&] { generator.generate(request); }).find("strength"),
            std::string::npos);
  request.strength = 1.5;
  EXPECT_EQ(message_of<UsageError>([&] { generator.generate(request); }),
            "strength 1.5: expected 0 … 1");
  request.strength = 0.8;
  request.image = {4, 4, std::vector<std::uint8_t>(48)};
  EXPECT_NE(message_of<InputError>([&] { generator.generate(request); }).find("4x4"),
            std::string::npos);
}

TEST(Inpaint, UntouchedPixelsAreTheInputs) {
  for (const char* model : {"tiny", "tiny-inpaint"}) {
    auto generator = open(model);
    const auto request = short_task<Inpaint>();
    const auto picture = only(generator, request);
    int changed = 0;
    for (std::size_t i = 0; i < request.image.pixels.size(); ++i) {
      const bool same = picture.image.pixels[i] == request.image.pixels[i];
      ASSERT_TRUE(same || request.mask.values[i / 3] != 0) << "byte " << i;
      changed += same ? 0 : 1;
    }
    EXPECT_GT(changed, 100);
  }
}

TEST(Inpaint, ACroppedRegionGoesBackIntoTheWholePicture) {
  auto generator = open("tiny-inpaint");
  auto request = short_task<Inpaint>();
  request.image = image_of("large");
  request.mask = gray_image_of("large.mask");
  request.mask_crop = 4;
  const auto picture = only(generator, request);
  ASSERT_EQ(picture.image.pixels.size(), request.image.pixels.size());
  for (std::size_t i = 0; i < request.image.pixels.size(); ++i) {
    ASSERT_TRUE(request.mask.values[i / 3] != 0 ||
                picture.image.pixels[i] == request.image.pixels[i])
        << "byte " << i;
  }
  EXPECT_NE(picture.image.pixels, request.image.pixels);
}

TEST(Inpaint, ExtendsThePictureAndPaintsWhatIsNew) {
  auto generator = open("tiny");
  auto request = short_task<Inpaint>();
  request.mask = {};
  request.extend = {.left = 16, .top = 8};
  const auto picture = only(generator, request);
  ASSERT_EQ(picture.image.width, 48);
  ASSERT_EQ(picture.image.height, 40);
  for (int y = 0; y < 32; ++y) {
    const auto* found = picture.image.pixels.data() + ((y + 8) * 48 + 16) * 3;
    const auto* wanted = request.image.pixels.data() + y * 32 * 3;
    ASSERT_TRUE(std::equal(wanted, wanted + 32 * 3, found)) << "row " << y;
  }
  request.extend = {.right = 5};
  EXPECT_EQ(message_of<UsageError>([&] { generator.generate(request); }),
            "extend: the width 37 is not a multiple of 8: 32 and 40 are the nearest");
}

TEST(Inpaint, ABlackMaskIsSaid) {
  auto generator = open("tiny");
  auto request = short_task<Inpaint>();
  request.mask.values.assign(request.mask.values.size(), 0);
  Recorder recorder;
  const auto pictures = generator.generate(request, &recorder);
  EXPECT_EQ(pictures.front().image.pixels, request.image.pixels);
  ASSERT_EQ(recorder.warnings.size(), 1u);
  request.mask_crop = 0;
  EXPECT_THROW(generator.generate(request), InputError);
}

TEST(DepthToImage, ConstantDepthIsNotDividedByZero) {
  auto generator = open("tiny-depth");
  auto request = short_task<DepthToImage>();
  request.depth_map = GrayImage{8, 8, std::vector<std::uint16_t>(64, 1000)};
  for (const float value : only(generator, request).latents.values) {
    ASSERT_TRUE(std::isfinite(value));
  }
  request.depth_map.reset();
  EXPECT_EQ(message_of<UsageError>([&] { generator.generate(request); }),
            "this model has no depth estimator: give depth-estimator or depth-map");
}

TEST(DepthToImage, AnEstimatorMayStandBesideTheModel) {
  auto with_own = open("tiny-depth-estimator"), without = open("tiny-depth");
  auto request = short_task<DepthToImage>();
  const auto own = only(with_own, request);
  request.depth_estimator = VELATURA_FIXTURES "/models/tiny-depth-estimator";
  EXPECT_EQ(only(without, request).depth.values, own.depth.values);
  EXPECT_EQ(only(with_own, request).latents.values, own.latents.values);
  request.depth_map = GrayImage{8, 8, std::vector<std::uint16_t>(64, 1000)};
  EXPECT_THROW(without.generate(request), UsageError);
}

TEST(DepthToImage, TheDepthMatters) {
  auto generator = open("tiny-depth");
  auto request = short_task<DepthToImage>();
  request.depth_map = gray_image_of("square.depth");
  const auto picture = only(generator, request);
  EXPECT_EQ(picture.depth.width, 32);
  auto& values = request.depth_map->values;
  std::reverse(values.begin(), values.end());
  EXPECT_GT(largest_difference(picture.image, only(generator, request).image), 1);
}

TEST(DepthToImage, TheModelsOwnEstimateCanBeGivenAgain) {
  auto generator = open("tiny-depth-estimator");
  auto request = short_task<DepthToImage>();
  const auto estimated = only(generator, request);
  EXPECT_EQ(estimated.depth.width, 64) << "as large as the estimator makes it";
  EXPECT_FALSE(nlohmann::json::parse(estimated.metadata.receipt).contains("depth_map"));
  request.depth_map = estimated.depth;
  EXPECT_LT(relative_error(only(generator, request), estimated), 1e-4);
  request.depth_map = gray_image_of("square.depth");
  EXPECT_GT(relative_error(only(generator, request), estimated), 1e-2);
}

TEST(DepthToImage, EstimatesTheDepthOfThePictureAsItIsFitted) {
  auto generator = open("tiny-depth-estimator");
  auto request = short_task<DepthToImage>();
  request.image = image_of("large");
  request.width = request.height = 32;
  const auto stretched = only(generator, request);
  request.fit = Fit::crop;
  EXPECT_NE(only(generator, request).depth.values, stretched.depth.values);
}

TEST(Upscale, TilesBlendIntoAlmostTheSamePicture) {
  auto generator = open("tiny-upscale");
  auto request = short_task<Upscale>();
  request.tile = 0;
  const auto whole = only(generator, request);
  request.tile = 20;
  request.tile_overlap = 8;
  const auto tiled = only(generator, request);
  EXPECT_EQ(tiled.image.width, 4 * 32);
  EXPECT_NE(tiled.latents.values, whole.latents.values);
  EXPECT_LT(relative_error(tiled, whole), 0.1);
}

// Nothing but smooth colours, which tiles normalised each by itself would shift: by .26 of the latents.
TEST(Upscale, TilesKeepTheColoursOfTheWhole) {
  Generator generator({.model = VELATURA_MODELS "/demo-upscale", .device = "cpu"});
  Upscale request;
  request.prompt = "a red circle";
  request.steps = 4;
  request.seed = 1;
  request.image = {64, 64, {}};
  for (int y = 0; y < 64; ++y) {
    for (int x = 0; x < 64; ++x) {
      for (const int value : {4 * x, 255 - 4 * x, 4 * y})
        request.image.pixels.push_back(static_cast<std::uint8_t>(value));
    }
  }
  request.tile = 0;
  const auto whole = only(generator, request);
  request.tile = 32;
  request.tile_overlap = 8;
  EXPECT_LT(relative_error(only(generator, request), whole), 0.1);
}

// The upper left corner.
Image corner(const Image& image, int width, int height) {
  return to_image(crop(to_raster(image), 0, 0, width, height));
}

TEST(Upscale, MakesEverySideExactlyFourTimesAsLong) {
  auto generator = open("tiny-upscale");
  auto request = short_task<Upscale>();
  request.steps = 1;
  request.tile_overlap = 4;
  const Image whole = request.image;
  for (const auto& [width, height] : {std::pair{32, 32}, {30, 21}, {7, 32}, {1, 1}}) {
    request.image = corner(whole, width, height);
    for (const int tile : {0, 16}) {
      request.tile = tile;
      Recorder recorder;
      const auto picture = std::move(generator.generate(request, &recorder).front());
      EXPECT_EQ(picture.image.width, 4 * width);
      EXPECT_EQ(picture.image.height, 4 * height);
      EXPECT_EQ(picture.image.pixels.size(), std::size_t{3} * 16 * width * height);
      EXPECT_TRUE(recorder.warnings.empty());
      const auto receipt = nlohmann::json::parse(picture.metadata.receipt);
      EXPECT_EQ(receipt["resize"], "pad");
      EXPECT_EQ(receipt["width"], 4 * width);
      EXPECT_EQ(receipt["height"], 4 * height);
    }
  }
}

TEST(Upscale, DrawsOutEdgesAndCutsThemOffAgain) {
  auto generator = open("tiny-upscale");
  auto request = short_task<Upscale>();
  const Image whole = request.image;
  request.image = to_image(extend(to_raster(corner(whole, 30, 21)), {.right = 2, .bottom = 3}));
  const auto grown = only(generator, request);
  request.image = corner(whole, 30, 21);
  EXPECT_EQ(only(generator, request).image.pixels, corner(grown.image, 120, 84).pixels);
}

TEST(Upscale, StretchesAsDiffusersIfAskedTo) {
  auto generator = open("tiny-upscale");
  auto request = short_task<Upscale>();
  const auto padded = only(generator, request);
  request.fit = Fit::stretch;
  EXPECT_EQ(only(generator, request).image.pixels, padded.image.pixels) << "nothing to change";
  request.image = corner(request.image, 30, 21);
  for (const Fit fit : {Fit::stretch, Fit::crop}) {
    request.fit = fit;
    Recorder recorder;
    const auto picture = std::move(generator.generate(request, &recorder).front());
    EXPECT_EQ(picture.image.width, 112);
    EXPECT_EQ(picture.image.height, 80);
    ASSERT_EQ(recorder.warnings.size(), 1u);
    EXPECT_EQ(recorder.warnings[0],
              "the picture changes from 30x21 to 28x20 pixels: --resize pad keeps its size");
  }
  request.image = corner(request.image, 3, 8);
  EXPECT_NE(message_of<InputError>([&] { generator.generate(request); }).find("--resize pad"),
            std::string::npos);
}

TEST(ImageTasks, SayThatThePictureChangesItsSize) {
  const auto warnings = [](const char* model, const Request& request) {
    auto generator = open(model);
    Recorder recorder;
    generator.generate(request, &recorder);
    return recorder.warnings;
  };
  const auto expect_one = [](const std::vector<std::string>& found, const std::string& expected) {
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0], expected);
  };
  auto changed = short_task<ImageToImage>();
  EXPECT_TRUE(warnings("tiny", changed).empty());
  changed.image = corner(changed.image, 30, 21);
  const std::string floored =
      "the picture changes from 30x21 to 24x16 pixels: sides are multiples of 8; -W 32 -H 24 with "
      "--resize pad loses nothing of it";
  expect_one(warnings("tiny", changed), floored);
  auto deep = short_task<DepthToImage>();
  deep.image = changed.image;
  deep.depth_map = gray_image_of("square.depth");
  expect_one(warnings("tiny-depth", deep), floored);
  changed.width = 32;
  changed.height = 24;
  EXPECT_TRUE(warnings("tiny", changed).empty());

  auto painted = short_task<Inpaint>();
  EXPECT_TRUE(warnings("tiny", painted).empty());
  painted.image = image_of("large");
  painted.mask = gray_image_of("large.mask");
  expect_one(warnings("tiny", painted),
             "the picture changes from 96x64 to 32x32 pixels: -W 96 -H 64 paints it about as large "
             "as it is, --mask-crop 32 only around the mask, which keeps the rest as it is");
  painted.mask_crop = 4;
  EXPECT_TRUE(warnings("tiny", painted).empty());
  painted.mask_crop.reset();
  painted.width = painted.height = 32;
  EXPECT_TRUE(warnings("tiny", painted).empty());
}

TEST(Upscale, RefusesANoiseLevelAboveTheModels) {
  auto generator = open("tiny-upscale");
  auto request = short_task<Upscale>();
  request.noise_level = 351;
  EXPECT_EQ(message_of<UsageError>([&] { generator.generate(request); }),
            "noise-level 351: expected 0 … 350");
}

TEST(VaeTiles, GiveAlmostTheSamePicture) {
  auto request = short_task<ImageToImage>();
  request.image = image_of("large");
  auto whole = open("tiny"), tiled = open("tiny", {.vae_tile = 32});
  const auto expected = only(whole, request), found = only(tiled, request);
  EXPECT_NE(found.image.pixels, expected.image.pixels);
  EXPECT_LT(relative_error(found, expected), 0.1);
  EXPECT_EQ(nlohmann::json::parse(found.metadata.receipt)["vae_tile"], 32);
  EXPECT_EQ(nlohmann::json::parse(expected.metadata.receipt)["vae_tile"], 0);
  EXPECT_THROW(open("tiny", {.vae_tile = 12}), UsageError);
}

TEST(ImageTasks, AModelForAnotherTaskIsRefusedByNameOfItsCommand) {
  const auto message = [](const char* model, const Request& request) {
    auto generator = open(model);
    return message_of<UsageError>([&] { generator.generate(request); });
  };
  TextToImage text;
  EXPECT_NE(message("tiny-inpaint", text).find("velatura inpaint"), std::string::npos);
  EXPECT_NE(message("tiny-depth", text).find("velatura depth2img"), std::string::npos);
  EXPECT_NE(message("tiny-upscale", text).find("velatura upscale"), std::string::npos);
  EXPECT_NE(message("tiny", short_task<Upscale>()).find("txt2img"), std::string::npos);
}

TEST(ImageTasks, ReceiptsNameWhatWentIn) {
  auto generator = open("tiny");
  auto request = short_task<Inpaint>();
  request.mask_blur = 2;
  const auto metadata = only(generator, request).metadata;
  const auto receipt = nlohmann::json::parse(metadata.receipt);
  EXPECT_EQ(receipt["task"], "inpaint");
  EXPECT_EQ(receipt["strength"], 1.0);
  EXPECT_EQ(receipt["image"]["width"], 32);
  EXPECT_EQ(receipt["image"]["sha256"].get<std::string>().size(), 64u);
  EXPECT_NE(receipt["mask"]["sha256"], receipt["image"]["sha256"]);
  EXPECT_NE(metadata.parameters.find("Denoising strength: 1, Mask blur: 2"), std::string::npos)
      << metadata.parameters;
  EXPECT_EQ(metadata.source, DigitalSource::composite);
}

}  // namespace velatura::testing
