#include "samplers/names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "samplers/registry.h"
#include "velatura/error.h"

namespace velatura::samplers {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

TEST(SamplerNames, EveryNameOfARowLeadsToIt) {
  std::set<std::string> schedulers;
  for (const SamplerRow& row : sampler_rows()) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(parse_sampler(row.name).sampler, row.sampler);
    EXPECT_EQ(parse_sampler(row.label).sampler, row.sampler);
    for (const auto alias : row.aliases) EXPECT_EQ(parse_sampler(alias).sampler, row.sampler);
    EXPECT_EQ(name_of(row.sampler), row.name);
    EXPECT_EQ(label_of(row.sampler), row.label);
    EXPECT_FALSE(parse_sampler(row.name).schedule);
    if (schedulers.emplace(row.scheduler).second) {
      EXPECT_EQ(parse_sampler(row.scheduler).sampler, row.sampler);
    }
  }
  EXPECT_EQ(sampler_rows().size(), 19);
}

TEST(SamplerNames, AreThoseOfOtherPrograms) {
  const std::map<std::string, Sampler> names{
      {"PLMS", Sampler::pndm},
      {"Euler a", Sampler::euler_a},
      {"EULER_ANCESTRAL", Sampler::euler_a},
      {"EulerDiscrete", Sampler::euler},
      {"k_euler_a", Sampler::euler_a},
      {"sample_dpm_2_ancestral", Sampler::dpm2_a},
      {"dpm_2", Sampler::dpm2},
      {"DPM++ 2M", Sampler::dpmpp_2m},
      {"dpm++ 2m sde", Sampler::dpmpp_2m_sde},
      {"DPM++ 2S a", Sampler::dpmpp_2s_a},
      {"dpmpp-2s-ancestral", Sampler::dpmpp_2s_a},
      {"DPM++ SDE", Sampler::dpmpp_sde},
      {"DPM++ 3M SDE", Sampler::dpmpp_3m_sde},
      {"DPMSolverMultistepScheduler", Sampler::dpmpp_2m},
      {"DPMSolverSinglestep", Sampler::dpmpp_2s},
      {"KDPM2AncestralDiscrete", Sampler::dpm2_a},
      {"uni_pc", Sampler::unipc},
  };
  for (const auto& [text, sampler] : names) EXPECT_EQ(parse_sampler(text).sampler, sampler) << text;
}

TEST(SamplerNames, SplitOffATrailingSchedule) {
  const ParsedSampler karras = parse_sampler("DPM++ 2M Karras");
  EXPECT_EQ(karras.sampler, Sampler::dpmpp_2m);
  EXPECT_EQ(karras.schedule, Schedule::karras);
  const ParsedSampler uniform = parse_sampler("euler sgm_uniform");
  EXPECT_EQ(uniform.sampler, Sampler::euler);
  EXPECT_EQ(uniform.schedule, Schedule::sgm_uniform);
  EXPECT_EQ(parse_sampler("DPM++ 2M SDE Exponential").schedule, Schedule::exponential);
  EXPECT_EQ(parse_sampler("Euler Align Your Steps").schedule, Schedule::ays);
}

TEST(SamplerNames, SuggestTheNearest) {
  EXPECT_THAT([] { parse_sampler("eulr"); },
              ThrowsMessage<UsageError>(HasSubstr("did you mean 'euler'")));
  EXPECT_THAT(
      [] { parse_sampler("qwertzuiop"); },
      ThrowsMessage<UsageError>(HasSubstr("sampler qwertzuiop: expected ddim, pndm, euler,")));
  EXPECT_THAT([] { parse_sampler("karras"); },
              ThrowsMessage<UsageError>(HasSubstr("sampler karras: expected ")));
  EXPECT_THROW(parse_sampler(""), UsageError);
}

template <class Enum, class Parse>
void expect_round_trip(std::span<const Named<Enum>> rows, Parse parse) {
  for (const Named<Enum>& row : rows) {
    EXPECT_EQ(parse(row.name), row.value) << row.name;
    EXPECT_EQ(parse(row.label), row.value) << row.label;
    EXPECT_EQ(name_of(row.value), row.name);
    EXPECT_FALSE(row.description.empty()) << row.name;
  }
}

TEST(OptionNames, ReadBackAsWritten) {
  expect_round_trip(schedules(), parse_schedule);
  expect_round_trip(timestep_spacings(), parse_timestep_spacing);
  expect_round_trip(predictions(), parse_prediction);
  EXPECT_EQ(parse_schedule("SGM Uniform"), Schedule::sgm_uniform);
  EXPECT_EQ(parse_prediction("v"), Prediction::v_prediction);
  EXPECT_THROW(parse_schedule("kerras!"), UsageError);
  EXPECT_THROW(parse_timestep_spacing("even"), UsageError);
  EXPECT_THROW(parse_prediction("x"), UsageError);
}

}  // namespace
}  // namespace velatura::samplers
