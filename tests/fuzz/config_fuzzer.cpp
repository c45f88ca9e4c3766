#include "core/config_object.h"
#include "fuzz/fuzzer.h"
#include "models/clip_text/config.h"
#include "models/dpt/config.h"
#include "models/dpt/image_processor.h"
#include "models/multilingual_clip/config.h"
#include "models/prior_transformer/config.h"
#include "models/unet/config.h"
#include "models/vae/config.h"
#include "models/vq_model/config.h"
#include "samplers/make_plan.h"
#include "samplers/unclip.h"

using namespace velatura;

namespace {

void read_config(unsigned kind, ConfigObject config) {
  switch (kind % 10) {
    case 0:
      models::UNetConfig::read(config);
      return;
    case 1:
      models::VaeConfig::read(config);
      return;
    case 2:
      models::ClipTextConfig::read(config);
      return;
    case 3:
      models::DptConfig::read(config);
      return;
    case 4:
      models::DptImageProcessor::read(config);
      return;
    case 5: {
      const samplers::ModelScheduler scheduler{config.where(), config.json()};
      samplers::make_plan(samplers::choose_sampler(scheduler, {}), 5);
      return;
    }
    case 6:
      models::VqConfig::read(config);
      return;
    case 7:
      models::PriorConfig::read(config);
      return;
    case 8:
      models::MultilingualClipConfig::read(config);
      return;
    default:
      samplers::unclip(samplers::UnclipConfig::read(config), 5);
  }
}

}  // namespace

void fuzz(testing::Input input) {
  const auto [kind, json] = input.split();
  testing::accepts_or_refuses([&, kind = kind, json = json] {
    read_config(kind, {"fuzz", parse_json(json.text(), "fuzz")});
  });
}
