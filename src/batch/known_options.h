#pragma once

#include <map>
#include <set>
#include <string>

namespace velatura::batch {

/// The options that there are, as whoever carries out jobs has them.
struct KnownOptions {
  std::set<std::string, std::less<>> names;  ///< long names, all of them: "guidance-scale"
  std::map<char, std::string> letters;       ///< short ones, and the long names of the same options
};

}  // namespace velatura::batch
