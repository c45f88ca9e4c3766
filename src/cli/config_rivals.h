#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace velatura::cli {

/// Options and what is given for them, by main name.
using Given = std::map<std::string, std::string, std::less<>>;

/// True if an option with this value cannot hold beside what is given already, by someone who is to
/// be heard first: `--verbose` beside `quiet = true`, a sampler's label with a schedule in it beside
/// another schedule.
bool gives_way(std::string_view option, const std::string& value, const Given& given);

}  // namespace velatura::cli
