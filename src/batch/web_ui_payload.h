#pragma once

#include <string_view>

#include "batch/settings.h"

namespace velatura::batch {

/// What the settings of a web UI's payload say of each other. Names in what it is asked have
/// dashes.
class WebUiPayload {
 public:
  explicit WebUiPayload(const Settings& settings);

  /// True for what means nothing beside the others: what is said of a mask where there is none, the
  /// strength of a second pass that is off, a file name that is empty.
  bool makes_idle(const Setting& setting) const;

 private:
  bool has_picture_ = false, has_second_pass_ = false, has_sampler_ = false;
  bool is_without_mask_ = false;
};

/// True for what does nothing in velatura, nor in the web UI at this value.
/// @throws UsageError for what velatura does not have, at another value
bool is_without_effect(const Setting& setting);

/// True for a name that these know.
bool is_of_payloads(std::string_view name);

}  // namespace velatura::batch
