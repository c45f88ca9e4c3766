#include "families/fault_finder.h"

#include <ATen/ATen.h>

#include "core/device.h"
#include "core/finite.h"
#include "core/interruption.h"
#include "core/text.h"
#include "weights/sources/names.h"

namespace velatura::families {
namespace {

// The first element that is not finite.
double first_of(const at::Tensor& values) {
  const auto flat = values.flatten();
  return flat[flat.isfinite().logical_not().nonzero()[0].item<std::int64_t>()].item<double>();
}

// What there is to try where the weights are not at fault.
std::string advice(at::ScalarType dtype, const std::string& network) {
  const std::string option = network == "VAE" ? "--vae-dtype" : "--dtype";
  if (dtype == at::kHalf) return ": " + option + " bfloat16 or float32 goes on";
  if (dtype == at::kBFloat16) return ": " + option + " float32 goes on";
  if (network == "VAE") return ": another VAE (--vae FILE) may help";
  if (network == "UNet") return ": a lower --guidance-scale or another --sampler may help";
  return "";
}

}  // namespace

std::string FaultFinder::faulty_weight(at::ScalarType dtype) const {
  if (!part_) return "";
  for (const std::string& name : part_->weights->names()) {
    end_if_cancelled();
    const at::Tensor stored = part_->weights->load(name);
    if (!at::isFloatingType(stored.scalar_type()) || stored.numel() == 0) continue;
    const at::Tensor exact = stored.to(at::kFloat);
    const at::Tensor used = exact.to(dtype).to(at::kFloat);
    if (all_finite(used)) continue;
    const std::string tensor = "its tensor " + weights::shown(part_->weights->stored_name(name));
    if (!all_finite(exact)) return tensor + " holds " + number_text(first_of(exact));
    const double largest = exact.abs().max().item<double>();
    return tensor + " holds " + number_text(largest) + ", which is too much for " +
           dtype_name(dtype) + advice(dtype, weights::in_words(part_->role));
  }
  return "";
}

InputError FaultFinder::explain(const std::string& network, at::ScalarType dtype,
                                const std::string& when) const {
  const std::string where = part_ ? part_->weights->where() + ": " : "";
  const std::string fault = faulty_weight(dtype);
  if (!fault.empty()) {
    return InputError(where + "the " + network + " gives what is not finite " + when + ": " +
                      fault);
  }
  const bool half = dtype != at::kFloat;
  return InputError(where + "the " + network +
                    (half ? " overflows in " + dtype_name(dtype) + " "
                          : std::string(" gives what is not finite ")) +
                    when + ", though its weights are finite" + advice(dtype, network));
}

}  // namespace velatura::families
