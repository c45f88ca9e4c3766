#include <gtest/gtest.h>

#include <new>

#include "pipelines/cases.h"
#include "pipelines/requests.h"

namespace velatura::testing {
namespace {

struct Batch {
  int first, images;
  bool operator==(const Batch&) const = default;
};
void PrintTo(const Batch& batch, std::ostream* out) {
  *out << batch.images << " from " << batch.first;
}

/// Hears of the batches that are begun, and can be short of memory in those of many pictures.
class BatchRecorder : public Recorder {
 public:
  void on_progress(const Progress& progress) override {
    if (progress.stage != Stage::denoise || progress.done != 1) return;
    if (progress.images > most_that_fit) throw std::bad_alloc();
    batches.push_back({progress.first_image, progress.images});
  }
  int most_that_fit = 1 << 20;
  std::vector<Batch> batches;
};

struct Made {
  std::size_t request;
  Picture picture;
};

std::vector<Made> made_together(Generator& generator, const std::vector<Request>& requests,
                                int batch_size, Observer* observer = nullptr) {
  std::vector<Made> all;
  generator.generate(
      requests, batch_size,
      [&](std::size_t request, Picture&& picture) {
        all.push_back({request, std::move(picture)});
      },
      observer);
  return all;
}

std::vector<Made> made_alone(Generator& generator, const std::vector<Request>& requests) {
  std::vector<Made> all;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    for (auto& picture : generator.generate(requests[i])) all.push_back({i, std::move(picture)});
  }
  return all;
}

/// The receipt but for the hash of the pixels: kernels chosen by the batch's size round differently.
nlohmann::json receipt_of(const Picture& picture) {
  auto receipt = nlohmann::json::parse(picture.metadata.receipt);
  EXPECT_EQ(receipt.erase("pixels"), 1U);
  return receipt;
}

void expect_same(const std::vector<Made>& found, const std::vector<Made>& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(found[i].request, expected[i].request);
    const Picture &a = found[i].picture, &b = expected[i].picture;
    EXPECT_EQ(a.seed, b.seed);
    EXPECT_EQ(receipt_of(a), receipt_of(b));
    EXPECT_EQ(a.metadata.parameters, b.metadata.parameters);
    EXPECT_EQ(a.depth.values, b.depth.values);
    EXPECT_TRUE(all_near(tensor_of(a.latents), tensor_of(b.latents), 1e-4)) << "picture " << i;
    ASSERT_EQ(a.image.pixels.size(), b.image.pixels.size());
    EXPECT_LE(largest_difference(a.image, b.image), 1) << "picture " << i;
  }
}

using Kind = Request (*)(int kind);

template <class Task>
Request plain(int kind) {
  return request_of_kind<Task>(kind);
}

template <Sampler sampler>
Request sampled_by(int kind) {
  auto request = request_of_kind<TextToImage>(kind);
  request.sampling.sampler = sampler;
  return request;
}

Request unguided(int kind) {
  auto request = request_of_kind<TextToImage>(kind);
  request.guidance_scale = 1;
  request.clip_skip = kind % 2;
  return request;
}

Request with_given_latents(int kind) {
  auto request = request_of_kind<TextToImage>(kind);
  request.num_images = 2;
  request.latents = Latents{{2, 4, 16, 16}, {}};
  for (int i = 0; i < 2 * 4 * 16 * 16; ++i) {
    request.latents->values.push_back(static_cast<float>((i + 1) * (kind + 7) % 101) / 50 - 1);
  }
  return request;
}

Request noised_inpaint(int kind) {
  auto request = request_of_kind<Inpaint>(kind);
  request.strength = 0.6;
  return request;
}

Request cropped_inpaint(int kind) {
  auto request = request_of_kind<Inpaint>(kind);
  request.mask = half_mask(32, 32, 6 + 8 * kind);
  request.mask_crop = 2;
  return request;
}

