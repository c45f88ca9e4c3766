// Writes a single file with every name of a model family, and numbers of a few kilobytes:
// make_checkpoint CONFIGS CHANNELS PATH, such as stable-diffusion-1 4 sd15.safetensors
#include <string>

#include "weights/family_checkpoint.h"

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  auto tensors = velatura::weights::testing::family_checkpoint(argv[1], std::stoll(argv[2]));
  tensors["model_ema.decay"] = at::zeros({1});
  velatura::weights::write_safetensors(argv[3], tensors, {{"note", "kept"}});
}
