// Times one run stage by stage through the public library and prints one JSON object.
// Usage: velatura_bench TASK MODEL DTYPE SIZE STEPS [DEVICE [LORA or folder of a CONTROLNET]]

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>

#include "velatura/error.h"
#include "velatura/generator.h"

namespace {

using Clock = std::chrono::steady_clock;

// Of all threads.
double processor_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// When each stage's parts were done.
class Stopwatch : public velatura::Observer {
 public:
  void on_progress(const velatura::Progress& progress) override {
    done[progress.stage].push_back(seconds());
    processor[progress.stage].push_back(processor_seconds());
  }
  double seconds() const { return std::chrono::duration<double>(Clock::now() - start).count(); }

  Clock::time_point start = Clock::now();
  std::map<velatura::Stage, std::vector<double>> done, processor;  // by the clock; of all threads
};

double median_gap(const std::vector<double>& times) {
  std::vector<double> gaps;
  for (std::size_t i = 1; i < times.size(); ++i) gaps.push_back(times[i] - times[i - 1]);
  std::ranges::sort(gaps);
  return gaps.empty() ? 0.0 : gaps[gaps.size() / 2];
}

double peak_gib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / (1 << 20);
}

// A square picture that goes in.
velatura::Image gradient(int size) {
  velatura::Image image{size, size, {}};
  for (int y = 0; y < size; ++y) {
    for (int x = 0; x < size; ++x) {
      for (const int value : {255 * x / size, 255 * y / size, 128}) {
        image.pixels.push_back(static_cast<std::uint8_t>(value));
      }
    }
  }
  return image;
}

// White in the middle, a quarter of the picture.
velatura::GrayImage hole(int size) {
  velatura::GrayImage mask{size, size, {}};
  const auto inside = [size](int i) { return i >= size / 4 && i < size * 3 / 4; };
  for (int y = 0; y < size; ++y) {
    for (int x = 0; x < size; ++x) mask.values.push_back(inside(x) && inside(y) ? 65535 : 0);
  }
  return mask;
}

// A request for a square picture of that size. Where a picture goes in, all steps are done on it.
velatura::Request make_request(const std::string& task, int size) {
  if (task == "txt2img") {
    velatura::TextToImage request;
    request.width = request.height = size;
    return request;
  }
  if (task == "img2img") {
    velatura::ImageToImage request;
    request.image = gradient(size);
    request.strength = 1.0;
    return request;
  }
  if (task == "inpaint") {
    velatura::Inpaint request;
    request.image = gradient(size);
    request.mask = hole(size);
    request.width = request.height = size;
    return request;
  }
  if (task == "upscale") {
    velatura::Upscale request;
    request.image = gradient(size / 4);
    return request;
  }
  throw velatura::UsageError("no such task: " + task);
}

velatura::DType dtype_of(const std::string& name) {
  if (name == "bfloat16") return velatura::DType::bfloat16;
  if (name == "int8") return velatura::DType::int8;
  if (name == "float16") return velatura::DType::float16;
  return velatura::DType::float32;
}

// The same again with a LoRA: what it takes to have it in the weights, and what a step is then.
nlohmann::ordered_json with_lora(velatura::Generator& generator, velatura::Request request,
                                 const char* file, Stopwatch& watch) {
  std::visit([&](velatura::PictureRequest& any) { any.loras = {{.file = file, .text_scale = {}}}; },
             request);
  watch.done.clear();
  const double begin = watch.seconds();
  generator.generate(request, &watch);
  return {{"merge_s", watch.done[velatura::Stage::encode_prompt].back() - begin},
          {"lora_step_s", median_gap(watch.done[velatura::Stage::denoise])},
          {"lora_peak_gib", peak_gib()}};
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc < 6) {
    std::cerr
        << "usage: velatura_bench TASK MODEL DTYPE SIZE STEPS [DEVICE [LORA or folder of a CONTROLNET]]\n";
    return 2;
  }
  const velatura::ModelOptions options{
      .model = argv[2], .device = argc > 6 ? argv[6] : "cpu", .dtype = dtype_of(argv[3])};
  const bool is_controlled = argc > 7 && std::filesystem::is_directory(argv[7]);
  auto request = make_request(argv[1], std::stoi(argv[4]));
  std::visit(
      [&](velatura::PictureRequest& any) {
        any.prompt = "a photo of an astronaut riding a horse";
        any.steps = std::stoi(argv[5]);
        any.sampling.sampler = velatura::Sampler::ddim;
        if (is_controlled)
          any.controls = {{.model = argv[7], .image = gradient(std::stoi(argv[4]))}};
      },
      request);

  Stopwatch watch;
  velatura::Generator generator(options, &watch);
  const double loaded = watch.seconds(), loaded_peak = peak_gib();
  generator.generate(request, &watch);
  const auto& denoised = watch.done[velatura::Stage::denoise];
  const auto& worked = watch.processor[velatura::Stage::denoise];
  // A prior imagines a picture before the prompt is encoded, or in its place.
  double encoded = loaded;
  for (const auto stage : {velatura::Stage::encode_prompt, velatura::Stage::imagine}) {
    if (!watch.done[stage].empty()) encoded = std::max(encoded, watch.done[stage].back());
  }
  nlohmann::ordered_json result = {
      {"load_s", loaded},
      {"load_peak_gib", loaded_peak},
      {"encode_s", encoded - loaded},
      {"first_step_s", denoised.front() - encoded},
      {"step_s", median_gap(denoised)},
      {"step_cpu_s", median_gap(worked)},
      {"decode_s", watch.done[velatura::Stage::decode].back() - denoised.back()},
      {"decode_cpu_s", watch.processor[velatura::Stage::decode].back() - worked.back()},
      {"work_s", watch.seconds()},  // as total_s: there is nothing to import
      {"total_s", watch.seconds()},
      {"peak_gib", peak_gib()}};
  if (argc > 7 && !is_controlled) result.update(with_lora(generator, request, argv[7], watch));
  std::cout << result.dump() << "\n";
} catch (const std::exception& error) {
  std::cerr << "velatura_bench: " << error.what() << "\n";
  return 1;
}
