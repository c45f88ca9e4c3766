#pragma once

#include <optional>
#include <string>
#include <vector>

namespace velatura::tokenizer {

/// `<lora:NAME:A:B>` in a prompt of a web UI: the text encoder's scale stands before the UNet's. Either
/// may be named, te=A and unet=B; the UNet's is the text encoder's where it is not given, and both are 1
/// where none is.
struct PromptNetwork {
  std::string name;
  double text_scale = 1.0;
  double unet_scale = 1.0;

  bool operator==(const PromptNetwork&) const = default;
};

/// Takes them out of the prompt, of kind `lora` and `lyco`, in their order; other text stays as it is.
/// @throws UsageError for one without a name, or with what is no number
std::vector<PromptNetwork> take_networks(std::string& prompt);

}  // namespace velatura::tokenizer
