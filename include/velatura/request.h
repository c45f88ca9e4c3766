#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "velatura/adapters.h"
#include "velatura/image.h"

namespace velatura {

enum class Sampler {
  ddim,
  pndm,
  euler,
  euler_a,
  heun,
  lms,
  dpm2,
  dpm2_a,
  dpmpp_2m,
  dpmpp_2m_sde,
  dpmpp_2s,
  dpmpp_2s_a,
  dpmpp_sde,
  dpmpp_3m_sde,
  unipc,
  deis,
  lcm,
  tcd,
  ddpm,
};

/// How the noise levels of the steps are chosen.
enum class Schedule { standard, karras, exponential, beta, sgm_uniform, ays };

/// Which of the training timesteps are visited.
enum class TimestepSpacing { leading, trailing, linspace };

/// What the model's output means.
enum class Prediction { epsilon, v_prediction, sample };

/// What is left out comes from the model's scheduler_config.json.
struct SamplerOptions {
  std::optional<Sampler> sampler;
  std::optional<Schedule> schedule;
  std::optional<TimestepSpacing> timestep_spacing;
  std::optional<Prediction> prediction;
  double eta = 0.0;  ///< DDIM and TCD: share of fresh noise a step, 0 … 1
};

/// Latents as they travel in and out of files: float32, [B, C, h, w], row-major.
struct Latents {
  std::vector<std::int64_t> shape;
  std::vector<float> values;
};

/// How prompts are read.
enum class PromptSyntax {
  plain,  ///< every character is text; what the text encoder has no room for is left out
  webui,  ///< (x), [x], (x:1.3) and BREAK as web UIs read them, of any length
};

/// A size in pixels.
struct Extent {
  int width = 0, height = 0;
  bool operator==(const Extent&) const = default;
};

/// A place in a picture, in pixels from its upper left corner.
struct Offset {
  int x = 0, y = 0;
  bool operator==(const Offset&) const = default;
};

/// What Stable Diffusion XL is told of a picture beside the prompt (Podell et al. 2023, §2.2): how
/// large it was before training made it smaller and cut it. What is absent is the picture's own size
/// and no cut; where pictures are kept away from, what is told of those that are wanted.
struct SizeConditioning {
  std::optional<Extent> original_size;
  std::optional<Extent> target_size;
  std::optional<Offset> crop_top_left;
  std::optional<double> aesthetic_score;  ///< of refiners, 0 … 10; absent: 6, to keep away from 2.5
  bool operator==(const SizeConditioning&) const = default;
};

/// What every task has.
struct PictureRequest {
  std::string prompt;
  /// Absent: none, which Stable Diffusion XL tells from an empty text.
  std::optional<std::string> negative_prompt;
  /// For a second text encoder; absent or empty: the first one's.
  std::optional<std::string> prompt_2, negative_prompt_2;
  PromptSyntax prompt_syntax = PromptSyntax::plain;
  int steps = 50;  ///< denoising steps, 1 … 1000
  /// Classifier-free guidance (Ho & Salimans 2022); <= 1 is off. Absent: as models of its kind are
  /// used, 7.5, 5 or 4.
  std::optional<double> guidance_scale;
  double guidance_rescale = 0.0;  ///< Lin et al. 2023, §3.4; 0 is off
  SamplerOptions sampling;
  int clip_skip = 0;  ///< text-encoder layers left out at the end, as in diffusers
  SizeConditioning sizes, negative_sizes;  ///< of what is wanted, and of what is not
  /// With a refiner: the share of the schedule behind which it goes on, inside 0 … 1; absent: 0.8.
  std::optional<double> refiner_start;
  std::vector<LoraUse> loras;
  std::vector<EmbeddingUse> embeddings;
  std::vector<ControlUse> controls;
  bool guess_mode = false;            ///< controls are followed without the prompt's help
  std::vector<Grounding> groundings;  ///< at most 30
  double ground_beta = 0.3;           ///< share of the steps in which groundings count
  std::vector<PicturePrompt> picture_prompts;
  /// CLIP's picture tower for them, a folder or file; empty: `image_encoder/` beside the adapter, else
  /// the model's own.
  std::filesystem::path image_encoder;
  /// A DPT (Ranftl et al. 2021) for depth2img and controls that follow depth, a folder; empty: the
  /// model's own.
  std::filesystem::path depth_estimator;
  /// With a prior, which imagines what CLIP would see in the picture (Kandinsky): its steps, 2 … 1000,
  /// and its guidance; absent: 25 and 4.
  std::optional<int> prior_steps;
  std::optional<double> prior_guidance_scale;
  std::vector<MixItem> mix;                 ///< in the place of the prompt
  std::optional<ImageEmbeds> image_embeds;  ///< in the place of a prior: one for all, or one each
  std::uint64_t seed = 0;  ///< picture i uses seed + i, which must not go beyond 2^64 - 1
  int num_images = 1;
  int batch_size = 1;              ///< pictures denoised together
  std::optional<Latents> latents;  ///< starting noise, before the sampler's initial sigma
};

/// Text to image.
struct TextToImage : PictureRequest {
  std::optional<int> width;   ///< pixels, a multiple of the VAE factor; the model's own if absent
  std::optional<int> height;  ///< as width
};

/// How a picture becomes one of another shape.
enum class Fit {
  stretch,  ///< each side by itself
  crop,     ///< scaled to cover the new shape, what stands over is cut off on both sides
  pad,      ///< scaled to fit into the new shape, its edges drawn out to fill the rest
};

/// A picture changed as the prompt says (Meng et al. 2022).
struct ImageToImage : PictureRequest {
  Image image;
  double strength = 0.8;  ///< share of the steps that are done, above 0 … 1: how much may change
  std::optional<int> width;   ///< pixels; the picture's own, floored to a multiple of 8 and of the
                              ///< VAE factor, if absent
  std::optional<int> height;  ///< as width
  Fit fit = Fit::stretch;
};

/// Pixels that a picture grows by on each side.
struct Margins {
  int left = 0, top = 0, right = 0, bottom = 0;
  bool empty() const { return left == 0 && top == 0 && right == 0 && bottom == 0; }
};

/// A part of a picture painted anew. Models made for it (9 channels) and ordinary ones (4).
struct Inpaint : PictureRequest {
  Image image;
  GrayImage mask;             ///< white is repainted; empty: nothing but what `extend` adds
  double strength = 1.0;      ///< as in ImageToImage; at 1 what is repainted begins as pure noise
  std::optional<int> width;   ///< pixels, a multiple of the VAE factor; the model's own if absent
                              ///< (with `extend`: the grown picture's)
  std::optional<int> height;  ///< as width
  Fit fit = Fit::stretch;
  Margins extend;                ///< the picture grows by these, and what is new is painted
  double mask_blur = 0.0;        ///< radius in pixels by which the mask is softened
  std::optional<int> mask_crop;  ///< only the masked region and this many pixels around it are
                                 ///< painted, at full size, and put back; absent: the whole picture
  bool paste = true;             ///< pixels that are not masked are those of the input
};

/// A picture made anew from its depth and the prompt (5-channel models).
struct DepthToImage : PictureRequest {
  Image image;
  std::optional<GrayImage> depth_map;  ///< larger is nearer; the model's own estimate if absent
  double strength = 0.8;               ///< as in ImageToImage
  std::optional<int> width;            ///< as in ImageToImage
  std::optional<int> height;           ///< as width
  Fit fit = Fit::stretch;
};

/// A picture four times as large on each side (7-channel models).
struct Upscale : PictureRequest {
  Upscale() {
    steps = 75;
    guidance_scale = 9.0;
  }
  Image image;
  /// What becomes of sides that are no multiple of the VAE's factor: pad draws out the right and
  /// lower edges and cuts the result, which then is exactly four times as large; stretch, as
  /// diffusers, and crop make the picture smaller.
  Fit fit = Fit::pad;
  int noise_level = 20;  ///< noise put on the input, 0 … the model's highest: how much is invented
  /// Larger inputs are denoised in squares of this many pixels; 0: whole. By default whole where the
  /// memory that is free allows it, else in squares of 128.
  std::optional<int> tile;
  int tile_overlap = 32;  ///< pixels that neighbouring squares share, below `tile`
};

/// Pictures that show what another shows (Kandinsky).
struct Variations : PictureRequest {
  Image image;
  std::optional<int> width;   ///< as in TextToImage
  std::optional<int> height;  ///< as width
};

/// Whether what is predicted without the prompt counts, too.
inline bool is_guided(const PictureRequest& request) {
  return !request.guidance_scale || *request.guidance_scale > 1.0;
}

/// One task with everything it needs; one alternative a task.
using Request = std::variant<TextToImage, ImageToImage, Inpaint, DepthToImage, Upscale, Variations>;

/// What any request has.
inline const PictureRequest& common(const Request& request) {
  return std::visit([](const auto& task) -> const PictureRequest& { return task; }, request);
}

}  // namespace velatura
