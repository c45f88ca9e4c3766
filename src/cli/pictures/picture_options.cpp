#include "cli/pictures/picture_options.h"

#include <array>
#include <charconv>
#include <iostream>
#include <iterator>
#include <random>
#include <utility>

#include "cli/config_file.h"
#include "cli/options.h"
#include "cli/pictures/latents_file.h"
#include "core/text.h"
#include "samplers/names.h"
#include "samplers/registry.h"
#include "tokenizer/prompt_syntax.h"
#include "tokenizer/weighted_prompt.h"
#include "velatura/error.h"

namespace velatura::cli {
namespace {

constexpr double kMaxSide = 16384;

constexpr std::array<Choice<DType>, 4> kDTypes{{{"auto", DType::automatic},
                                                {"float32", DType::float32},
                                                {"bfloat16", DType::bfloat16},
                                                {"float16", DType::float16}}};

constexpr std::array<Choice<std::optional<terminal::Protocol>>, 6> kShows{
    {{"auto", std::nullopt},
     {"kitty", terminal::Protocol::kitty},
     {"iterm2", terminal::Protocol::iterm2},
     {"sixel", terminal::Protocol::sixel},
     {"blocks", terminal::Protocol::half_blocks},
     {"off", terminal::Protocol::none}}};

std::optional<int> parse_vae_tile(const std::string& text) {
  if (text == "auto") return std::nullopt;
  if (text == "off") return 0;
  int pixels = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), pixels);
  if (error != std::errc() || end != text.data() + text.size() || pixels < 1) {
    throw UsageError("--vae-tile " + text + ": expected auto, off or a number of pixels");
  }
  return pixels;
}

void add_prompt_options(CLI::App& command, PictureRequest& request) {
  const std::string group = "Prompt";
  add_option(command, group, "prompt,--prompt", request.prompt,
             "What to show; the option's name may be left out; '-' reads standard input")
      ->type_name("PROMPT")
      ->default_str("empty");
  add_option(command, group, "--negative-prompt", request.negative_prompt, "What to keep away from")
      ->type_name("TEXT")
      ->default_str("empty");
  add_choice(
      command, group, "--prompt-syntax", tokenizer::kPromptSyntaxes, request.prompt_syntax,
      "How prompts are read: plain (all of it is text, cut off where the text encoder ends) or "
      "webui "
      "((more) [less] (x:1.3) BREAK, a backslash before what is text, any length)")
      ->type_name("NAME")
      ->default_str("plain");
  add_option(command, group, "-g,--guidance-scale,--cfg-scale,--scale", request.guidance_scale,
             "How closely to follow the prompt (classifier-free guidance); 1 and less turn it off, "
             "and the negative prompt with it")
      ->type_name("X")
      ->capture_default_str()
      ->check(in_range(0, 1000));
  add_option(command, group, "--guidance-rescale", request.guidance_rescale,
             "Share of the guided prediction rescaled to the contrast of the unguided one, against "
             "overexposure")
      ->type_name("X")
      ->capture_default_str()
      ->check(in_range(0, 1));
  add_option(command, group, "--clip-skip", request.clip_skip,
             "Layers left out at the end of the text encoder")
      ->type_name("N")
      ->capture_default_str()
      ->check(in_range(0, 100));
}

void add_model_options(CLI::App& command, PictureOptions& options, PictureRequest& request) {
  const std::string group = "Model";
  add_option(command, group, "-m,--model,--ckpt", options.model,
             "A diffusers folder, a weight file, the name of a bundled model or of one in "
             "--models-dir, or "
             "a hub id (org/name, org/name@revision, org/name/file) in the local cache")
      ->type_name("MODEL")
      ->default_str("$VELATURA_MODEL, else " + options.bundled);
  add_option(command, group, "--variant", options.machine.variant,
             "Variant of a folder's weight files, such as fp16")
      ->type_name("NAME")
      ->default_str("none");
  add_models_folder_option(command, options.models_folder);
  add_flag(command, group, "--ema", options.machine.ema,
           "Take the average of the UNet that training kept (EMA), from a single file that has it");
  add_option(command, group, "--vae", options.vae,
             "Another VAE than the model's own: a folder, a weight file, a name in --models-dir or "
             "a hub id")
      ->type_name("VAE")
      ->default_str("the model's");
  add_parsed(
      command, group, "--prediction",
      [&request](const std::string& text) {
        request.sampling.prediction = samplers::parse_prediction(text);
      },
      "What the model's output means")
      ->type_name("NAME")
      ->check(choices_of(samplers::predictions()))
      ->default_str("the model's");
}

