#include "request/device_name.h"
#include "request/fields.h"

namespace velatura::request {
namespace {

void each_weight_field(ModelOptions& options, const Visit& visit) {
  visit({.name = "model",
         .others = {"ckpt"},
         .letter = 'm',
         .group = Group::model,
         .unit = "MODEL",
         .help = "A diffusers folder, a weight file, the name of a bundled model or of one in "
                 "--models-dir, or a hub id (org/name, org/name@revision, org/name/file) in the "
                 "local cache",
         .recorded = Recorded::by_name},
        &options.model);
  visit({.name = "variant",
         .group = Group::model,
         .unit = "NAME",
         .help = "Variant of a folder's weight files, such as fp16",
         .shown_default = "none",
         .recorded = Recorded::never},
        &options.variant);
  visit({.name = "ema",
         .group = Group::model,
         .help = "Take the average of the UNet that training kept (EMA), from a single file that "
                 "has it",
         .recorded = Recorded::as_used},
        &options.ema);
  visit(
      {.name = "vae",
       .group = Group::model,
       .unit = "VAE",
       .help = "Another VAE than the model's own: a folder, a weight file, a name in --models-dir "
               "or a hub id",
       .shown_default = "the model's",
       .recorded = Recorded::by_name},
      &options.vae);
  visit({.name = "refiner",
         .group = Group::model,
         .unit = "MODEL",
         .help = "A refiner of Stable Diffusion XL, named as a model is: it goes on at "
                 "--refiner-start",
         .shown_default = "none",
         .recorded = Recorded::by_name},
        &options.refiner);
  visit({.name = "prior",
         .group = Group::model,
         .unit = "MODEL",
         .help = "A prior of Kandinsky, named as a model is: it imagines what the model draws",
         .shown_default = "the one beside the model's folder",
         .recorded = Recorded::by_name},
        &options.prior);
}

void each_machine_field(ModelOptions& options, const Visit& visit) {
  visit({.name = "device",
         .group = Group::machine,
         .unit = "NAME",
         .help = "Where to compute; auto is the first GPU, else the CPU; cuda:1 is the second GPU",
         .words = kDeviceWords,
         .complaint = device_complaint,
         .scope = Scope::run,
         .recorded = Recorded::as_used},
        &options.device);
  visit({.name = "dtype",
         .group = Group::machine,
         .unit = "NAME",
         .help = "Number type; auto is float32 on the CPU, float16 on a GPU; int8, on a CPU with "
                 "AVX2, is of the UNet's weights alone, beside bfloat16",
         .scope = Scope::run,
         .recorded = Recorded::as_used},
        &options.dtype);
  visit({.name = "vae-dtype",
         .group = Group::machine,
         .unit = "NAME",
         .help = "Number type of the VAE alone; where a half-precision VAE overflows, float32 is "
                 "taken anyway",
         .shown_default = "as --dtype",
         .but = "int8",
         .scope = Scope::run,
         .recorded = Recorded::as_used},
        &options.vae_dtype);
  visit({.name = "vae-tile",
         .group = Group::machine,
         .unit = "PIXELS",
         .help = "Let the VAE work in blended squares of this many pixels, for less memory; auto "
                 "does so for large pictures only",
         .notation = Notation::tile,
         .scope = Scope::run,
         .recorded = Recorded::as_used},
        &options.vae_tile);
  visit(
      {.name = "offload",
       .group = Group::machine,
       .unit = "WHAT",
       .help = "What waits in the host's memory until a GPU computes with it: none, model (a "
               "network while the others work), layers (every layer: the least memory, and slow); "
               "auto is the first that fits",
       .scope = Scope::run,
       .recorded = Recorded::never},
      &options.offload);
  visit({.name = "threads",
         .group = Group::machine,
         .unit = "N",
         .help = "CPU threads; 0 is one a core",
         .range = Range{0, 1024},
         .scope = Scope::run,
         .recorded = Recorded::never},
        &options.threads);
  visit({.name = "tf32",
         .group = Group::machine,
         .help = "Allow TensorFloat-32 in float32 arithmetic on a GPU: faster, less exact",
         .scope = Scope::run,
         .recorded = Recorded::never},
        &options.tf32);
}

}  // namespace

void each_field(ModelOptions& options, const Visit& visit) {
  each_weight_field(options, visit);
  each_machine_field(options, visit);
}

}  // namespace velatura::request
