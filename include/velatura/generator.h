#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "velatura/image.h"
#include "velatura/progress.h"
#include "velatura/request.h"

namespace velatura {

enum class DType { automatic, float32, bfloat16, float16, int8 };

/// What of a model is in a GPU's memory.
enum class Offload {
  automatic,  ///< as much as fits
  none,       ///< all of it, all the time
  model,      ///< a network while it computes; the others wait in the host's memory
  layers,     ///< a layer while it computes: the least memory, and much slower
};

/// Which weights to load, and where to run them.
struct ModelOptions {
  /// A diffusers folder or a single .safetensors or .ckpt file in the original layout.
  std::filesystem::path model = {};
  std::string variant = {};        ///< weight file variant of a folder, such as "fp16"; empty: none
  bool ema = false;                ///< of a single file: the EMA weights of the UNet
  std::filesystem::path vae = {};  ///< VAE to use instead of the model's own; empty: none
  /// A model of the same kind that goes on where the model's own part of the schedule ends, and
  /// decodes; empty: none.
  std::filesystem::path refiner = {};
  /// A model that imagines pictures for the model to draw; empty: of models that need one, the only
  /// one beside their folder that fits.
  std::filesystem::path prior = {};
  std::string device = "auto";  ///< "auto", "cpu", "cuda", "cuda:N"
  /// automatic: float32 on the CPU, float16 on a GPU. int8, on the CPU: of the weights of the network that
  /// denoises; all else is bfloat16 then.
  DType dtype = DType::automatic;
  DType vae_dtype = DType::automatic;  ///< of the VAE, not int8; automatic: as dtype
  /// The VAE works in squares of this many pixels, blended; 0: on the whole picture; absent: in
  /// squares above 192² latents.
  std::optional<int> vae_tile = {};
  Offload offload = Offload::automatic;
  int threads = 0;    ///< CPU threads; 0: one a core
  bool tf32 = false;  ///< allow TensorFloat-32 in float32 arithmetic on a GPU

  bool operator==(const ModelOptions&) const = default;
};

/// A finished picture and what is needed to make it again.
struct Picture {
  Image image;
  std::uint64_t seed = 0;
  Metadata metadata;
  Latents latents;  ///< [1, C, h, w], before the VAE's scaling is undone
  GrayImage depth;  ///< depth to image: the map that was used, 0 farthest; else empty
  std::optional<ImageEmbeds> image_embeds;  ///< [1, D] what a prior has imagined, if one has
  std::vector<Image> control_images;  ///< as controls were shown them, before they were stretched
  double elapsed_s = 0;  ///< seconds for the batch it was made in, over the batch's pictures
};

/// Requests with equal keys can be denoised together: what the model computes has the same shape
/// and the same steps. Prompts, how they are read, clip skips, seeds, starting noise, and the
/// content of input pictures and masks may differ.
std::string batch_key(const Request& request);

/// Takes each picture when it is done. @param request  which of the requests it is of, from 0
using RequestSink = std::function<void(std::size_t request, Picture&& picture)>;

/// A loaded model that turns requests into pictures. Not thread safe; move only.
/// Where memory runs out, batches and the VAE's tiles become smaller for the rest of its life, and
/// the observer is warned.
class Generator {
 public:
  /// Loads the model. @throws InputError, ResourceError, UsageError
  explicit Generator(const ModelOptions& options, Observer* observer = nullptr);
  ~Generator();
  Generator(Generator&&) noexcept;
  Generator& operator=(Generator&&) noexcept;

  /// Makes the pictures of all requests in their order, at most `batch_size` of them (1 … 1024) at
  /// once, and hands each to `sink` when it is done; the requests' own batch_size does not count.
  /// Neighbours with equal batch_key() share batches, unless their prompts fill different numbers
  /// of the text encoder's chunks; each picture is what it would be alone, but for rounding. A
  /// request that cannot be carried out ends the call when it is reached, with pictures before it
  /// undone that were to share its batch. In Progress, pictures are counted over all requests.
  /// @throws UsageError, InputError, ResourceError, Interrupted, and whatever `sink` throws
  void generate(std::span<const Request> requests, int batch_size, const RequestSink& sink,
                Observer* observer = nullptr);

  /// One request, in batches of its own batch_size.
  void generate(const Request& request, const std::function<void(Picture&&)>& sink,
                Observer* observer = nullptr);

  /// The same, all pictures at once.
  std::vector<Picture> generate(const Request& request, Observer* observer = nullptr);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Build, libtorch, CUDA and device, one line each, as `velatura --version` prints it.
std::string version_text();

}  // namespace velatura
