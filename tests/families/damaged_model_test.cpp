#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "core/read_file.h"
#include "families/stable_diffusion.h"
#include "pipelines/cases.h"
#include "weights/files.h"

namespace velatura::testing {
namespace {

namespace fs = std::filesystem;

/// A file of the tiny model, and how far apart the places are where it is damaged.
struct Damage {
  std::string file;
  std::size_t stride;
};
void PrintTo(const Damage& damage, std::ostream* out) {
  *out << damage.file;
}

// Everything that a model's files decide.
std::string fingerprint(const fs::path& folder) {
  Observer deaf;
  const auto files = weights::open_model(folder);
  const auto model = families::load_networks(files, {}, {at::kFloat, std::nullopt}, deaf);
  std::string all = files.pipeline_class + files.config("scheduler").json().dump() +
                    files.part("unet").config.json().dump() +
                    files.part("vae").config.json().dump() +
                    files.part("text_encoder").config.json().dump();
  for (const auto id : model.tokenizer.encode("a red cat on 2 bikes", 77).ids) {
    all += " " + std::to_string(id);
  }
  for (const char* const part : {"unet", "text_encoder"}) {
    const auto& weights = *files.part(part).weights;
    for (const std::string& name : weights.names()) {
      all += " " + std::to_string(weights.load(name).to(at::kDouble).norm().item<double>());
    }
  }
  return all;
}

class DamagedModel : public ::testing::TestWithParam<Damage> {
 protected:
  DamagedModel() {
    fs::copy(VELATURA_FIXTURES "/models/tiny", folder_.path() / "m", fs::copy_options::recursive);
    file_ = folder_.path() / "m" / GetParam().file;
    whole_ = read_file(file_, 1 << 20);
    expected_ = fingerprint(folder_.path() / "m");
  }

  // Refused in one line, or the same model.
  void expect_no_other_model(const std::string& bytes) {
    std::ofstream(file_, std::ios::binary) << bytes;
    try {
      EXPECT_EQ(fingerprint(folder_.path() / "m"), expected_);
    } catch (const InputError& error) {
      EXPECT_EQ(std::string_view(error.what()).find('\n'), std::string_view::npos);
    }
  }

  c10::InferenceMode inference_;
  weights::testing::Folder folder_;
  fs::path file_;
  std::string whole_, expected_;
};

TEST_P(DamagedModel, TruncatedIsRefusedOrTheSame) {
  for (std::size_t size = 0; size < whole_.size() && !HasFailure(); size += GetParam().stride) {
    SCOPED_TRACE(size);
    expect_no_other_model(whole_.substr(0, size));
  }
}

using DamagedHeader = DamagedModel;

TEST_P(DamagedHeader, WithABitFlippedIsRefusedOrTheSame) {
  std::size_t header = 8;
  for (std::size_t i = 0; i < 8; ++i) {
    header += std::size_t{static_cast<std::uint8_t>(whole_[i])} << (8 * i);
  }
  for (std::size_t bit = 0; bit < 8 * header && !HasFailure(); bit += 8 * header / 500) {
    SCOPED_TRACE(bit);
    std::string flipped = whole_;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    expect_no_other_model(flipped);
  }
}

constexpr auto kName = [](const ::testing::TestParamInfo<Damage>& info) {
  std::string name = info.param.file;
  std::ranges::replace_if(
      name, [](unsigned char c) { return !std::isalnum(c); }, '_');
  return name;
};
const Damage kUNet{"unet/diffusion_pytorch_model.safetensors", 101};
const Damage kTextEncoder{"text_encoder/model.safetensors", 101};

INSTANTIATE_TEST_SUITE_P(
    Files, DamagedModel,
    ::testing::Values(Damage{"model_index.json", 1}, Damage{"scheduler/scheduler_config.json", 1},
                      Damage{"unet/config.json", 1}, Damage{"vae/config.json", 1},
                      Damage{"text_encoder/config.json", 1}, Damage{"tokenizer/merges.txt", 1},
                      Damage{"tokenizer/vocab.json", 7},
                      Damage{"tokenizer/tokenizer_config.json", 1},
                      Damage{"tokenizer/special_tokens_map.json", 1}, kUNet, kTextEncoder),
    kName);
INSTANTIATE_TEST_SUITE_P(Files, DamagedHeader, ::testing::Values(kUNet, kTextEncoder), kName);

}  // namespace
}  // namespace velatura::testing
