#include "batch/shard.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "velatura/error.h"

namespace velatura::batch {
namespace {

using Environment = std::function<std::string(const std::string&)>;

constexpr int kMost = 1'000'000;
constexpr const char* kSlurm = "SLURM_ARRAY_TASK_";
constexpr const char* kKubernetes = "JOB_COMPLETION_INDEX";

std::optional<int> number(const std::string& text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

int number_of(const Environment& environment, const std::string& variable) {
  const std::string text = environment(variable);
  const auto value = number(text);
  if (!value || *value < 0 || *value > kMost) {
    throw UsageError(variable + "='" + text + "': expected a whole number; give --shard I/N");
  }
  return *value;
}

/// What a scheduler says, index from 0; count 0 where it does not say it.
struct Found {
  int index, count;
  std::string variable;
};

std::optional<Found> slurm(const Environment& environment) {
  const auto value = [&](const char* name) {
    return number_of(environment, std::string(kSlurm) + name);
  };
  const std::string variable = std::string(kSlurm) + "ID";
  if (environment(variable).empty()) return std::nullopt;
  const int id = value("ID"), first = value("MIN"), last = value("MAX"), count = value("COUNT");
  const int step = environment(std::string(kSlurm) + "STEP").empty() ? 1 : value("STEP");
  // A list such as 1,5,6 does not say which of its tasks this one is.
  const bool regular = step > 0 && count > 0 && last - first == step * (count - 1) && id >= first &&
                       id <= last && (id - first) % step == 0;
  if (!regular) {
    throw UsageError("the Slurm array is no range of tasks: give --shard I/N, or --shard 1/1");
  }
  return Found{(id - first) / step, count, variable};
}

std::optional<Found> kubernetes(const Environment& environment) {
  if (environment(kKubernetes).empty()) return std::nullopt;
  return Found{number_of(environment, kKubernetes), 0, kKubernetes};
}

}  // namespace

Shard choose_shard(const std::string& given, const Environment& environment) {
  Shard shard;
  const std::size_t slash = std::min(given.find('/'), given.size());
  const std::string which = given.substr(0, slash);
  if (!given.empty()) {
    shard.count = number(given.substr(std::min(slash + 1, given.size()))).value_or(0);
    shard.index = which == "auto" ? 1 : number(which).value_or(0);
    if (shard.count < 1 || shard.count > kMost || shard.index < 1 || shard.index > shard.count) {
      throw UsageError("--shard " + given + ": expected I/N with I from 1 to N, or auto/N");
    }
    if (which != "auto") return shard;
  }
  auto found = slurm(environment);
  if (!found) found = kubernetes(environment);
  if (!found) {
    if (given.empty()) return shard;
    throw UsageError("--shard " + given + ": neither " + kSlurm + "ID nor " + kKubernetes +
                     " is set");
  }
  if (given.empty() && found->count == 0) {
    throw UsageError(found->variable + " does not say of how many: give --shard auto/N, or 1/1");
  }
  if (given.empty()) shard.count = found->count;
  shard.index = found->index + 1;
  shard.source = found->variable;
  if (shard.index > shard.count) {
    throw UsageError(found->variable + " is beyond --shard " + given);
  }
  return shard;
}

}  // namespace velatura::batch
