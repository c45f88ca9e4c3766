#include "tokenizer/prompt_networks.h"

#include <array>
#include <charconv>
#include <cmath>
#include <string_view>

#include "velatura/error.h"

namespace velatura::tokenizer {
namespace {

double number_in(std::string_view text, const std::string& network) {
  while (text.starts_with(' ') || text.starts_with('+')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = !text.empty() && error == std::errc() && end == text.data() + text.size();
  if (!whole || !std::isfinite(value)) {
    throw UsageError("the prompt's " + network + ": '" + std::string(text) +
                     "' is no number; expected <lora:NAME:TEXT_SCALE:UNET_SCALE>");
  }
  return value;
}

// @param parts  "NAME:A:B"
PromptNetwork network_in(std::string_view parts, const std::string& shown) {
  PromptNetwork network;
  std::optional<double> text, unet;
  for (std::size_t at = 0, end = 0; end != parts.npos; ++at) {
    end = parts.find(':');
    const std::string_view part = parts.substr(0, end);
    if (end != parts.npos) parts.remove_prefix(end + 1);
    if (at == 0) {
      network.name = part;
    } else if (part.starts_with("te=")) {
      text = number_in(part.substr(3), shown);
    } else if (part.starts_with("unet=")) {
      unet = number_in(part.substr(5), shown);
    } else if (at <= 2 && part.find('=') == part.npos) {
      (at == 1 ? text : unet) = number_in(part, shown);
    } else {
      throw UsageError("the prompt's " + shown + ": '" + std::string(part) +
                       "' is not supported; expected <lora:NAME:TEXT_SCALE:UNET_SCALE>");
    }
  }
  if (network.name.empty()) throw UsageError("the prompt's " + shown + ": the name is missing");
  network.text_scale = text.value_or(1.0);
  network.unet_scale = unet.value_or(network.text_scale);
  return network;
}

}  // namespace

std::vector<PromptNetwork> take_networks(std::string& prompt) {
  constexpr auto kKinds = std::to_array<std::string_view>({"<lora:", "<lyco:"});
  std::vector<PromptNetwork> networks;
  for (std::size_t at = 0; (at = prompt.find('<', at)) != prompt.npos;) {
    const std::string_view rest = std::string_view(prompt).substr(at);
    const std::size_t close = rest.find('>');
    std::size_t begin = 0;
    for (const std::string_view kind : kKinds) {
      if (rest.starts_with(kind)) begin = kind.size();
    }
    if (begin == 0 || close == rest.npos) {
      ++at;
      continue;
    }
    const std::string shown(rest.substr(0, close + 1));
    networks.push_back(network_in(rest.substr(begin, close - begin), shown));
    prompt.erase(at, shown.size());
  }
  return networks;
}

}  // namespace velatura::tokenizer
