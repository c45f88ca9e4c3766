#include "weights/layouts/original_names.h"
#include "weights/layouts/rule_list.h"

namespace velatura::weights {

std::vector<NameRule> original_t2i_adapter_names(const nlohmann::json& config,
                                                 const std::string& prefix) {
  const bool light = config.value("adapter_type", "full_adapter") == "light_adapter";
  const std::size_t resnets = config.value("num_res_blocks", 2);
  const std::size_t levels = config.at("channels").size() + (light ? 1 : 0);
  RuleList rules(prefix);
  const std::string to_body = "adapter.body.";
  if (!light) rules.layer("conv_in", "adapter.conv_in");
  for (std::size_t level = 0; level < levels; ++level) {
    const std::string to = to_body + std::to_string(level);
    const auto from = [&](std::size_t resnet) {
      return light ? "body." + std::to_string(level) + ".body." + std::to_string(resnet)
                   : "body." + std::to_string(level * resnets + resnet);
    };
    rules.layer(light ? "body." + std::to_string(level) + ".in_conv" : from(0) + ".in_conv",
                to + ".in_conv");
    for (std::size_t resnet = 0; resnet < resnets; ++resnet) {
      for (const std::string block : {".block1", ".block2"}) {
        rules.layer(from(resnet) + block, to + ".resnets." + std::to_string(resnet) + block);
      }
    }
    if (light) rules.layer("body." + std::to_string(level) + ".out_conv", to + ".out_conv");
  }
  return rules.take();
}

}  // namespace velatura::weights
