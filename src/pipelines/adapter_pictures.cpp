#include "pipelines/adapter_pictures.h"

#include "velatura/error.h"

namespace velatura::pipelines {

std::vector<AdapterPictures> adapter_pictures(const PictureRequest& request) {
  std::vector<AdapterPictures> all;
  for (const PicturePrompt& prompt : request.picture_prompts) {
    if (!prompt.adapter.empty()) {
      all.push_back({prompt, {}});
    } else if (all.empty()) {
      throw UsageError("ip-adapter-image: there is no ip-adapter for it",
                       {"ip-adapter-image", "ip-adapter"});
    }
    if (prompt.image.width == 0 || prompt.image.height == 0) {
      throw UsageError("ip-adapter " + prompt.adapter.string() + ": there is no picture for it",
                       {"ip-adapter", "ip-adapter-image"});
    }
    all.back().images.push_back(&prompt.image);
  }
  return all;
}

}  // namespace velatura::pipelines
