#pragma once

#include <optional>
#include <string>
#include <utility>

#include "velatura/error.h"
#include "weights/layouts/model_files.h"

namespace velatura::families {

/// Says why a network has given something that is not finite. It reads all weights for that,
/// so it is asked only then.
class FaultFinder {
 public:
  FaultFinder() = default;  ///< of a network whose weights are not to be had
  explicit FaultFinder(weights::Part part) : part_(std::move(part)) {}

  /// What is wrong with the first weight that is not finite in that dtype: "its tensor conv_in.bias
  /// holds nan"; empty if there is none.
  std::string faulty_weight(at::ScalarType dtype) const;

  /// @param network  if its part is not to be had: "UNet"
  /// @param dtype    that it worked in
  /// @param when     "at step 3 of 20", "where it decodes"
  /// @return  naming the file, the part and either that weight or what to try
  InputError explain(const std::string& network, at::ScalarType dtype,
                     const std::string& when) const;

 private:
  std::optional<weights::Part> part_;
};

}  // namespace velatura::families
