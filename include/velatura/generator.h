#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "velatura/image.h"
#include "velatura/progress.h"
#include "velatura/request.h"

namespace velatura {

enum class DType { automatic, float32, bfloat16, float16 };

/// Which weights to load, and where to run them.
struct ModelOptions {
  /// A diffusers folder or a single .safetensors or .ckpt file in the original layout.
  std::filesystem::path model = {};
  std::string variant = {};        ///< weight file variant of a folder, such as "fp16"; empty: none
  bool ema = false;                ///< of a single file: the EMA weights of the UNet
  std::filesystem::path vae = {};  ///< VAE to use instead of the model's own; empty: none
  std::string device = "auto";     ///< "auto", "cpu", "cuda", "cuda:N"
  DType dtype = DType::automatic;  ///< automatic: float32 on the CPU, float16 on a GPU
  DType vae_dtype = DType::automatic;  ///< of the VAE; automatic: as dtype
  /// The VAE works in squares of this many pixels, blended; 0: on the whole picture; absent: in
  /// squares above 192² latents.
  std::optional<int> vae_tile = {};
  int threads = 0;    ///< CPU threads; 0: one a core
  bool tf32 = false;  ///< allow TensorFloat-32 in float32 arithmetic on a GPU

  bool operator==(const ModelOptions&) const = default;
};

/// A finished picture and what is needed to make it again.
struct Picture {
  Image image;
  std::uint64_t seed = 0;
  Metadata metadata;
  Latents latents;       ///< [1, C, h, w], before the VAE's scaling is undone
  GrayImage depth;       ///< depth to image: the map that was used, 0 farthest; else empty
  double elapsed_s = 0;  ///< seconds for the batch it was made in, over the batch's pictures
};

/// A loaded model that turns requests into pictures. Not thread safe; move only.
class Generator {
 public:
  /// Loads the model. @throws InputError, ResourceError, UsageError
  explicit Generator(const ModelOptions& options, Observer* observer = nullptr);
  ~Generator();
  Generator(Generator&&) noexcept;
  Generator& operator=(Generator&&) noexcept;

  /// Makes the pictures one batch after the other and hands each to `sink` when it is done.
  /// @throws UsageError, InputError, ResourceError, Interrupted, and whatever `sink` throws
  void generate(const Request& request, const std::function<void(Picture&&)>& sink,
                Observer* observer = nullptr);

  /// SHIM
  void generate(const std::vector<Request>& requests, int, const std::function<void(std::size_t, Picture&&)>& sink, Observer* observer) {
    for (std::size_t i = 0; i < requests.size(); ++i)
      generate(requests[i], [&](Picture&& p) { sink(i, std::move(p)); }, observer);
  }
  /// The same, all pictures at once.
  std::vector<Picture> generate(const Request& request, Observer* observer = nullptr);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

inline std::string batch_key(const Request& r) { return std::to_string(r.index()); }
/// Build, libtorch, CUDA and device, one line each, as `velatura --version` prints it.
std::string version_text();

}  // namespace velatura
