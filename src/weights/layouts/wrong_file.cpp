#include "weights/layouts/wrong_file.h"

#include <array>
#include <string_view>

#include "velatura/error.h"
#include "weights/layouts/recognition.h"

namespace velatura::weights {
namespace {

/// Which option takes a kind of file.
struct Taker {
  std::string_view what;  ///< how the recognised begins
  std::string_view option;
};

constexpr auto kTakers = std::to_array<Taker>({
    {"a LoRA", "--lora"},
    {"a LoHa", "--lora"},
    {"a LoKr", "--lora"},
    {"a DoRA", "--lora"},
    {"a ControlNet", "--control"},
    {"a T2I-Adapter", "--control"},
    {"an IP-Adapter", "--ip-adapter"},
    {"a textual inversion embedding,", "--embedding"},
    {"a VAE alone", "--vae"},
    {"a CLIP image encoder", "--image-encoder"},
});

}  // namespace

void refuse_file(const WeightSource& file, const std::string& expected) {
  const Recognition found = recognise(file);
  const std::string wanted = "; expected " + expected;
  if (found.family != nullptr) {
    throw InputError(file.where() + ": is a model, " + found.what + ", which -m takes" + wanted);
  }
  if (found.what.empty()) throw InputError(file.where() + ": is not " + expected);
  const std::string what = found.what.substr(0, found.what.find(", not a model of its own"));
  for (const Taker& taker : kTakers) {
    if (!found.what.starts_with(taker.what)) continue;
    throw InputError(file.where() + ": is " + what + ", which " + std::string(taker.option) +
                     " takes" + wanted);
  }
  throw InputError(file.where() + ": is " + what + wanted);
}

}  // namespace velatura::weights
