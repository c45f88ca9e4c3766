#include <ATen/ATen.h>

#include "fuzz/fuzzer.h"
#include "weights/adapters/adapter.h"
#include "weights/adapters/textual_inversion.h"
#include "weights/layouts/control_files.h"
#include "weights/layouts/image_encoder.h"
#include "weights/layouts/ip_adapter.h"

using namespace velatura;

namespace {

constexpr std::int64_t kWidth = 4;

weights::AdaptedLayers few_layers() {
  const auto of = [](at::IntArrayRef shape) { return at::empty({1}).expand(shape); };
  weights::AdaptedLayers layers;
  layers.add_unet(
      {{"conv_in.weight", of({4, 9, 3, 3})},
       {"conv_in.bias", of({4})},
       {"down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k.weight", of({kWidth, kWidth})},
       {"down_blocks.0.resnets.0.norm1.weight", of({4})}},
      nlohmann::json::object());
  layers.add_text_encoder("text_encoder",
                          {{"text_model.encoder.layers.0.mlp.fc1.weight", of({kWidth, kWidth})},
                           {"text_model.encoder.layers.0.mlp.fc1.bias", of({kWidth})}});
  return layers;
}

void apply(const std::filesystem::path& file) {
  static const weights::AdaptedLayers layers = few_layers();
  const weights::Adapter adapter(file, layers);
  for (const char* role : {"unet", "text_encoder"}) {
    for (const weights::Patch& patch : adapter.patches(role, [](const auto&) { return 0.5; })) {
      const std::string name = patch.name.substr(0, patch.name.rfind('.'));
      const weights::AdaptedLayer* layer = nullptr;
      for (const auto& each : layers.layers())
        if (each.role == role && each.name == name) layer = &each;
      at::Tensor sum = at::ones(patch.name.ends_with(".bias") ? layer->bias : layer->weight);
      patch.add(sum, sum.clone());
    }
  }
}

}  // namespace

// A file that goes beside a model, as each of their kinds.
void fuzz(testing::Input input) {
  static const testing::MemoryFolder folder;
  folder.write("m", input.text());
  const auto file = folder.path() / "m";
  testing::accepts_or_refuses([&] { apply(file); });
  testing::accepts_or_refuses([&] {
    for (const auto place : {weights::TextEncoderPlace::only, weights::TextEncoderPlace::clip_l})
      weights::read_textual_inversion(file, kWidth, place);
  });
  testing::accepts_or_refuses([&] { weights::open_control(file).description(); });
  testing::accepts_or_refuses(
      [&] { weights::describe_ip_adapter(weights::open_ip_adapter(file)); });
  testing::accepts_or_refuses([&] { weights::open_image_encoder(file); });
}
