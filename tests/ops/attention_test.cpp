#include "ops/attention/attention.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "ops/op_test.h"
#include "velatura/error.h"

namespace velatura::ops {
namespace {

struct AttentionShape {
  std::int64_t batch, heads, queries, keys, width;
  bool causal = false;
  bool padded = false;  // the second half of the last sample's keys is not looked at
};

void PrintTo(const AttentionShape& c, std::ostream* out) {
  *out << c.batch << "x" << c.heads << " heads of " << c.width << ", " << c.queries
       << " queries at " << c.keys << " keys" << (c.causal ? ", causal" : "")
       << (c.padded ? ", padded" : "");
}

struct Inputs {
  Inputs(const AttentionShape& c, at::ScalarType dtype)
      : q(random_tensor({c.batch, c.queries, c.heads * c.width}, 1, dtype)),
        k(random_tensor({c.batch, c.keys, c.heads * c.width}, 2, dtype)),
        v(random_tensor({c.batch, c.keys, c.heads * c.width}, 3, dtype)) {
    mask.causal = c.causal;
    if (!c.padded) return;
    mask.keys = at::ones({c.batch, c.keys}, at::kBool);
    mask.keys[c.batch - 1].slice(0, c.keys / 2).fill_(false);
  }
  at::Tensor q, k, v;
  AttentionMask mask;
};

// In double precision, as the paper writes it.
at::Tensor reference(const Inputs& of, std::int64_t heads) {
  const auto split = [heads](const at::Tensor& x) {
    return x.to(at::kDouble).unflatten(-1, {heads, -1}).transpose(1, 2);
  };
  const at::Tensor q = split(of.q);
  at::Tensor scores =
      q.matmul(split(of.k).transpose(2, 3)) / std::sqrt(static_cast<double>(q.size(3)));
  const double hidden = -std::numeric_limits<double>::infinity();
  if (of.mask.causal) {
    scores.masked_fill_(at::ones({q.size(2), of.k.size(1)}, at::kBool).triu(1), hidden);
  }
  if (of.mask.keys.defined()) {
    scores.masked_fill_(of.mask.keys.logical_not().unsqueeze(1).unsqueeze(1), hidden);
  }
  return scores.softmax(-1).matmul(split(of.v)).transpose(1, 2).flatten(2);
}

// Of whole numbers, of 12 bits and more, where values that are averaged cancel each other.
constexpr double kWholeError = 1e-3;
constexpr std::int64_t kWidestWhole = 320;

bool has_avx2() {
  const auto kernels = available_attention_kernels(at::kFloat);
  return std::find(kernels.begin(), kernels.end(), AttentionKernel::avx2) != kernels.end();
}

double root_mean_square(const at::Tensor& values) {
  return std::sqrt(values.to(at::kDouble).square().mean().item<double>());
}

class AttentionCase : public ::testing::TestWithParam<AttentionShape> {
 protected:
  // Half a unit in the last place of float32 is chance.
  void expect_no_worse_than_aten(at::ScalarType dtype, double slack) const {
    const Inputs inputs(GetParam(), dtype);
    const std::int64_t heads = GetParam().heads;
    const at::Tensor expected = reference(inputs, heads);
    const auto error = [&](AttentionKernel kernel) {
      const at::Tensor out = attention_by(kernel, inputs.q, inputs.k, inputs.v, heads, inputs.mask);
      EXPECT_EQ(out.scalar_type(), dtype);
      EXPECT_EQ(out.sizes(), inputs.q.sizes());
      return root_mean_square(out.to(at::kDouble) - expected);
    };
    const double allowed =
        slack * error(AttentionKernel::aten) + 0x1p-25 * root_mean_square(expected);
    for (const AttentionKernel kernel : available_attention_kernels(dtype)) {
      EXPECT_LE(error(kernel), allowed) << name_of(kernel);
    }
  }
};

TEST_P(AttentionCase, IsNoWorseThanAtenInFloat32) {
  expect_no_worse_than_aten(at::kFloat, 1.05);
}
TEST_P(AttentionCase, IsNoWorseThanAtenInBfloat16) {
  expect_no_worse_than_aten(at::kBFloat16, 1.05);
}
TEST_P(AttentionCase, IsNoWorseThanAtenInFloat16) {
  expect_no_worse_than_aten(at::kHalf, 1.05);
}

TEST_P(AttentionCase, IsNoWorseInWholeNumbersThanAtenInBfloat16) {
  if (!has_avx2()) GTEST_SKIP() << "without AVX2";
  const std::int64_t heads = GetParam().heads;
  if (GetParam().width > kWidestWhole) GTEST_SKIP() << "not of wider heads";
  const Inputs rounded(GetParam(), at::kBFloat16);
  const at::Tensor expected = reference(rounded, heads);
  const auto error = [&](const at::Tensor& out) {
    return root_mean_square(out.to(at::kDouble) - expected);
  };
  const double allowed = 1.05 * error(attention_by(AttentionKernel::aten, rounded.q, rounded.k,
                                                   rounded.v, heads, rounded.mask)) +
                         kWholeError * root_mean_square(expected);
  for (const at::ScalarType dtype : {at::kFloat, at::kBFloat16, at::kHalf}) {
    const at::Tensor out = attention_in_whole_numbers(rounded.q.to(dtype), rounded.k.to(dtype),
                                                      rounded.v.to(dtype), heads, rounded.mask);
    EXPECT_EQ(out.scalar_type(), dtype);
    EXPECT_LE(error(out), allowed) << dtype;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, AttentionCase,
    ::testing::Values(AttentionShape{1, 1, 1, 1, 8}, AttentionShape{2, 3, 5, 1, 16},
                      AttentionShape{1, 2, 1, 300, 40}, AttentionShape{2, 8, 256, 256, 40},
                      AttentionShape{2, 8, 64, 77, 160}, AttentionShape{1, 5, 200, 77, 64},
                      AttentionShape{2, 2, 47, 49, 80}, AttentionShape{1, 2, 97, 1000, 24},
                      AttentionShape{1, 1, 300, 300, 512}, AttentionShape{1, 1, 70, 130, 320},
                      AttentionShape{1, 3, 50, 64, 7}, AttentionShape{1, 2, 33, 65, 3},
                      AttentionShape{1, 1, 51, 2049, 13}, AttentionShape{1, 1, 48, 16384, 8},
                      AttentionShape{2, 4, 77, 77, 64, true}, AttentionShape{1, 2, 9, 9, 12, true},
                      AttentionShape{1, 1, 700, 700, 16, true},
                      AttentionShape{2, 2, 20, 30, 8, true},
                      AttentionShape{2, 4, 77, 77, 64, false, true},
                      AttentionShape{3, 2, 100, 1200, 40, false, true},
                      AttentionShape{2, 12, 77, 77, 64, true, true}));

// A kernel of ours, or whole numbers.
struct Way {
  AttentionKernel kernel;
  bool in_whole_numbers;
  at::Tensor operator()(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                        std::int64_t heads, const AttentionMask& mask = {}) const {
    return in_whole_numbers ? attention_in_whole_numbers(q, k, v, heads, mask)
                            : attention_by(kernel, q, k, v, heads, mask);
  }
};

class EveryAttentionKernel : public ::testing::TestWithParam<at::ScalarType> {
 protected:
  // Calls it with each of ours for this type.
  void for_each(const std::function<void(const Way&)>& call) const {
    for (const AttentionKernel kernel : available_attention_kernels(GetParam())) {
      SCOPED_TRACE(name_of(kernel));
      if (kernel != AttentionKernel::aten) call({kernel, false});
      if (kernel == AttentionKernel::avx2) call({kernel, true});
    }
  }
};

TEST_P(EveryAttentionKernel, GivesTheSameBitsWhateverTheNumberOfThreads) {
  const int threads = at::get_num_threads();
  for (const AttentionShape& c :
       {AttentionShape{2, 8, 200, 200, 40}, AttentionShape{1, 1, 500, 700, 64, true}}) {
    const Inputs inputs(c, GetParam());
    for_each([&](const Way& attend) {
      const auto run = [&](int with) {
        at::set_num_threads(with);
        return attend(inputs.q, inputs.k, inputs.v, c.heads, inputs.mask);
      };
      const at::Tensor one = run(1);
      for (const int many : {2, 3, 7}) EXPECT_TRUE(at::equal(run(many), one)) << many;
    });
  }
  at::set_num_threads(threads);
}

TEST_P(EveryAttentionKernel, GivesEachSampleOfABatchTheSameBits) {
  const AttentionShape c{3, 2, 60, 90, 40};
  const Inputs inputs(c, GetParam());
  for_each([&](const Way& attend) {
    const at::Tensor all = attend(inputs.q, inputs.k, inputs.v, c.heads);
    for (std::int64_t i = 0; i < c.batch; ++i) {
      const auto part = [i](const at::Tensor& x) { return x.narrow(0, i, 1); };
      EXPECT_TRUE(
          at::equal(attend(part(inputs.q), part(inputs.k), part(inputs.v), c.heads), part(all)));
    }
  });
}

TEST_P(EveryAttentionKernel, TakesPartsOfOtherTensors) {
  const at::Tensor joined = random_tensor({2, 50, 3 * 48}, 1, GetParam());
  const auto parts = joined.chunk(3, 2);
  const at::Tensor turned = parts[0].transpose(1, 2).contiguous().transpose(1, 2);
  for_each([&](const Way& attend) {
    const at::Tensor expected =
        attend(parts[0].contiguous(), parts[1].contiguous(), parts[2].contiguous(), 4);
    EXPECT_TRUE(at::equal(attend(parts[0], parts[1], parts[2], 4), expected));
    EXPECT_TRUE(at::equal(attend(turned, parts[1], parts[2], 4), expected));
  });
}

TEST_P(EveryAttentionKernel, PassesNanAndInfinityOnToThoseThatSeeThem) {
  const AttentionShape c{1, 2, 60, 80, 16, true};
  for (const double odd :
       {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    Inputs in_query(c, GetParam()), in_value(c, GetParam());
    in_query.q[0][50][3] = odd;
    in_value.v[0][50][3] = odd;
    for_each([&](const Way& attend) {
      const auto finite_rows = [&](const Inputs& of) {
        return attend(of.q, of.k, of.v, c.heads, of.mask)
            .narrow(2, 0, c.width)
            .isfinite()
            .all(-1)
            .squeeze(0);
      };
      const at::Tensor with_query = finite_rows(in_query), with_value = finite_rows(in_value);
      for (std::int64_t row = 0; row < c.queries; ++row) {
        EXPECT_EQ(with_query[row].item<bool>(), row != 50) << row;
        EXPECT_TRUE(row < 50 || !with_value[row].item<bool>()) << row;
      }
    });
  }
}

TEST_P(EveryAttentionKernel, StaysExactWhereScoresAreFarApart) {
  // The one key that is like the query wins by hundreds: its value comes out as it is.
  const at::Tensor k = at::eye(64).mul(60).to(GetParam()).unsqueeze(0);
  const at::Tensor v = random_tensor({1, 64, 64}, 5, GetParam());
  for_each([&](const Way& attend) {
    const at::Tensor out = attend(k, k, v, 1);
    EXPECT_LE(relative_difference(out, v), attend.in_whole_numbers ? kWholeError : 1e-5);
  });
}

TEST_P(EveryAttentionKernel, GivesZeroToQueriesThatSeeNothing) {
  const AttentionShape c{2, 2, 5, 9, 8};
  Inputs inputs(c, GetParam());
  inputs.mask.keys = at::ones({2, 9}, at::kBool);
  inputs.mask.keys[1].fill_(false);
  for_each([&](const Way& attend) {
    const at::Tensor out = attend(inputs.q, inputs.k, inputs.v, c.heads, inputs.mask);
    EXPECT_TRUE(out[0].isfinite().all().item<bool>());
    EXPECT_EQ(out[1].abs().max().item<float>(), 0);
  });
}

TEST_P(EveryAttentionKernel, AveragesWhatAQueryOfZerosSees) {
  Inputs inputs({1, 1, 3, 40, 16}, GetParam());
  inputs.q.zero_();
  inputs.mask.keys = at::ones({1, 40}, at::kBool);
  inputs.mask.keys[0].slice(0, 25).fill_(false);
  const at::Tensor mean = inputs.v.slice(1, 0, 25).to(at::kDouble).mean(1, /*keepdim=*/true);
  for_each([&](const Way& attend) {
    const at::Tensor out = attend(inputs.q, inputs.k, inputs.v, 1, inputs.mask);
    EXPECT_LE(relative_difference(out, mean.expand({1, 3, 16})), 0x1p-7);
  });
}

INSTANTIATE_TEST_SUITE_P(Types, EveryAttentionKernel,
                         ::testing::Values(at::kFloat, at::kBFloat16, at::kHalf),
                         [](const auto& info) { return std::string(c10::toString(info.param)); });

TEST(Attention, IsThatOfTheKernelThatIsChosen) {
  const Inputs inputs({1, 2, 60, 90, 40}, at::kFloat);
  EXPECT_TRUE(
      at::equal(attention(inputs.q, inputs.k, inputs.v, 2),
                attention_by(attention_kernel(at::kFloat, 40), inputs.q, inputs.k, inputs.v, 2)));
  EXPECT_EQ(
      attention(inputs.q.to(at::kDouble), inputs.k.to(at::kDouble), inputs.v.to(at::kDouble), 2)
          .scalar_type(),
      at::kDouble);
}

// Keys of some tokens are a thousand times as large as of others: which of the others a query prefers shows once
// the large ones are hidden.
TEST(AttentionInWholeNumbers, RoundsEachKeyByItself) {
  if (!has_avx2()) GTEST_SKIP() << "without AVX2";
  Inputs inputs({1, 1, 40, 600, 40}, at::kFloat);
  inputs.q.mul_(1000);
  inputs.k.slice(1, 0, 300).mul_(1e-3);
  inputs.mask.keys = at::ones({1, 600}, at::kBool);
  inputs.mask.keys[0].slice(0, 300).fill_(false);
  const at::Tensor expected = reference(inputs, 1);
  const at::Tensor out = attention_in_whole_numbers(inputs.q, inputs.k, inputs.v, 1, inputs.mask);
  EXPECT_LE(root_mean_square(out.to(at::kDouble) - expected),
            kWholeError * root_mean_square(expected));
}

TEST(AttentionInWholeNumbers, IsWhatAttentionBesideInt8Uses) {
  const Inputs inputs({1, 2, 60, 90, 40}, at::kBFloat16);
  const bool suits = suits_attention_in_whole_numbers(at::kBFloat16, 40);
  EXPECT_EQ(suits, attention_kernel(at::kBFloat16, 40) == AttentionKernel::avx2);
  EXPECT_FALSE(suits_attention_in_whole_numbers(at::kBFloat16, kWidestWhole + 1));
  const auto with = [&](WeightForm weights) {
    return attention(inputs.q, inputs.k, inputs.v, 2, {}, weights);
  };
  EXPECT_EQ(at::equal(with(WeightForm::int8), with(WeightForm::plain)), !suits);
  if (suits) {
    EXPECT_TRUE(at::equal(with(WeightForm::int8),
                          attention_in_whole_numbers(inputs.q, inputs.k, inputs.v, 2)));
  }
}

TEST(Attention, OfNothingIsNothing) {
  EXPECT_EQ(attention(at::empty({1, 0, 16}), at::ones({1, 4, 16}), at::ones({1, 4, 16}), 2).sizes(),
            (at::IntArrayRef{1, 0, 16}));
}

TEST(Attention, RefusesKeysOfAnotherWidth) {
  for (const AttentionKernel kernel : available_attention_kernels(at::kFloat)) {
    EXPECT_THROW(
        attention_by(kernel, at::ones({1, 4, 16}), at::ones({1, 4, 8}), at::ones({1, 4, 8}), 2),
        c10::Error);
  }
}

constexpr AttentionProcessor zen2{AttentionKernel::avx2, false},
    zen4{AttentionKernel::avx512_bf16, false}, sapphire_rapids{AttentionKernel::amx_bf16, true},
    without_tiles{AttentionKernel::avx512_bf16, true},  // which the system does not keep
    old{AttentionKernel::aten, false};

TEST(AttentionKernelChoice, IsTheBestForTheProcessorAndTheType) {
  EXPECT_EQ(choose_attention_kernel(old, "", at::kFloat, 40), AttentionKernel::aten);
  EXPECT_EQ(choose_attention_kernel(zen2, "", at::kFloat, 40), AttentionKernel::avx2);
  EXPECT_EQ(choose_attention_kernel(zen2, "", at::kBFloat16, 40), AttentionKernel::avx2);
  EXPECT_EQ(choose_attention_kernel(zen4, "", at::kFloat, 40), AttentionKernel::avx512);
  EXPECT_EQ(choose_attention_kernel(zen4, "", at::kHalf, 40), AttentionKernel::avx512);
  EXPECT_EQ(choose_attention_kernel(zen4, "", at::kBFloat16, 40), AttentionKernel::avx512_bf16);
  EXPECT_EQ(choose_attention_kernel(zen4, "", at::kDouble, 40), AttentionKernel::aten);
}

TEST(AttentionKernelChoice, LeavesWideHeadsToAtenWhereThatIsFaster) {
  EXPECT_EQ(choose_attention_kernel(sapphire_rapids, "", at::kBFloat16, 512),
            AttentionKernel::aten);
  EXPECT_EQ(choose_attention_kernel(zen2, "", at::kFloat, 512), AttentionKernel::aten);
  EXPECT_EQ(choose_attention_kernel(zen2, "avx2", at::kFloat, 512), AttentionKernel::avx2);
  EXPECT_EQ(choose_attention_kernel(zen4, "", at::kFloat, 512), AttentionKernel::avx512);
}

TEST(AttentionKernelChoice, LeavesReducedPrecisionToTiles) {
  EXPECT_EQ(choose_attention_kernel(sapphire_rapids, "", at::kFloat, 40), AttentionKernel::avx512);
  EXPECT_EQ(choose_attention_kernel(sapphire_rapids, "", at::kBFloat16, 40),
            AttentionKernel::amx_bf16);
  EXPECT_EQ(choose_attention_kernel(sapphire_rapids, "", at::kHalf, 40), AttentionKernel::aten);
  EXPECT_EQ(choose_attention_kernel(without_tiles, "", at::kBFloat16, 40), AttentionKernel::aten);
  EXPECT_EQ(choose_attention_kernel(sapphire_rapids, "avx512_bf16", at::kBFloat16, 40),
            AttentionKernel::avx512_bf16);
}

TEST(AttentionKernelChoice, IsNoBetterThanWhatIsAskedFor) {
  EXPECT_EQ(choose_attention_kernel(zen4, "aten", at::kBFloat16, 40), AttentionKernel::aten);
  EXPECT_EQ(choose_attention_kernel(zen4, "avx2", at::kBFloat16, 40), AttentionKernel::avx2);
  EXPECT_EQ(choose_attention_kernel(zen4, "avx512_bf16", at::kFloat, 40), AttentionKernel::avx512);
}

std::string refusal(const AttentionProcessor& processor, const std::string& asked) {
  try {
    choose_attention_kernel(processor, asked, at::kFloat, 40);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

TEST(AttentionKernelChoice, RefusesWhatIsUnknownOrNotToBeHad) {
  EXPECT_EQ(refusal(zen4, "sse9"),
            "VELATURA_ATTENTION=sse9: expected aten, avx2, avx512, avx512_bf16 or amx_bf16");
  EXPECT_EQ(refusal(zen4, "amx_bf16"),
            "VELATURA_ATTENTION=amx_bf16: the best that this processor and the limits set for it "
            "allow is avx512_bf16");
  EXPECT_EQ(refusal(zen2, "avx512"),
            "VELATURA_ATTENTION=avx512: the best that this processor and the limits set for it "
            "allow is avx2");
}

}  // namespace
}  // namespace velatura::ops
