// What a scheduler config and the options may say together, and what is refused.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <limits>

#include "core/config_object.h"
#include "samplers/make_plan.h"
#include "samplers/names.h"
#include "samplers/registry.h"
#include "samplers/unclip.h"
#include "velatura/error.h"

namespace velatura::samplers {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

ModelScheduler model(json changes = json::object(), json rewrites = json::object()) {
  json config{{"_class_name", "PNDMScheduler"},
              {"_diffusers_version", "0.6.0"},
              {"beta_start", 0.00085},
              {"beta_end", 0.012},
              {"beta_schedule", "scaled_linear"},
              {"trained_betas", nullptr}};
  config.update(changes);
  return {"scheduler_config.json", config, rewrites};
}

SamplerOptions with(Sampler sampler) {
  SamplerOptions options;
  options.sampler = sampler;
  return options;
}

template <class... Parts>
void expect_input_error(const json& changes, const SamplerOptions& options, Parts... parts) {
  EXPECT_THAT(
      [&] { choose_sampler(model(changes), options); },
      ThrowsMessage<InputError>(AllOf(HasSubstr("scheduler_config.json"), HasSubstr(parts)...)))
      << changes;
}

TEST(ChooseSampler, TakesTheModelsOwnClass) {
  for (const SamplerRow& row : sampler_rows()) {
    const SamplerChoice choice = choose_sampler(model({{"_class_name", row.scheduler}}), {});
    EXPECT_EQ(sampler_row(choice.sampler).scheduler, row.scheduler);
  }
  EXPECT_EQ(choose_sampler(model({{"_class_name", "DPMSolverMultistepScheduler"},
                                  {"algorithm_type", "sde-dpmsolver++"}}),
                           {})
                .sampler,
            Sampler::dpmpp_2m_sde);
}

TEST(ChooseSampler, ReadsWhatPythonWrites) {
  const auto path = std::filesystem::path(::testing::TempDir()) / "scheduler_config.json";
  std::ofstream(path) << R"({"_class_name": "DPMSolverMultistepScheduler",
                             "lambda_min_clipped": -Infinity, "sigma_max": Infinity,
                             "beta_schedule": "scaled_linear"})";
  const SamplerChoice choice = choose_sampler({path.string(), read_json(path)}, {});
  EXPECT_EQ(choice.config.lambda_min_clipped, -std::numeric_limits<double>::infinity());
  EXPECT_FALSE(choice.config.sigma_max);
}

TEST(ChooseSampler, NamesDecideBetweenTheSolversOfOneClass) {
  const json sde{{"algorithm_type", "sde-dpmsolver++"}};
  EXPECT_EQ(choose_sampler(model(sde), with(Sampler::dpmpp_2m)).config.algorithm_type,
            Algorithm::dpmsolver_pp);
  EXPECT_EQ(choose_sampler(model(), with(Sampler::dpmpp_2m_sde)).config.algorithm_type,
            Algorithm::sde_dpmsolver_pp);
}

TEST(ChooseSampler, GivesAbsentKeysTheTargetClassesDefaults) {
  EXPECT_TRUE(choose_sampler(model(), with(Sampler::ddim)).config.clip_sample);
  EXPECT_FALSE(choose_sampler(model(), with(Sampler::lcm)).config.clip_sample);
  EXPECT_EQ(choose_sampler(model(), with(Sampler::ddim)).config.timestep_spacing,
            TimestepSpacing::leading);
  EXPECT_EQ(choose_sampler(model(), with(Sampler::euler)).config.timestep_spacing,
            TimestepSpacing::linspace);
}

TEST(ChooseSampler, RewritesHoldForTheModelsOwnSchedulerOrKeysTheFileHas) {
  const json rewrites{{"steps_offset", 1}, {"clip_sample", false}};
  const json ddim{{"_class_name", "DDIMScheduler"}};
  const SamplerChoice own = choose_sampler(model(ddim, rewrites), {});
  EXPECT_FALSE(own.config.clip_sample);
  EXPECT_EQ(own.config.steps_offset, 1);

  const SamplerChoice other = choose_sampler(model(ddim, rewrites), with(Sampler::ddpm));
  EXPECT_TRUE(other.config.clip_sample);
  EXPECT_EQ(other.config.steps_offset, 0);

  const json said{{"_class_name", "DDIMScheduler"}, {"clip_sample", true}, {"steps_offset", 0}};
  const SamplerChoice kept = choose_sampler(model(said, rewrites), with(Sampler::ddpm));
  EXPECT_FALSE(kept.config.clip_sample);
  EXPECT_EQ(kept.config.steps_offset, 1);
}

