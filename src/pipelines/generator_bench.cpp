// Times one run stage by stage through the public library and prints one JSON object.
// Usage: velatura_bench MODEL DTYPE SIZE STEPS [DEVICE]

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>

#include "velatura/error.h"
#include "velatura/generator.h"

namespace {

using Clock = std::chrono::steady_clock;

// When each stage's parts were done.
class Stopwatch : public velatura::Observer {
 public:
  void on_progress(const velatura::Progress& progress) override {
    done[progress.stage].push_back(seconds());
  }
  double seconds() const { return std::chrono::duration<double>(Clock::now() - start).count(); }

  Clock::time_point start = Clock::now();
  std::map<velatura::Stage, std::vector<double>> done;
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

}  // namespace

int main(int argc, char** argv) try {
  if (argc < 5) {
    std::cerr << "usage: velatura_bench MODEL DTYPE SIZE STEPS [DEVICE]\n";
    return 2;
  }
  const std::string dtype = argv[2];
  const velatura::ModelOptions options{.model = argv[1],
                                       .device = argc > 5 ? argv[5] : "cpu",
                                       .dtype = dtype == "bfloat16"  ? velatura::DType::bfloat16
                                                : dtype == "float16" ? velatura::DType::float16
                                                                     : velatura::DType::float32};
  velatura::TextToImage request;
  request.prompt = "a photo of an astronaut riding a horse";
  request.width = request.height = std::stoi(argv[3]);
  request.steps = std::stoi(argv[4]);
  request.sampling.sampler = velatura::Sampler::ddim;

  Stopwatch watch;
  velatura::Generator generator(options, &watch);
  const double loaded = watch.seconds(), loaded_peak = peak_gib();
  generator.generate(request, &watch);
  const auto& denoised = watch.done[velatura::Stage::denoise];
  const auto& encoded = watch.done[velatura::Stage::encode_prompt];
  const nlohmann::ordered_json result = {
      {"load_s", loaded},
      {"load_peak_gib", loaded_peak},
      {"encode_s", encoded.back() - loaded},
      {"first_step_s", denoised.front() - encoded.back()},
      {"step_s", median_gap(denoised)},
      {"decode_s", watch.done[velatura::Stage::decode].back() - denoised.back()},
      {"total_s", watch.seconds()},
      {"peak_gib", peak_gib()}};
  std::cout << result.dump() << "\n";
} catch (const std::exception& error) {
  std::cerr << "velatura_bench: " << error.what() << "\n";
  return 1;
}
