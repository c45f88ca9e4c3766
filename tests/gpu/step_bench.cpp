// velatura_step_bench MODEL DTYPE [STEPS]: times guided denoising steps of a network of full size with
// random weights made on the GPU, by its own clock, and prints one JSON object. MODEL is sd15 (512²) or
// sdxl (a UNet of that shape, 1024²).

#include <ATen/ATen.h>
#include <c10/core/Event.h>
#include <c10/core/InferenceMode.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include <algorithm>
#include <iostream>
#include <vector>

#include "core/device.h"
#include "gpu/full_size_step.h"
#include "velatura/error.h"

namespace {

velatura::DType dtype_of(const std::string& name) {
  if (name == "float16") return velatura::DType::float16;
  if (name == "bfloat16") return velatura::DType::bfloat16;
  if (name == "float32") return velatura::DType::float32;
  throw velatura::UsageError("no such dtype: " + name);
}

double milliseconds(const std::function<void()>& work, at::Device device) {
  const auto stream = c10::impl::VirtualGuardImpl(device.type()).getStream(device);
  c10::Event begin(device.type(), c10::EventFlag::BACKEND_DEFAULT);
  c10::Event end(device.type(), c10::EventFlag::BACKEND_DEFAULT);
  begin.record(stream);
  work();
  end.record(stream);
  end.synchronize();
  return begin.elapsedTime(end);
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc < 3) {
    std::cerr << "usage: velatura_step_bench sd15|sdxl float16|bfloat16|float32 [STEPS]\n";
    return 2;
  }
  const c10::InferenceMode inference;
  const auto [device, dtype] = velatura::choose_placement("cuda", dtype_of(argv[2]));
  const velatura::testing::FullSizeStep step(argv[1], device, dtype);
  const std::size_t steps = argc > 3 ? std::stoul(argv[3]) : 20;
  std::vector<double> times;
  for (std::size_t i = 0; i < steps; ++i)
    times.push_back(milliseconds([&] { step.predict(i); }, device));
  const double first = times.front();
  std::ranges::sort(times);
  const nlohmann::ordered_json result = {{"model", argv[1]},
                                         {"dtype", argv[2]},
                                         {"first_step_ms", first},
                                         {"step_ms", times[times.size() / 2]}};
  std::cout << result.dump() << "\n";
} catch (const std::exception& error) {
  std::cerr << "velatura_step_bench: " << error.what() << "\n";
  return 1;
}