TEST(ChooseSampler, PassesOverOtherClassesKeysButNotUnknownOnes) {
  const json foreign{{"solver_order", 99}, {"use_karras_sigmas", true}, {"clip_sample", false}};
  EXPECT_EQ(choose_sampler(model(foreign), with(Sampler::ddim)).config.schedule,
            Schedule::standard);
  expect_input_error({{"beta_stort", 0.1}}, {}, "beta_stort");
}

TEST(ChooseSampler, RefusesConfigsItCannotFollow) {
  expect_input_error({{"_class_name", "FlowMatchEulerDiscreteScheduler"}}, {},
                     "FlowMatchEulerDiscreteScheduler");
  expect_input_error({{"_class_name", nullptr}}, {}, "_class_name");
  expect_input_error({{"beta_schedule", "sigmoid"}}, {}, "beta_schedule", "sigmoid", "linear");
  expect_input_error({{"beta_start", "small"}}, {}, "beta_start", "number");
  expect_input_error({{"num_train_timesteps", 0}}, {}, "num_train_timesteps");
  expect_input_error({{"trained_betas", {0.1, 0.2}}}, {}, "trained_betas");
  expect_input_error({{"prediction_type", "flow_prediction"}}, {}, "flow_prediction");
  expect_input_error({{"timestep_spacing", "even"}}, {}, "timestep_spacing", "leading");
  expect_input_error({{"use_karras_sigmas", true}, {"use_beta_sigmas", true}}, with(Sampler::euler),
                     "use_beta_sigmas");
  expect_input_error({{"interpolation_type", "log_linear"}}, with(Sampler::euler),
                     "interpolation_type");
  expect_input_error({{"use_lu_lambdas", true}}, with(Sampler::dpmpp_2m), "use_lu_lambdas");
  expect_input_error({{"use_flow_sigmas", true}}, with(Sampler::unipc), "use_flow_sigmas");
  expect_input_error({{"variance_type", "learned"}}, with(Sampler::ddpm),
                     "variance_type is \"learned\"");
  expect_input_error({{"solver_order", 4}}, with(Sampler::unipc), "solver_order");
  expect_input_error({{"algorithm_type", "sde-dpmsolver"}}, with(Sampler::dpmpp_2s),
                     "algorithm_type");
  expect_input_error({{"algorithm_type", "sde-dpmsolver++"}}, with(Sampler::deis),
                     "algorithm_type");
}

void expect_refused(const SamplerOptions& options, std::string_view part) {
  EXPECT_THAT([&] { choose_sampler(model(), options); },
              ThrowsMessage<UsageError>(HasSubstr(std::string(part))));
}

TEST(ChooseSampler, RefusesOptionsTheSamplerDoesNotHave) {
  for (const Sampler sampler : {Sampler::ddim, Sampler::pndm, Sampler::euler_a, Sampler::lcm,
                                Sampler::tcd, Sampler::ddpm}) {
    for (const Schedule schedule :
         {Schedule::karras, Schedule::exponential, Schedule::beta, Schedule::ays}) {
      SamplerOptions options = with(sampler);
      options.schedule = schedule;
      expect_refused(options, std::string(name_of(sampler)) + " has no schedule " +
                                  std::string(name_of(schedule)));
    }
  }
  for (const Sampler sampler : {Sampler::dpmpp_2s, Sampler::lcm, Sampler::tcd}) {
    SamplerOptions options = with(sampler);
    options.timestep_spacing = TimestepSpacing::trailing;
    expect_refused(options, "has no timestep spacing");
    options.timestep_spacing.reset();
    options.schedule = Schedule::sgm_uniform;
    expect_refused(options, "sgm_uniform");
  }
  for (const Sampler sampler : {Sampler::pndm, Sampler::euler_a, Sampler::dpm2, Sampler::dpm2_a}) {
    SamplerOptions options = with(sampler);
    options.prediction = Prediction::sample;
    expect_refused(options, "has no sample prediction");
  }
  for (const SamplerRow& row : sampler_rows()) {
    SamplerOptions options = with(row.sampler);
    options.eta = 0.5;
    if (row.sampler == Sampler::ddim || row.sampler == Sampler::tcd) {
      EXPECT_EQ(choose_sampler(model(), options).eta, 0.5);
    } else {
      expect_refused(options, "has no eta");
    }
  }
  SamplerOptions contrary = with(Sampler::euler);
  contrary.schedule = Schedule::sgm_uniform;
  contrary.timestep_spacing = TimestepSpacing::leading;
  expect_refused(contrary, "sgm_uniform");
  SamplerOptions wild = with(Sampler::ddim);
  wild.eta = 1.5;
  expect_refused(wild, "eta");
}

