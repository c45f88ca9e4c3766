#pragma once

#include <filesystem>
#include <optional>

namespace velatura::weights {

/// Files that web UIs let stand beside a single file `X.safetensors` or `X.ckpt`, where they are.

/// Its VAE: `X.vae.safetensors`, `X.vae.ckpt` or `X.vae.pt`.
std::optional<std::filesystem::path> vae_beside(const std::filesystem::path& model);

/// Its config: `X.yaml`.
std::optional<std::filesystem::path> config_beside(const std::filesystem::path& model);

}  // namespace velatura::weights
