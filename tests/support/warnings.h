#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "velatura/progress.h"

namespace velatura {

/// Keeps the warnings that it hears.
struct Warnings : Observer {
  void on_warning(std::string_view warning) override { heard.emplace_back(warning); }

  std::vector<std::string> heard;
};

}  // namespace velatura
