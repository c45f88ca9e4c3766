#include "layers/attention.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <cmath>

#include "support/compare.h"
#include "support/random_weights.h"

namespace velatura::testing {
namespace {

// As the paper writes it, one head at a time.
at::Tensor by_the_book(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                       std::int64_t heads, bool causal) {
  std::vector<at::Tensor> results;
  const auto width = q.size(2) / heads;
  for (std::int64_t head = 0; head < heads; ++head) {
    const auto part = [&](const at::Tensor& x) { return x.narrow(2, head * width, width); };
    auto scores = part(q).matmul(part(k).transpose(1, 2)) / std::sqrt(static_cast<double>(width));
    if (causal) {
      scores = scores.masked_fill(at::ones_like(scores, at::kBool).triu(1), -INFINITY);
    }
    results.push_back(scores.softmax(-1).matmul(part(v)));
  }
  return at::cat(results, 2);
}

}  // namespace

TEST(Attention, IsWhatThePaperSays) {
  const auto q = normal(1, {2, 7, 12}), k = normal(2, {2, 7, 12}), v = normal(3, {2, 7, 12});
  for (const bool causal : {false, true}) {
    for (const int heads : {1, 3, 4}) {
      EXPECT_TRUE(all_near(layers::multi_head_attention(q, k, v, heads, {.causal = causal}),
                           by_the_book(q, k, v, heads, causal), 1e-5));
    }
  }
}

TEST(Attention, CrossAttentionLooksAtTheContext) {
  c10::InferenceMode inference;
  layers::Attention attention({.dim = 8, .context_dim = 6, .heads = 2});
  randomise(attention);
  const auto x = normal(1, {1, 5, 8}), context = normal(2, {1, 3, 6});
  const auto out = attention.forward(x, context);
  EXPECT_EQ(out.sizes(), x.sizes());
  EXPECT_FALSE(all_near(attention.forward(x, context + 1), out, 1e-3));
}

}  // namespace velatura::testing
