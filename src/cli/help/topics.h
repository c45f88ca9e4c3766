#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace velatura::cli {

/// Something that help tells beside the options: a few words, then names and what they mean.
struct Topic {
  struct Entry {
    std::string_view name;
    std::string_view meaning;
  };
  std::string_view name;   ///< as `velatura help` takes it
  std::string_view title;  ///< "Exit codes"
  std::string_view lead;   ///< a paragraph before the entries; empty: none
  std::vector<Entry> entries;
};

std::span<const Topic> topics();

/// @param name  of one of topics()
const Topic& topic(std::string_view name);

/// At most 80 characters a line.
std::string to_text(const Topic& topic);

/// Every sampler, schedule, spacing and prediction with its names.
std::string samplers_text();

/// Command lines to begin with, one a line.
std::string_view examples();

/// What the program's help ends with.
std::string program_footer();

}  // namespace velatura::cli
