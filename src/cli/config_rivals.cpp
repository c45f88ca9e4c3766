#include "cli/config_rivals.h"

#include <algorithm>
#include <array>

#include "samplers/names.h"
#include "velatura/error.h"

namespace velatura::cli {
namespace {

using IsMeant = bool (*)(const std::string& value);

bool any(const std::string&) {
  return true;
}
bool is_on(const std::string& value) {
  return value == "true";
}
bool is_stdout(const std::string& value) {
  return value == "-";
}
bool is_not_one(const std::string& value) {
  return value != "1";
}
bool is_not_stretch(const std::string& value) {
  return value != "stretch";
}

bool has_schedule(const std::string& sampler) {
  try {
    return samplers::parse_sampler(sampler).schedule.has_value();
  } catch (const UsageError&) {
    return false;
  }
}

/// An option at some of its values.
struct Side {
  std::string_view option;
  IsMeant is_meant;

  bool has(std::string_view name, const std::string& value) const {
    return option == name && is_meant(value);
  }
};

// Where both are given at once, the program refuses them.
struct Rivals {
  Side one, other;
};
constexpr std::array<Rivals, 8> kRivals{{{{"quiet", is_on}, {"verbose", is_on}},
                                         {{"output", is_stdout}, {"json", is_on}},
                                         {{"output", is_stdout}, {"grid", is_on}},
                                         {{"events", is_stdout}, {"json", is_on}},
                                         {{"output", is_stdout}, {"num-images", is_not_one}},
                                         {{"mask-crop", any}, {"no-paste", is_on}},
                                         {{"mask-crop", any}, {"resize", is_not_stretch}},
                                         {{"depth-map", any}, {"resize", is_not_stretch}}}};

bool is_given(const Side& side, const Given& given) {
  const auto found = given.find(side.option);
  return found != given.end() && side.is_meant(found->second);
}

}  // namespace

bool gives_way(std::string_view option, const std::string& value, const Given& given) {
  // A schedule takes the place of one in a label by itself; not so the other way round.
  if (option == "schedule" && is_given({"sampler", has_schedule}, given)) return true;
  return std::ranges::any_of(kRivals, [&](const Rivals& pair) {
    return (pair.one.has(option, value) && is_given(pair.other, given)) ||
           (pair.other.has(option, value) && is_given(pair.one, given));
  });
}

}  // namespace velatura::cli