Request tiled_upscale(int kind) {
  auto request = request_of_kind<Upscale>(kind);
  request.tile = 20;
  request.tile_overlap = 8;
  return request;
}

// Of a model with a prior: what is imagined differs, too.
template <class Task>
Request imagined(int kind) {
  auto request = request_of_kind<Task>(kind);
  request.width = request.height = 64;
  request.sampling.sampler = Sampler::ddpm;
  request.prior_steps = 3 + kind;
  if (kind == 2) request.negative_prompt.reset();
  if constexpr (requires { request.image; }) request.image = patterned(64, 64, kind);
  if constexpr (requires { request.mask; }) request.mask = half_mask(64, 64, 20 + 9 * kind);
  return request;
}

Request mixed(int kind) {
  auto request = std::get<TextToImage>(imagined<TextToImage>(kind));
  request.mix = {{.text = "a red cat"}, {.image = patterned(40, 50, kind)}};
  if (kind == 0) request.mix.pop_back();
  return request;
}

Request varied(int kind) {
  auto request = std::get<Variations>(imagined<Variations>(kind));
  request.negative_prompt.reset();
  request.prior_steps.reset();
  return request;
}

struct TaskCase {
  const char* name;
  const char* model;
  Kind request;
};
void PrintTo(const TaskCase& task, std::ostream* out) {
  *out << task.name;
}

}  // namespace

class SharedBatches : public ::testing::TestWithParam<TaskCase> {};

