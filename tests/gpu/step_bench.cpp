// Times guided denoising steps, or a VAE's decoding, of a network of full size with random weights made on
// the GPU, by its own clock, and prints one JSON object. With --kernels it also says what the time of a step goes to.

#include <ATen/ATen.h>
#include <ATen/Context.h>
#include <c10/core/CachingDeviceAllocator.h>
#include <c10/core/Event.h>
#include <c10/core/InferenceMode.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <torch/csrc/autograd/profiler_kineto.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <fstream>
#include <iostream>
#include <map>
#include <vector>

#include "core/device.h"
#include "gpu/full_size_step.h"
#include "request/names.h"
#include "velatura/error.h"

namespace {

namespace profiler = torch::profiler::impl;

std::function<void(std::size_t)> work_of(const std::string& model, at::Device device,
                                         at::ScalarType dtype) {
  if (model == "vae") {
    return
        [decode = velatura::testing::full_size_decoding(device, dtype)](std::size_t) { decode(); };
  }
  const auto step = std::make_shared<const velatura::testing::FullSizeStep>(model, device, dtype);
  return [step](std::size_t i) { step->predict(i); };
}

struct StepTime {
  double gpu_ms;   // between the events around it
  double host_ms;  // until it is queued
};

StepTime time_step(const std::function<void()>& work, at::Device device) {
  const auto stream = c10::impl::VirtualGuardImpl(device.type()).getStream(device);
  c10::Event begin(device.type(), c10::EventFlag::BACKEND_DEFAULT);
  c10::Event end(device.type(), c10::EventFlag::BACKEND_DEFAULT);
  const auto start = std::chrono::steady_clock::now();
  begin.record(stream);
  work();
  end.record(stream);
  const std::chrono::duration<double, std::milli> queued = std::chrono::steady_clock::now() - start;
  end.synchronize();
  return {begin.elapsedTime(end), queued.count()};
}

template <class Figure>
double median(std::vector<StepTime> times, Figure figure) {
  std::ranges::sort(times, {}, figure);
  return times[times.size() / 2].*figure;
}

// A Markdown table of what `steps` steps spent in each kernel, the most first.
void write_kernels(const std::string& file, std::size_t steps, const std::function<void()>& work) {
  struct Spent {
    double ms = 0;
    std::size_t calls = 0;
  };
  const std::set<profiler::ActivityType> activities{profiler::ActivityType::CUDA};
  const profiler::ProfilerConfig config(profiler::ProfilerState::KINETO);
  torch::autograd::profiler::prepareProfiler(config, activities);
  torch::autograd::profiler::enableProfiler(config, activities);
  work();
  const auto result = torch::autograd::profiler::disableProfiler();
  std::map<std::string, Spent> spent;
  for (const auto& event : result->events()) {
    if (event.deviceType() != c10::DeviceType::CUDA) continue;
    Spent& of = spent[event.name()];
    of.ms += static_cast<double>(event.durationNs()) * 1e-6;
    ++of.calls;
  }
  std::vector<std::pair<std::string, Spent>> most(spent.begin(), spent.end());
  std::ranges::sort(most, std::greater(), [](const auto& entry) { return entry.second.ms; });
  std::ofstream out(file);
  out << "| ms a step | calls a step | kernel |\n|---|---|---|\n";
  const auto count = static_cast<double>(steps);
  for (const auto& [name, of] : most) {
    out << "| " << of.ms / count << " | " << static_cast<double>(of.calls) / count << " | "
        << name.substr(0, 200) << " |\n";
  }
}

}  // namespace

int main(int argc, char** argv) try {
  std::string model, dtype_name, kernels;
  std::size_t steps = 20;
  bool has_cudnn_attention = true;
  CLI::App app("Times denoising steps of a network of full size on a GPU", "velatura_step_bench");
  app.add_option(
         "MODEL", model,
         "sd15, also with -control, -pictures or -objects, or kandinsky (2.2) at 512², sdxl: a UNet of that shape at "
         "1024²; or vae, at 512²")
      ->required()
      ->check(CLI::IsMember(
          {"sd15", "sd15-control", "sd15-pictures", "sd15-objects", "kandinsky", "sdxl", "vae"}));
  app.add_option("DTYPE", dtype_name, "float16, bfloat16 or float32")
      ->required()
      ->check(CLI::IsMember({"float16", "bfloat16", "float32"}));
  app.add_option("--steps", steps, "how many, the first three of which are not counted")
      ->check(CLI::Range(4, 20));
  app.add_flag("!--without-cudnn-attention", has_cudnn_attention, "libtorch's other kernels alone");
  app.add_option("--kernels", kernels,
                 "a file for a table of the kernels that three steps spend time in");
  CLI11_PARSE(app, argc, argv);

  const c10::InferenceMode inference;
  const velatura::Placement placement = velatura::choose_placement(
      "cuda", *velatura::request::value_named<velatura::DType>(dtype_name));
  const auto [device, dtype] = std::pair(placement.device, placement.dtype);
  at::globalContext().setSDPUseCuDNN(has_cudnn_attention);
  const auto work = work_of(model, device, dtype);
  std::vector<StepTime> times;
  for (std::size_t i = 0; i < steps; ++i) times.push_back(time_step([&] { work(i); }, device));
  const double first = times.front().gpu_ms;
  times.erase(times.begin(), times.begin() + 3);
  const auto memory = at::getDeviceAllocator(device.type())->getDeviceStats(device.index());
  const nlohmann::ordered_json result = {
      {"model", model},
      {"dtype", dtype_name},
      {"first_step_ms", first},
      {"step_ms", median(times, &StepTime::gpu_ms)},
      {"host_ms", median(times, &StepTime::host_ms)},
      {"peak_gib", static_cast<double>(memory.reserved_bytes[0].peak) / (1 << 30)}};
  std::cout << result.dump() << "\n";
  if (!kernels.empty()) {
    constexpr std::size_t kProfiled = 3;
    write_kernels(kernels, kProfiled, [&] {
      for (std::size_t i = 0; i < kProfiled; ++i) time_step([&] { work(i); }, device);
    });
  }
} catch (const std::exception& error) {
  std::cerr << "velatura_step_bench: " << error.what() << "\n";
  return 1;
}
