#pragma once

#include <string_view>

namespace velatura::cli {

/// Copyright and licence of each library that is part of the program, one after the other; written at
/// the build from what those libraries came with.
std::string_view third_party_notices();

}  // namespace velatura::cli
