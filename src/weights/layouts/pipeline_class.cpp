#include "weights/layouts/pipeline_class.h"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace velatura::weights {
namespace {

using Kind = ComponentKind;

// Pipelines of Stable Diffusion are so alike that their folders are read in one way.
constexpr auto kStableDiffusion = std::to_array<PipelineComponent>({
    {.role = "unet",
     .kind = Kind::network,
     .library = "diffusers",
     .class_name = "UNet2DConditionModel",
     .required = true},
    {.role = "vae",
     .kind = Kind::network,
     .library = "diffusers",
     .class_name = "AutoencoderKL",
     .required = true,
     .replaceable = true,
     .current_names = with_current_vae_names},
    {.role = "text_encoder",
     .kind = Kind::network,
     .library = "transformers",
     .class_name = "CLIPTextModel",
     .required = true,
     .current_names = with_text_model_prefix},
    {.role = "tokenizer",
     .kind = Kind::tokenizer,
     .library = "transformers",
     .class_name = "CLIPTokenizer",
     .other_class = "CLIPTokenizerFast",
     .required = true},
    {.role = "scheduler",
     .kind = Kind::scheduler,
     .library = "diffusers",
     .any_class = true,
     .required = true},
    {.role = "depth_estimator",
     .kind = Kind::network,
     .library = "transformers",
     .class_name = "DPTForDepthEstimation"},
    {.role = "feature_extractor",
     .kind = Kind::processor,
     .library = "transformers",
     .class_name = "DPTImageProcessor",
     .any_class = true,
     .serves = "depth_estimator"},
    {.role = "low_res_scheduler",
     .kind = Kind::scheduler,
     .library = "diffusers",
     .class_name = "DDPMScheduler"},
    {.role = "safety_checker", .kind = Kind::unused},
    {.role = "image_encoder", .kind = Kind::unused},
    {.role = "watermarker", .kind = Kind::unused},
});

constexpr PipelineComponent kSecondEncoder{.role = "text_encoder_2",
                                           .kind = Kind::network,
                                           .library = "transformers",
                                           .class_name = "CLIPTextModelWithProjection",
                                           .required = true,
                                           .current_names = with_text_model_prefix};
constexpr PipelineComponent kSecondTokenizer{.role = "tokenizer_2",
                                             .kind = Kind::tokenizer,
                                             .library = "transformers",
                                             .class_name = "CLIPTokenizer",
                                             .other_class = "CLIPTokenizerFast",
                                             .required = true};

constexpr PipelineComponent stable_diffusion(std::string_view role, bool required) {
  PipelineComponent component =
      *std::ranges::find(kStableDiffusion, role, &PipelineComponent::role);
  component.required = required;
  return component;
}

constexpr auto kStableDiffusionXl = std::to_array<PipelineComponent>({
    stable_diffusion("unet", true),
    stable_diffusion("vae", true),
    stable_diffusion("text_encoder", true),
    kSecondEncoder,
    stable_diffusion("tokenizer", true),
    kSecondTokenizer,
    stable_diffusion("scheduler", true),
    stable_diffusion("image_encoder", false),
    {.role = "feature_extractor", .kind = Kind::unused},
    {.role = "watermarker", .kind = Kind::unused},
});
// Refiners lack the first text encoder.
constexpr auto kStableDiffusionXlRefiner = std::to_array<PipelineComponent>({
    stable_diffusion("unet", true),
    stable_diffusion("vae", true),
    kSecondEncoder,
    kSecondTokenizer,
    stable_diffusion("scheduler", true),
    stable_diffusion("text_encoder", false),
    stable_diffusion("tokenizer", false),
    stable_diffusion("image_encoder", false),
    {.role = "feature_extractor", .kind = Kind::unused},
    {.role = "watermarker", .kind = Kind::unused},
});

constexpr PipelineComponent kMovq{.role = "movq",
                                  .kind = Kind::network,
                                  .library = "diffusers",
                                  .class_name = "VQModel",
                                  .required = true,
                                  .current_names = with_current_vae_names};
// Kandinsky 2.2's decoders, and 2.1's, which read the prompt as well.
constexpr auto kKandinskyV22 = std::to_array<PipelineComponent>({
    stable_diffusion("unet", true),
    stable_diffusion("scheduler", true),
    kMovq,
});
constexpr auto kKandinsky = std::to_array<PipelineComponent>({
    stable_diffusion("unet", true),
    stable_diffusion("scheduler", true),
    kMovq,
    {.role = "text_encoder",
     .kind = Kind::network,
     .library = "kandinsky",
     .class_name = "MultilingualCLIP",
     .required = true,
     .current_names = without_position_ids},
    {.role = "tokenizer",
     .kind = Kind::tokenizer,
     .library = "transformers",
     .class_name = "XLMRobertaTokenizer",
     .other_class = "XLMRobertaTokenizerFast",
     .required = true},
});
constexpr auto kKandinskyPrior = std::to_array<PipelineComponent>({
    {.role = "prior",
     .kind = Kind::network,
     .library = "diffusers",
     .class_name = "PriorTransformer",
     .required = true},
    {.role = "image_encoder",
     .kind = Kind::network,
     .library = "transformers",
     .class_name = "CLIPVisionModelWithProjection",
     .required = true,
     .current_names = without_position_ids},
    {.role = "text_encoder",
     .kind = Kind::network,
     .library = "transformers",
     .class_name = "CLIPTextModelWithProjection",
     .required = true,
     .current_names = with_text_model_prefix},
    stable_diffusion("tokenizer", true),
    {.role = "scheduler",
     .kind = Kind::scheduler,
     .library = "diffusers",
     .class_name = "UnCLIPScheduler",
     .required = true},
    {.role = "image_processor",
     .kind = Kind::processor,
     .library = "transformers",
     .class_name = "CLIPImageProcessor",
     .any_class = true,
     .required = true,
     .serves = "image_encoder"},
});

// Of a prior in the folder of what draws; see kOwnPrior.
constexpr PipelineComponent own_prior(std::string_view role) {
  const std::string_view plain = role.substr(kOwnPrior.size());
  PipelineComponent component =
      *std::ranges::find(kKandinskyPrior, plain, &PipelineComponent::role);
  component.role = role;
  if (component.kind == Kind::processor) component.serves = "prior_image_encoder";
  return component;
}
constexpr auto kOwnPriorComponents = std::to_array<PipelineComponent>(
    {own_prior("prior_prior"), own_prior("prior_image_encoder"), own_prior("prior_text_encoder"),
     own_prior("prior_tokenizer"), own_prior("prior_scheduler"),
     own_prior("prior_image_processor")});

template <std::size_t A, std::size_t B>
constexpr auto joined(const std::array<PipelineComponent, A>& a,
                      const std::array<PipelineComponent, B>& b) {
  std::array<PipelineComponent, A + B> all{};
  std::ranges::copy(b, std::ranges::copy(a, all.begin()).out);
  return all;
}
constexpr auto kKandinskyCombined = joined(kKandinsky, kOwnPriorComponents);
constexpr auto kKandinskyV22Combined = joined(kKandinskyV22, kOwnPriorComponents);

constexpr auto kXl = std::to_array<std::string_view>({"image_encoder", "feature_extractor"});
constexpr auto kXlRefiner = std::to_array<std::string_view>(
    {"text_encoder", "tokenizer", "image_encoder", "feature_extractor"});
constexpr auto kSafety = std::to_array<std::string_view>({"safety_checker", "feature_extractor"});
constexpr auto kDepth = std::to_array<std::string_view>({"depth_estimator", "feature_extractor"});
constexpr auto kUpscale = std::to_array<std::string_view>(
    {"safety_checker", "feature_extractor", "low_res_scheduler", "watermarker"});

constexpr std::string_view kPrior = "KandinskyPriorPipeline",
                           kV22Prior = "KandinskyV22PriorPipeline";

constexpr auto kClasses = std::to_array<PipelineClass>({
    {.name = "StableDiffusionPipeline",
     .components = kStableDiffusion,
     .declared = kSafety,
     .may_check_safety = true},
    {.name = "StableDiffusionImg2ImgPipeline",
     .components = kStableDiffusion,
     .declared = kSafety,
     .may_check_safety = true},
    {.name = "StableDiffusionInpaintPipeline",
     .components = kStableDiffusion,
     .declared = kSafety,
     .may_check_safety = true},
    {.name = "StableDiffusionGLIGENPipeline",
     .components = kStableDiffusion,
     .declared = kSafety,
     .may_check_safety = true},
    {.name = "StableDiffusionDepth2ImgPipeline",
     .components = kStableDiffusion,
     .declared = kDepth},
    {.name = "StableDiffusionUpscalePipeline",
     .components = kStableDiffusion,
     .declared = kUpscale,
     .adds_noise = true,
     .vae_scaling_factor = 0.08333},
    {.name = "StableDiffusionXLPipeline",
     .components = kStableDiffusionXl,
     .declared = kXl,
     .zeroes_negative = true},
    {.name = "StableDiffusionXLImg2ImgPipeline",
     .components = kStableDiffusionXlRefiner,
     .declared = kXlRefiner,
     .zeroes_negative = true,
     .may_score = true},
    {.name = "StableDiffusionXLInpaintPipeline",
     .components = kStableDiffusionXl,
     .declared = kXl,
     .zeroes_negative = true,
     .may_score = true},
    {.name = "KandinskyPipeline", .components = kKandinsky, .prior = kPrior},
    {.name = "KandinskyImg2ImgPipeline", .components = kKandinsky, .prior = kPrior},
    {.name = "KandinskyInpaintPipeline", .components = kKandinsky, .prior = kPrior},
    {.name = "KandinskyCombinedPipeline", .components = kKandinskyCombined, .prior = kPrior},
    {.name = "KandinskyImg2ImgCombinedPipeline", .components = kKandinskyCombined, .prior = kPrior},
    {.name = "KandinskyInpaintCombinedPipeline", .components = kKandinskyCombined, .prior = kPrior},
    {.name = kPrior, .components = kKandinskyPrior, .imagines_for = "Kandinsky 2.1"},
    {.name = "KandinskyV22Pipeline", .components = kKandinskyV22, .prior = kV22Prior},
    {.name = "KandinskyV22Img2ImgPipeline", .components = kKandinskyV22, .prior = kV22Prior},
    {.name = "KandinskyV22InpaintPipeline", .components = kKandinskyV22, .prior = kV22Prior},
    {.name = "KandinskyV22ControlnetPipeline", .components = kKandinskyV22, .prior = kV22Prior},
    {.name = "KandinskyV22ControlnetImg2ImgPipeline",
     .components = kKandinskyV22,
     .prior = kV22Prior},
    {.name = "KandinskyV22CombinedPipeline",
     .components = kKandinskyV22Combined,
     .prior = kV22Prior},
    {.name = "KandinskyV22Img2ImgCombinedPipeline",
     .components = kKandinskyV22Combined,
     .prior = kV22Prior},
    {.name = "KandinskyV22InpaintCombinedPipeline",
     .components = kKandinskyV22Combined,
     .prior = kV22Prior},
    {.name = kV22Prior, .components = kKandinskyPrior, .imagines_for = "Kandinsky 2.2"},
});

}  // namespace

bool PipelineClass::has(std::string_view role) const {
  return std::ranges::find(components, role, &PipelineComponent::role) != components.end();
}

const PipelineComponent& PipelineClass::component(std::string_view role) const {
  const auto found = std::ranges::find(components, role, &PipelineComponent::role);
  if (found == components.end()) throw std::logic_error("no component " + std::string(role));
  return *found;
}

std::span<const PipelineClass> pipeline_classes() {
  return kClasses;
}

const PipelineClass* find_pipeline_class(std::string_view name) {
  const auto found = std::ranges::find(kClasses, name, &PipelineClass::name);
  return found == kClasses.end() ? nullptr : &*found;
}

const PipelineClass& pipeline_class(std::string_view name) {
  const PipelineClass* const found = find_pipeline_class(name);
  if (found == nullptr) throw std::logic_error("no pipeline class " + std::string(name));
  return *found;
}

std::string weights_stem(std::string_view library) {
  return library == "diffusers" ? "diffusion_pytorch_model" : "model";
}

std::string config_file(ComponentKind kind) {
  return kind == ComponentKind::scheduler ? "scheduler_config.json" : "preprocessor_config.json";
}

}  // namespace velatura::weights
