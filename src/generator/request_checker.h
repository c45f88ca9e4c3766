#pragma once

#include <memory>
#include <nlohmann/json.hpp>

#include "velatura/generator.h"

namespace velatura {

namespace pipelines {
struct LatentModel;
}

/// Says what a model cannot make, from its configs and the headers of its files, before weights are
/// loaded.
class RequestChecker {
 public:
  /// @throws InputError if the model cannot be read, or its parts do not fit together; UsageError
  ///         for options that it does not have
  explicit RequestChecker(const ModelOptions& options);
  ~RequestChecker();
  RequestChecker(RequestChecker&&) noexcept;
  RequestChecker& operator=(RequestChecker&&) noexcept;

  /// Throws what Generator::generate() would, for all that does not depend on weights.
  /// @throws UsageError, InputError
  void check(const Request& request);

  /// Whether the model draws what is imagined first.
  bool imagines() const;

  /// What the receipt of the request's first picture would say of settings and the VAE's tile.
  /// @throws as check()
  nlohmann::ordered_json settings(const Request& request);

 private:
  std::unique_ptr<pipelines::LatentModel> model_;
};

}  // namespace velatura
