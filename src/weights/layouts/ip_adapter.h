#pragma once

#include <filesystem>

#include "weights/layouts/model_files.h"

namespace velatura::weights {

/// Whether a weight file is an IP-Adapter of any kind.
bool is_ip_adapter(const WeightSource& file);

/// An IP-Adapter's file (`image_proj.*` and `ip_adapter.N.to_k_ip`, `to_v_ip`) as a part: its config is
/// told by its tensors, as models::IpAdapterConfig reads it.
/// @throws InputError if the file is something else, or of a kind that needs more than a picture
///         (FaceID)
Part open_ip_adapter(const std::filesystem::path& path);

/// The same of an open file.
Part ip_adapter_part(std::shared_ptr<const WeightSource> file);

/// For people: "an IP-Adapter plus for Stable Diffusion 1.x", "for a text 40 wide".
std::string describe_ip_adapter(const Part& adapter);

}  // namespace velatura::weights
