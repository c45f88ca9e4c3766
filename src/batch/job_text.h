#pragma once

#include <string>
#include <string_view>

namespace velatura::batch {

/// A job file's bytes as UTF-8 whose lines end in \n: a byte-order mark is taken away, UTF-16 that
/// begins with one is converted (what is not well-formed in it stays malformed), and \r\n and \r
/// are line ends, too.
std::string job_text(std::string_view bytes);

}  // namespace velatura::batch
