// Every sampler's latents after every model call against diffusers' schedulers (k-diffusion's
// samplers: against float64 arithmetic), as recorded by scripts/fixtures/make_sampler_fixtures.py.
// The program prints one line a case with its largest deviation; a star marks runs whose reference
// had its coefficients in float64.

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <vector>

#include "core/config_object.h"
#include "core/noise_source.h"
#include "samplers/make_plan.h"
#include "samplers/names.h"
#include "samplers/registry.h"
#include "samplers/run.h"
#include "samplers/unclip.h"

namespace velatura::samplers {
namespace {

constexpr double kTolerance = 1e-5;  // of the largest latent of that step
const std::filesystem::path kFolder = VELATURA_FIXTURES "/samplers";

/// A call's timestep, then the latents after it.
using Record = std::vector<float>;

struct RecordedRun {
  int steps;
  bool refused;
  bool float64_coefficients;  ///< the reference's own are too coarse, see the script
  std::vector<Record> records;
};

struct Case {
  std::string name;
  nlohmann::json config;
  SamplerOptions options;
  std::optional<double> strength;
  bool blend;
  bool spread;  ///< the model gives one
  std::vector<RecordedRun> runs;
};

struct UnclipCase {
  nlohmann::json config;
  std::vector<RecordedRun> runs;
};

struct Fixtures {
  std::vector<std::int64_t> shape;
  std::uint64_t seed;
  std::vector<Case> cases;
  std::vector<UnclipCase> unclip;
};

SamplerOptions read_options(const nlohmann::json& json) {
  SamplerOptions options;
  options.sampler = parse_sampler(json.at("sampler").get<std::string>()).sampler;
  options.eta = json.value("eta", 0.0);
  if (json.contains("schedule"))
    options.schedule = parse_schedule(json["schedule"].get<std::string>());
  if (json.contains("timestep_spacing")) {
    options.timestep_spacing = parse_timestep_spacing(json["timestep_spacing"].get<std::string>());
  }
  if (json.contains("prediction")) {
    options.prediction = parse_prediction(json["prediction"].get<std::string>());
  }
  return options;
}

Fixtures read_fixtures() {
  const nlohmann::json index = read_json(kFolder / "cases.json");
  std::ifstream data(kFolder / "trajectories.f32", std::ios::binary);
  Fixtures fixtures{index.at("shape").get<std::vector<std::int64_t>>(),
                    index.at("seed").get<std::uint64_t>(),
                    {},
                    {}};
  const auto values = static_cast<std::size_t>(1 + c10::multiply_integers(fixtures.shape));
  const auto records = [&](int calls) {
    std::vector<Record> result;
    for (int call = 0; call < calls; ++call) {
      Record record(values);
      data.read(reinterpret_cast<char*>(record.data()),
                static_cast<std::streamsize>(values * sizeof(float)));
      result.push_back(std::move(record));
    }
    return result;
  };
  for (const nlohmann::json& entry : index.at("cases")) {
    Case each{entry.at("name").get<std::string>(),
              entry.at("base").is_string() ? index.at("sd") : entry.at("base"),
              read_options(entry.at("options")),
              {},
              entry.value("blend", false),
              entry.value("spread", false),
              {}};
    each.config.update(entry.at("changes"));
    if (entry.contains("strength")) each.strength = entry["strength"].get<double>();
    for (const nlohmann::json& run : entry.at("runs")) {
      each.runs.push_back({run.at("steps").get<int>(), run.contains("error"),
                           run.contains("coefficients"), records(run.value("calls", 0))});
    }
    fixtures.cases.push_back(std::move(each));
  }
  for (const nlohmann::json& entry : index.at("unclip")) {
    UnclipCase each{entry.at("config"), {}};
    for (const nlohmann::json& run : entry.at("runs")) {
      RecordedRun recorded{run.at("steps").get<int>(), false, false, records(run.at("calls"))};
      if (run.contains("last")) {  // of many steps the last alone, without its timestep, 0
        Record record{0.0f};
        for (const auto& value : run["last"]) record.push_back(value.get<float>());
        recorded.records.push_back(std::move(record));
      }
      each.runs.push_back(std::move(recorded));
    }
    fixtures.unclip.push_back(std::move(each));
  }
  if (!data || data.peek() != EOF)
    throw std::runtime_error("trajectories.f32 does not fit cases.json");
  return fixtures;
}

const Fixtures& fixtures() {
  static const Fixtures all = read_fixtures();
  return all;
}

/// The denoiser of the recording.
at::Tensor fake_model(const at::Tensor& x, double timestep, std::size_t) {
  return 0.6 * x + 0.4 * at::sin(1.3 * x + 0.004 * timestep) + 0.1 * std::cos(0.01 * timestep);
}

/// The same with a spread.
at::Tensor fake_model_with_spread(const at::Tensor& x, double timestep, std::size_t step) {
  return at::cat({fake_model(x, timestep, step), at::sin(0.7 * x + 0.002 * timestep)}, 1);
}

at::Tensor init_latents(at::IntArrayRef shape) {
  return at::linspace(-1.5, 1.0, c10::multiply_integers(shape)).reshape(shape);
}

at::Tensor add_noise(const at::Tensor& latents, const at::Tensor& noise, NoiseLevel level) {
  return level.signal * latents + level.noise * noise;
}

/// @return the deviation of a call's latents, relative to the largest of them
double deviation(const at::Tensor& latents, const Record& record) {
  double difference = 0.0, scale = 0.0;
  const at::Tensor flat = latents.flatten().contiguous();
  for (std::int64_t k = 0; k < flat.numel(); ++k) {
    const double expected = record[static_cast<std::size_t>(k) + 1];
    difference = std::max(difference, std::abs(flat.const_data_ptr<float>()[k] - expected));
    scale = std::max(scale, std::abs(expected));
  }
  return difference / scale;
}

/// @return the largest deviation at any call, relative to that call's largest latent
double largest_deviation(const Case& each, const RecordedRun& run) {
  const at::IntArrayRef shape = fixtures().shape;
  NoiseSource source(fixtures().seed);
  const at::Tensor first_noise = source.normal(shape);

  const SamplerChoice choice = choose_sampler({"scheduler_config.json", each.config}, each.options);
  const int start = each.strength ? start_step(run.steps, *each.strength) : 0;
  const Plan plan = make_plan(choice, run.steps, start);
  const at::Tensor begin =
      each.strength ? add_noise(init_latents(shape), first_noise, plan.steps.front().level)
                    : first_noise * plan.init_noise_sigma;
  EXPECT_EQ(plan.steps.size(), run.records.size());

  double largest = 0.0;
  samplers::run(
      plan, begin, each.spread ? fake_model_with_spread : fake_model,
      [&] { return source.normal(shape); },
      [&](std::size_t i, at::Tensor& latents) {
        if (i >= run.records.size()) return;
        if (each.blend) {
          at::Tensor known = init_latents(shape);
          if (i + 1 < plan.steps.size()) {
            known = add_noise(known, first_noise, plan.steps[i + 1].level);
          }
          latents = 0.5 * known + 0.5 * latents;
        }
        const Record& record = run.records[i];
        EXPECT_NEAR(plan.steps[i].timestep, record[0], 1e-3) << "call " << i;
        largest = std::max(largest, deviation(latents, record));
      });
  return largest;
}

class Trajectories : public ::testing::TestWithParam<Sampler> {};

TEST_P(Trajectories, EqualTheReferenceAtEveryCall) {
  int cases = 0;
  for (const Case& each : fixtures().cases) {
    if (each.options.sampler != GetParam()) continue;
    ++cases;
    double largest = 0.0;
    std::string steps;
    for (const RecordedRun& run : each.runs) {
      SCOPED_TRACE(each.name + ", " + std::to_string(run.steps) + " steps");
      steps += (steps.empty() ? "" : ",") + std::to_string(run.steps) +
               (run.float64_coefficients ? "*" : "");
      if (run.refused) {
        steps += " refused";
        EXPECT_THROW(largest_deviation(each, run), Error);
        continue;
      }
      try {
        const double deviation = largest_deviation(each, run);
        EXPECT_LE(deviation, kTolerance);
        largest = std::max(largest, deviation);
      } catch (const Error& error) {
        ADD_FAILURE() << error.what();
      }
    }
    std::cout << std::left << std::setw(13) << name_of(GetParam()) << std::setw(32) << each.name
              << std::setw(34) << steps << std::scientific << std::setprecision(1) << largest
              << "\n";
  }
  EXPECT_GT(cases, 0);
}

TEST(UnclipTrajectories, EqualTheReferenceAtEveryCall) {
  const std::int64_t width = c10::multiply_integers(fixtures().shape);
  std::size_t compared = 0;
  for (const UnclipCase& each : fixtures().unclip) {
    for (const RecordedRun& recorded : each.runs) {
      SCOPED_TRACE(each.config.dump() + ", " + std::to_string(recorded.steps) + " steps");
      NoiseSource source(fixtures().seed);
      int drawn = 0;  // what comes after the prior draws on from there
      const auto noise = [&] {
        ++drawn;
        return source.normal({1, width});
      };
      const at::Tensor begin = noise();
      const Plan plan = unclip(UnclipConfig::read({"c", each.config}), recorded.steps);
      EXPECT_EQ(plan.init_noise_sigma, 1.0);
      const std::size_t left_out = plan.steps.size() - recorded.records.size();
      samplers::run(plan, begin, fake_model, noise, [&](std::size_t i, at::Tensor& latents) {
        if (i < left_out) return;
        const Record& record = recorded.records.at(i - left_out);
        EXPECT_EQ(plan.steps[i].timestep, record[0]) << "call " << i;
        EXPECT_LE(deviation(latents, record), kTolerance) << "call " << i;
        ++compared;
      });
      EXPECT_EQ(drawn, recorded.steps) << "the beginning's, then all steps' but the last one's";
    }
  }
  EXPECT_GE(compared, 500u);
}

std::vector<Sampler> every_sampler() {
  std::vector<Sampler> all;
  for (const SamplerRow& row : sampler_rows()) all.push_back(row.sampler);
  return all;
}

INSTANTIATE_TEST_SUITE_P(Samplers, Trajectories, ::testing::ValuesIn(every_sampler()),
                         [](const auto& info) { return std::string(name_of(info.param)); });

}  // namespace
}  // namespace velatura::samplers
