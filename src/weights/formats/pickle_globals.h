#pragma once

#include <c10/core/ScalarType.h>

#include <string>
#include <string_view>

namespace velatura::weights {

/// What a name of Python stands for in a pickle of weights.
enum class GlobalRole {
  ordered_dict,
  tensor,           ///< torch._utils._rebuild_tensor: of its storage's dtype
  tensor_of_dtype,  ///< …_v3: of a dtype of its own
  parameter,
  storage,
  dtype,
  parameter_dict,  ///< torch.nn.ParameterDict: becomes the dict of its parameters
  inert,           ///< what training leaves behind; whatever is made of it is a placeholder
};

struct PickledGlobal {
  std::string_view module;
  std::string_view name;
  GlobalRole role;
  at::ScalarType dtype = at::ScalarType::Undefined;  ///< of storages and dtypes
};

/// The entry of the list of allowed names; null for every other. Names are compared byte by byte.
const PickledGlobal* find_global(std::string_view module, std::string_view name);

/// A name that is not on the list as it may stand in a message: ASCII only, so that a letter of
/// another script is not taken for the one that it looks like.
std::string shown_global(std::string_view module, std::string_view name);

}  // namespace velatura::weights
