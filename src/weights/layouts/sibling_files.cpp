#include "weights/layouts/sibling_files.h"

#include <initializer_list>

#include "core/file_status.h"

namespace velatura::weights {
namespace {

namespace fs = std::filesystem;

std::optional<fs::path> beside(const fs::path& model, std::initializer_list<const char*> endings) {
  if (!is_file(model)) return std::nullopt;
  for (const char* ending : endings) {
    fs::path candidate = model;
    candidate.replace_extension(ending);
    if (is_file(candidate)) return candidate;
  }
  return std::nullopt;
}

}  // namespace

std::optional<fs::path> vae_beside(const fs::path& model) {
  return beside(model, {"vae.safetensors", "vae.ckpt", "vae.pt"});
}

std::optional<fs::path> config_beside(const fs::path& model) {
  return beside(model, {"yaml"});
}

}  // namespace velatura::weights
