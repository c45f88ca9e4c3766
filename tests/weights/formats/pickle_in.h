#pragma once

#include <span>
#include <string>

#include "weights/formats/pickle.h"

namespace velatura::weights::testing {

/// That of a file, which errors call "t.pt".
inline Pickle pickle_in(const std::string& bytes) {
  return read_pickle(std::as_bytes(std::span(bytes)), "t.pt");
}

}  // namespace velatura::weights::testing
