#include "pipelines/receipt.h"

#include <gtest/gtest.h>

namespace velatura::pipelines {
namespace {

nlohmann::json receipt_of(const ModelIdentity& model) {
  const TextToImage request;
  const Run run{.width = 32,
                .height = 32,
                .seed = 1,
                .model = model,
                .sampler = {},
                .placement = {at::kCPU, at::kFloat},
                .vae = {at::kFloat, 0}};
  return nlohmann::json::parse(make_metadata(request, record_of(request), run).receipt);
}

TEST(Receipt, NamesTheModel) {
  const auto plain = receipt_of({.name = "sd15", .hash = std::string(64, 'a'), .vae = "kl"});
  EXPECT_EQ(plain.at("model"),
            (nlohmann::json{{"name", "sd15"}, {"sha256", std::string(64, 'a')}, {"vae", "kl"}}));
  const auto ema = receipt_of({.name = "sd15", .ema = true});
  EXPECT_EQ(ema.at("model").at("ema"), true);
}

}  // namespace
}  // namespace velatura::pipelines
