#include "cli/model_check.h"

#include <algorithm>
#include <string>
#include <vector>

#include "core/device.h"
#include "core/text.h"
#include "generator/open_refiner.h"
#include "inspection/picture_work.h"
#include "pipelines/sides.h"
#include "request/words.h"
#include "velatura/error.h"
#include "weights/layouts/prior_files.h"

namespace velatura::cli {
namespace {

// What of this job would need less, as options.
std::string ways_on(const Request& request, const ModelOptions& machine, int batch_size,
                    const Placement& placement) {
  std::vector<std::string> ways{std::holds_alternative<Upscale>(request)
                                    ? "a smaller picture or --tile"
                                    : "a smaller --width and --height"};
  if (batch_size > 1) ways.emplace_back("a smaller --batch-size");
  if (machine.vae_tile == 0) ways.emplace_back("--vae-tile auto");
  if (placement.dtype == at::kFloat) ways.emplace_back("--dtype bfloat16");
  if (placement.device.is_cpu() && !placement.int8_weights) ways.emplace_back("--dtype int8");
  return request::either(ways);
}

// Whether a side that is asked for is longer than any picture's.
bool has_no_picture(const Request& request) {
  return std::visit(
      [](const auto& task) {
        if constexpr (requires { task.width; })
          return std::max(task.width.value_or(0), task.height.value_or(0)) >
                 pipelines::kLargestSide;
        else
          return false;
      },
      request);
}

}  // namespace

const inspection::ModelSize& ModelCheck::size_of(const ModelOptions& machine) {
  const bool same = size_ && opened_.model == machine.model && opened_.vae == machine.vae &&
                    opened_.variant == machine.variant && opened_.ema == machine.ema &&
                    opened_.refiner == machine.refiner && opened_.prior == machine.prior;
  if (!same) {
    const auto files =
        weights::open_model(machine.model, {machine.variant, machine.ema, machine.vae});
    size_ = inspection::size_of(files, weights::open_prior(files, machine.prior, machine.variant));
    if (const auto refiner = open_refiner(machine))
      size_ = inspection::with_refiner(std::move(*size_), inspection::size_of(*refiner));
    opened_ = machine;
  }
  return *size_;
}

void ModelCheck::check(const ModelOptions& machine, const Request& request, int batch_size,
                       bool is_loaded) {
  const inspection::ModelSize& model = size_of(machine);
  // Sides that no picture has are refused elsewhere.
  if (force_ || has_no_picture(request)) return;
  const Placement placement = choose_placement(machine.device, machine.dtype);
  const auto [device, dtype] = std::pair(placement.device, placement.dtype);
  const std::uint64_t free = free_memory(device);
  if (free == 0) return;  // not known
  const at::ScalarType vae_dtype =
      machine.vae_dtype == DType::automatic ? dtype : choose_dtype(machine.vae_dtype, device);
  auto work = inspection::work_of(model, request, batch_size, machine.vae_tile);
  // A GPU says when its memory runs out, and less is made at once then; the kernel ends processes.
  if (device.is_cuda()) work = inspection::least_work(work, model.vae.factor());
  const inspection::Precision precision{dtype, vae_dtype, placement.int8_weights};
  // Of a loaded model it is decided already, and its weights are not among what is free.
  const Offload offload =
      is_loaded ? Offload::none
                : inspection::settle_offload(machine.offload, device, model, work, precision);
  const auto need = inspection::offloaded_need(model, work, precision, offload);
  const std::int64_t program = device.is_cpu() ? inspection::kProgramBytes : 0;
  const std::int64_t bytes = need.work + (is_loaded ? 0 : program + need.weights);
  if (static_cast<std::uint64_t>(bytes) <= free) return;
  throw ResourceError(
      "pictures of " + std::to_string(work.width) + "x" + std::to_string(work.height) +
      " need about " + gib_text(static_cast<double>(bytes)) + " of " +
      (device.is_cpu() ? "" : "the GPU's ") + "memory, " + gib_text(static_cast<double>(free)) +
      " are free: " + ways_on(request, machine, work.pictures, placement) +
      " needs less; --force begins all the same");
}

}  // namespace velatura::cli