void add_sampling_options(CLI::App& command, PictureOptions& options, PictureRequest& request) {
  const std::string group = "Sampling";
  add_option(command, group, "--steps,--ddim-steps,--num-inference-steps", request.steps,
             "Denoising steps")
      ->type_name("N")
      ->capture_default_str()
      ->check(in_range(1, 1000));
  add_parsed(
      command, group, "--sampler,--sampler-name,--scheduler",
      [&request](const std::string& text) {
        const samplers::ParsedSampler parsed = samplers::parse_sampler(text);
        request.sampling.sampler = parsed.sampler;
        // --schedule wins over a schedule in the sampler's label, wherever it stands.
        if (parsed.schedule && !request.sampling.schedule) {
          request.sampling.schedule = parsed.schedule;
        }
      },
      "Sampler, by any name that 'velatura samplers' lists")
      ->type_name("NAME")
      ->check(choices_of(samplers::sampler_rows()))
      ->default_str("the model's");
  add_parsed(
      command, group, "--schedule",
      [&request](const std::string& text) {
        request.sampling.schedule = samplers::parse_schedule(text);
      },
      "Noise levels of the steps")
      ->type_name("NAME")
      ->check(choices_of(samplers::schedules()))
      ->default_str("the model's");
  add_parsed(
      command, group, "--timestep-spacing",
      [&request](const std::string& text) {
        request.sampling.timestep_spacing = samplers::parse_timestep_spacing(text);
      },
      "Timesteps visited")
      ->type_name("NAME")
      ->check(choices_of(samplers::timestep_spacings()))
      ->default_str("the model's");
  add_option(command, group, "--eta,--ddim-eta", request.sampling.eta,
             "Share of fresh noise a step, for ddim and tcd")
      ->type_name("X")
      ->capture_default_str()
      ->check(in_range(0, 1));
  add_option(command, group, "-s,--seed", options.seed,
             "Seed of the first picture, 0 or more; picture i uses seed + i; -1 is random")
      ->type_name("N")
      ->default_str("random, and shown");
  add_option(command, group, "--latents-in", options.latents_in,
             "Start from the noise in this .safetensors file, a tensor 'latents' [B, C, h, w]")
      ->type_name("FILE");
}

void add_output_options(CLI::App& command, PictureOptions& options, PictureRequest& request) {
  const std::string group = "Output";
  add_option(command, group, "-o,--output", options.output,
             "File (png, jpg or webp; several pictures are numbered; replaced if it exists), "
             "FOLDER/, a name made with {seq} (the next free number), {seed}, {index}, {date}, "
             "{prompt} and widths as in {seq:05}, or '-' for a PNG on standard output")
      ->type_name("PATH")
      ->capture_default_str();
  add_option(command, group, "-n,--num-images,--n-samples,--num-images-per-prompt",
             request.num_images, "Pictures to make")
      ->type_name("N")
      ->capture_default_str()
      ->check(in_range(1, 100000));
  add_batch_size_option(command, request.batch_size);
  add_option(command, group, "--latents-out", options.latents_out,
             "Write the final latents of all pictures to this .safetensors file")
      ->type_name("FILE");
  add_flag(command, group, "--grid", options.grid,
           "Write several pictures (at most 100) also on one sheet, grid-SEED.png beside them");
  add_report_options(command, options);
}

}  // namespace

void add_batch_size_option(CLI::App& command, int& batch_size) {
  add_option(command, "Output", "--batch-size", batch_size, "Pictures denoised together")
      ->type_name("N")
      ->capture_default_str()
      ->check(in_range(1, 1024));
}

