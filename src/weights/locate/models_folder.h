#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace velatura::weights {

enum class ModelKind {
  checkpoint,
  vae,
  lora,
  embedding,
  control,
  ip_adapter,
  image_encoder,
  depth_estimator
};

/// A kind as people say it: "model", "VAE", "LoRA".
std::string in_words(ModelKind kind);

/// A weight file, or a diffusers folder, in a models folder.
struct NamedModel {
  std::string name;  ///< its path below the folder, as it may be given: "sub/dreamlike.safetensors"
  std::filesystem::path path;
};

/// The folder in a web UI's folder that holds models of a kind; itself where there is none.
std::filesystem::path place_of(const std::filesystem::path& folder, ModelKind kind);

/// The models in a web UI's folder: those under `Stable-diffusion`, `VAE`, `Lora`, `embeddings`, … of
/// the folder or of a `models` in it (or ComfyUI's names), else under the folder itself; sorted. Files that only go beside another
/// (`X.vae.pt`) are no checkpoints.
/// @throws InputError if there is no such folder, or too much in it to be a folder of models
std::vector<NamedModel> models_in(const std::filesystem::path& folder, ModelKind kind);

/// The model of that name: its path below the folder, the same without extension, its file name, or
/// that without extension, in this order. Behind it may stand a hash as web UIs show it,
/// `name [6ce0161689]` (or eight digits, their older kind), which the file then must have.
/// @return nothing if no model has the name
/// @throws InputError naming all where several have it, both hashes where they differ, or as
///         models_in()
std::optional<std::filesystem::path> find_model_by_name(const std::filesystem::path& folder,
                                                        ModelKind kind, const std::string& name);

}  // namespace velatura::weights