TEST_P(SharedBatches, GiveThePicturesThatAreMadeAlone) {
  const auto& [name, model, request] = GetParam();
  std::vector<Request> requests;
  for (const int kind : {0, 1, 2}) requests.push_back(request(kind));
  std::visit([](PictureRequest& any) { any.num_images = 2; }, requests[1]);
  auto generator = open_fixture(model);
  const auto expected = made_alone(generator, requests);
  for (const int batch_size : {1, 3, 8}) {
    BatchRecorder recorder;
    expect_same(made_together(generator, requests, batch_size, &recorder), expected);
    const int all = static_cast<int>(expected.size());
    EXPECT_EQ(recorder.batches.front(), (Batch{0, std::min(batch_size, all)}));
    EXPECT_EQ(static_cast<int>(recorder.batches.size()), (all + batch_size - 1) / batch_size);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Tasks, SharedBatches,
    ::testing::Values(TaskCase{"txt2img", "tiny", plain<TextToImage>},
                      TaskCase{"ancestral", "tiny", sampled_by<Sampler::euler_a>},
                      TaskCase{"multistep", "tiny", sampled_by<Sampler::dpmpp_2m_sde>},
                      TaskCase{"unguided", "tiny", unguided},
                      TaskCase{"latents", "tiny", with_given_latents},
                      TaskCase{"img2img", "tiny", plain<ImageToImage>},
                      TaskCase{"inpaint4", "tiny", plain<Inpaint>},
                      TaskCase{"inpaint4noised", "tiny", noised_inpaint},
                      TaskCase{"inpaint9", "tiny-inpaint", plain<Inpaint>},
                      TaskCase{"inpaint9cropped", "tiny-inpaint", cropped_inpaint},
                      TaskCase{"depth2img", "tiny-depth", plain<DepthToImage>},
                      TaskCase{"upscale", "tiny-upscale", plain<Upscale>},
                      TaskCase{"upscaletiled", "tiny-upscale", tiled_upscale},
                      TaskCase{"imagined", "tiny-kandinsky-2-2-decoder", imagined<TextToImage>},
                      TaskCase{"imaginedprompt", "tiny-kandinsky-2-1", imagined<TextToImage>},
                      TaskCase{"mixed", "tiny-kandinsky-2-2-decoder", mixed},
                      TaskCase{"varied", "tiny-kandinsky-2-1", varied},
                      TaskCase{"imaginedimg2img", "tiny-kandinsky-2-1", imagined<ImageToImage>},
                      TaskCase{"imaginedinpaint", "tiny-kandinsky-2-2-decoder-inpaint",
                               imagined<Inpaint>}),
    [](const auto& info) { return info.param.name; });

TEST(SharedBatch, IsOfNeighboursThatAreAlikeOnly) {
  auto generator = open_fixture("tiny");
  std::vector<Request> requests;
  for (const int kind : {0, 1, 2, 3}) requests.push_back(request_of_kind<TextToImage>(kind));
  std::get<TextToImage>(requests[2]).steps = 3;
  requests.push_back(request_of_kind<ImageToImage>(0));
  requests.push_back(request_of_kind<ImageToImage>(1));
  BatchRecorder recorder;
  expect_same(made_together(generator, requests, 8, &recorder), made_alone(generator, requests));
  EXPECT_EQ(recorder.batches, (std::vector<Batch>{{0, 2}, {2, 1}, {3, 1}, {4, 2}}));
}

TEST(SharedBatch, IsOfPromptsOfAsManyChunks) {
  auto generator = open_fixture("tiny");
  std::vector<Request> requests;
  for (const char* prompt : {"a (cat:1.4)", "a cat BREAK a dog", "a dog BREAK snow", "[snow]"}) {
    auto request = request_of_kind<TextToImage>(static_cast<int>(requests.size()));
    request.prompt_syntax = PromptSyntax::webui;
    request.prompt = prompt;
    requests.push_back(request);
  }
  requests.push_back(request_of_kind<TextToImage>(5));  // plain: one chunk
  BatchRecorder recorder;
  expect_same(made_together(generator, requests, 8, &recorder), made_alone(generator, requests));
  EXPECT_EQ(recorder.batches, (std::vector<Batch>{{0, 1}, {1, 2}, {3, 2}}));
}

TEST(SharedBatch, LeavesEarlierBatchesWhereARequestCannotBeCarriedOut) {
  auto generator = open_fixture("tiny");
  std::vector<Request> requests;
  for (const int kind : {0, 1, 2}) requests.push_back(request_of_kind<TextToImage>(kind));
  std::get<TextToImage>(requests[2]).clip_skip = 99;
  std::vector<std::size_t> made;
  const auto sink = [&](std::size_t request, Picture&&) { made.push_back(request); };
  EXPECT_THROW(generator.generate(requests, 1, sink), UsageError);
  EXPECT_EQ(made, (std::vector<std::size_t>{0, 1}));
  EXPECT_THROW(generator.generate(requests, 0, sink), UsageError);
}

TEST(SharedBatch, OfNoRequestsIsNothing) {
  auto generator = open_fixture("tiny");
  EXPECT_TRUE(made_together(generator, {}, 4).empty());
}

TEST(SharedBatch, IsHalvedForGoodWhereMemoryRunsOut) {
  auto generator = open_fixture("tiny");
  std::vector<Request> requests;
  for (const int kind : {0, 1, 2, 3, 4}) requests.push_back(sampled_by<Sampler::euler_a>(kind));
  const auto expected = made_alone(generator, requests);
  BatchRecorder recorder;
  recorder.most_that_fit = 2;
  expect_same(made_together(generator, requests, 5, &recorder), expected);
  EXPECT_EQ(recorder.batches, (std::vector<Batch>{{0, 2}, {2, 2}, {4, 1}}));
  EXPECT_EQ(
      recorder.warnings,
      (std::vector<std::string>{"memory ran out; from here on at most 2 at a time are made"}));
  BatchRecorder later;
  made_together(generator, requests, 3, &later);
  EXPECT_EQ(later.batches.front(), (Batch{0, 2}));

  recorder.most_that_fit = 0;
  EXPECT_EQ(message_of<ResourceError>([&] { made_together(generator, requests, 5, &recorder); }),
            "the computer ran out of memory: a smaller batch-size or picture needs less");
}

}  // namespace velatura::testing