void add_report_options(CLI::App& command, PictureOptions& options) {
  const std::string group = "Output";
  CLI::Option* show = add_choice(command, group, "--show", kShows, options.show,
                                 "Show each finished picture on the terminal, drawn in its best "
                                 "way or as NAME says");
  value_is_optional(show->type_name("NAME")->default_str("auto"));
  add_flag(command, group, "--no-metadata", options.no_metadata,
           "Write nothing into pictures but their pixels: no parameters, no receipt, no mark of "
           "machine-made pictures");
  add_flag(command, group, "--json", options.json,
           "Print one JSON object a picture instead of its path");
  add_flag(command, group, "-q,--quiet", options.quiet, "Say nothing but errors");
  add_flag(command, group, "-v,--verbose", options.verbose, "Say more");
  add_flag(command, group, "--no-progress", options.no_progress, "Show no progress");
}

void add_machine_options(CLI::App& command, PictureOptions& options) {
  const std::string group = "Machine";
  add_device_option(command, group, options.machine.device);
  add_choice(command, group, "--dtype", kDTypes, options.machine.dtype,
             "Number type; auto is float32 on the CPU, float16 on a GPU")
      ->type_name("NAME")
      ->default_str("auto");
  add_choice(command, group, "--vae-dtype", kDTypes, options.machine.vae_dtype,
             "Number type of the VAE alone; where a half-precision VAE overflows, float32 is taken "
             "anyway")
      ->type_name("NAME")
      ->default_str("as --dtype");
  add_parsed(
      command, group, "--vae-tile",
      [&options](const std::string& text) { options.machine.vae_tile = parse_vae_tile(text); },
      "Let the VAE work in blended squares of this many pixels, for less memory; auto does so for "
      "large pictures only")
      ->type_name("PIXELS")
      ->check(choices({"auto", "off"}))
      ->default_str("auto");
  add_option(command, group, "--threads", options.machine.threads, "CPU threads; 0 is one a core")
      ->type_name("N")
      ->capture_default_str()
      ->check(in_range(0, 1024));
  add_flag(command, group, "--tf32", options.machine.tf32,
           "Allow TensorFloat-32 in float32 arithmetic on a GPU: faster, less exact");
  add_config_option(command);
}

namespace {

std::string read_stdin() {
  std::string text{std::istreambuf_iterator<char>(std::cin), {}};
  while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
  return text;
}

void check_text(const std::string& option, const std::string& text) {
  if (!is_utf8(text)) throw UsageError(option + ": the text is not valid UTF-8");
}

std::uint64_t random_seed() {
  std::random_device source;
  return std::uniform_int_distribution<std::uint64_t>(0, 0xFFFF'FFFDu)(source);  // [0, 2^32 - 2)
}

}  // namespace

void add_picture_options(CLI::App& command, PictureOptions& options, PictureRequest& request) {
  add_prompt_options(command, request);
  add_model_options(command, options, request);
  add_sampling_options(command, options, request);
  add_output_options(command, options, request);
  add_machine_options(command, options);
}

void add_size_options(CLI::App& command, std::optional<int>& width, std::optional<int>& height,
                      const std::string& own) {
  add_option(command, "Output", "-W,--width,--W", width,
             "Width in pixels, a multiple of 8 and of the VAE's factor")
      ->type_name("PIXELS")
      ->default_str(own)
      ->check(in_range(8, kMaxSide));
  add_option(command, "Output", "-H,--height,--H", height, "Height in pixels, likewise")
      ->type_name("PIXELS")
      ->default_str(own)
      ->check(in_range(8, kMaxSide));
}

Verbosity PictureOptions::verbosity() const {
  if (quiet && verbose) throw UsageError("--quiet and --verbose exclude each other");
  return quiet ? Verbosity::quiet : verbose ? Verbosity::verbose : Verbosity::normal;
}

void settle(PictureOptions& options, PictureRequest& request) {
  if (options.seed.value_or(-1) < -1) throw UsageError("--seed: expected -1, 0 or more");
  if (request.prompt == "-") request.prompt = read_stdin();
  check_text("PROMPT", request.prompt);
  check_text("--negative-prompt", request.negative_prompt);
  if (request.prompt_syntax == PromptSyntax::webui) {  // refused before a model is loaded
    for (const auto& prompt : {request.prompt, request.negative_prompt})
      tokenizer::parse_weighted_prompt(prompt);
  }
  if (!options.latents_in.empty()) request.latents = read_latents(options.latents_in);
  const bool random = options.seed.value_or(-1) == -1;
  request.seed = random ? random_seed() : static_cast<std::uint64_t>(*options.seed);
}

}  // namespace velatura::cli