TEST(MakePlan, RefusesStepsItCannotMake) {
  const SamplerChoice ddim = choose_sampler(model(), with(Sampler::ddim));
  EXPECT_THROW(make_plan(ddim, 0), UsageError);
  EXPECT_THROW(make_plan(ddim, 1001), UsageError);
  EXPECT_EQ(make_plan(ddim, 1000).steps.size(), 1000);
  EXPECT_THROW(make_plan(choose_sampler(model(), with(Sampler::lcm)), 51), UsageError);
  const SamplerChoice offset = choose_sampler(model({{"steps_offset", 1}}), with(Sampler::ddim));
  EXPECT_THAT([&] { make_plan(offset, 1000); },
              ThrowsMessage<UsageError>(HasSubstr("timestep 1000")));
}

TEST(MakePlan, RefusesSolversThatCannotDoIt) {
  const json unsteady{
      {"algorithm_type", "sde-dpmsolver++"}, {"solver_order", 3}, {"solver_type", "heun"}};
  EXPECT_THROW(make_plan(choose_sampler(model(unsteady), with(Sampler::dpmpp_2s)), 20), UsageError);
  const json to_zero{{"algorithm_type", "dpmsolver"}};
  EXPECT_THAT([&] { make_plan(choose_sampler(model(to_zero), with(Sampler::dpmpp_2m)), 20); },
              ThrowsMessage<UsageError>(HasSubstr("final_sigmas_type")));
}

TEST(MakePlan, StartsLaterForImageToImage) {
  EXPECT_EQ(start_step(50, 1.0), 0);
  EXPECT_EQ(start_step(50, 0.8), 10);
  EXPECT_EQ(start_step(10, 0.29), 8);
  EXPECT_THROW(start_step(50, 0.01), UsageError);
  const SamplerChoice heun = choose_sampler(model(), with(Sampler::heun));
  EXPECT_EQ(make_plan(heun, 10).steps.size(), 19);
  EXPECT_EQ(make_plan(heun, 10, 4).steps.size(), 11);
}

TEST(Unclip, NamesWhatIsNotSupported) {
  const auto message = [](const json& config) -> std::string {
    try {
      UnclipConfig::read({"prior/scheduler_config.json", config});
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(message({{"_class_name", "UnCLIPScheduler"}, {"clip_sample_range", 10.0}}), "");
  EXPECT_EQ(message({{"_class_name", "DDPMScheduler"}}),
            "prior/scheduler_config.json: _class_name is \"DDPMScheduler\", expected "
            "\"UnCLIPScheduler\" (not supported yet)");
  EXPECT_EQ(message({{"variance_type", "learned_range"}}),
            "prior/scheduler_config.json: variance_type is \"learned_range\", expected "
            "\"fixed_small_log\" (not supported yet)");
  EXPECT_EQ(message({{"prediction_type", "v_prediction"}}),
            "prior/scheduler_config.json: prediction_type is \"v_prediction\", expected "
            "\"epsilon\" or \"sample\"");
  EXPECT_EQ(message({{"clip_sample_range", 0}}),
            "prior/scheduler_config.json: clip_sample_range is 0, expected a positive number");
}

TEST(Unclip, HasNoPlanForOneStep) {
  for (const int steps : {-1, 0, 1, 1001}) {
    EXPECT_THAT([&] { unclip({}, steps); },
                ThrowsMessage<UsageError>("a prior's steps are " + std::to_string(steps) +
                                          ", expected 2 to 1000"));
  }
  EXPECT_EQ(unclip({}, 2).steps.size(), 2u);
}

}  // namespace
}  // namespace velatura::samplers
