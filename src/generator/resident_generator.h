#pragma once

#include <optional>

#include "velatura/generator.h"

namespace velatura {

/// The one model that is in memory, for work that may go on with it.
class ResidentGenerator {
 public:
  /// Whether these options need no loading.
  bool holds(const ModelOptions& options) const { return generator_ && options == options_; }

  /// The generator of these options, until the next call. Another model is let go of first: its
  /// memory serves this one. @throws as Generator
  Generator& of(const ModelOptions& options, Observer& observer) {
    if (!holds(options)) {
      generator_.reset();
      generator_.emplace(options, &observer);
      options_ = options;
    }
    return *generator_;
  }

 private:
  std::optional<Generator> generator_;
  ModelOptions options_;  ///< of the generator
};

}  // namespace velatura
