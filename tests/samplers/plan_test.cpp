#include "samplers/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "velatura/error.h"

namespace velatura::samplers {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

double weight_of(const Sum& sum, Value value) {
  for (const Term& term : sum.terms()) {
    if (term.value == value) return term.weight;
  }
  return 0.0;
}

TEST(Sum, AddsAndScalesLikeTensors) {
  const Sum a(1), b(2);
  const Sum sum = 3.0 * (a - b / 4) + b * 2.0;
  ASSERT_EQ(sum.terms().size(), 2);
  EXPECT_EQ(weight_of(sum, 1), 3.0);
  EXPECT_EQ(weight_of(sum, 2), 2.0 - 0.75);
}

TEST(Sum, ForgetsWhatCancels) {
  const Sum a(1), b(2);
  EXPECT_TRUE((a - a).terms().empty());
  EXPECT_TRUE((0.0 * (a + b)).terms().empty());
  EXPECT_EQ((a + b - a).terms().size(), 1);
}

TEST(PlanBuilder, RecordsStepsAndWhenValuesAreDone) {
  PlanBuilder builder;
  const Sum x = builder.latents();
  const Sum first = builder.model(x, 900, {0.5, 0.8});                   // value 1
  const Sum kept = builder.keep(x + first, Clip{1.0});                   // value 2
  builder.step(2.0 * kept);                                              // value 3
  const Sum second = builder.model(builder.latents(), 100, {0.9, 0.1});  // value 4
  builder.step(kept + second + builder.noise());                         // values 5 and 6
  const Plan plan = std::move(builder).finish(14.0);

  EXPECT_EQ(plan.init_noise_sigma, 14.0);
  EXPECT_EQ(plan.values, 7);
  ASSERT_EQ(plan.steps.size(), 2);
  EXPECT_EQ(plan.steps[0].timestep, 900);
  EXPECT_EQ(plan.steps[0].level.noise, 0.8);
  EXPECT_EQ(plan.steps[0].latents, 3);
  EXPECT_THAT(plan.steps[0].done, UnorderedElementsAre(0, 1));
  EXPECT_EQ(plan.steps[1].latents, 6);
  EXPECT_THAT(plan.steps[1].done, UnorderedElementsAre(2, 3, 4, 5));
}

TEST(PlanBuilder, RefusesCoefficientsThatAreNotFinite) {
  PlanBuilder builder;
  const Sum output = builder.model(builder.latents(), 999, {});
  builder.step(output / 0.0);
  EXPECT_THROW(std::move(builder).finish(1.0), UsageError);
}

TEST(PlanBuilder, RefusesAPlanWithoutSteps) {
  EXPECT_THROW(PlanBuilder().finish(1.0), UsageError);
}

}  // namespace
}  // namespace velatura::samplers
