#include "models/dpt/neck.h"

#include "layers/linear.h"

namespace velatura::models {

using layers::Conv2d;
using layers::Linear;
using layers::Module;
using layers::ModuleList;

namespace {

// Containers that exist only for the checkpoint's names: of the four stages, only the last two,
// 2 and 3, have anything to reassemble.
struct ReadoutProject : Module {
  explicit ReadoutProject(std::int64_t size) : linear(child<Linear>("0", 2 * size, size)) {}
  std::shared_ptr<Linear> linear;
};

struct ReassembleLayer : Module {
  ReassembleLayer(std::int64_t in, std::int64_t out, bool halve)
      : projection(child<Conv2d>("projection", in, out, 1)) {
    if (halve) resize = child<Conv2d>("resize", out, out, 3, 2, 1);
  }
  std::shared_ptr<Conv2d> projection, resize;  // resize may be null
};

struct ReadoutProjects : Module {
  explicit ReadoutProjects(const DptConfig& c)
      : stages{child<ReadoutProject>("2", c.hidden_size),
               child<ReadoutProject>("3", c.hidden_size)} {}
  std::array<std::shared_ptr<ReadoutProject>, 2> stages;
};

struct ReassembleLayers : Module {
  explicit ReassembleLayers(const DptConfig& c)
      : stages{child<ReassembleLayer>("2", c.hidden_size, c.neck_hidden_sizes[2], false),
               child<ReassembleLayer>("3", c.hidden_size, c.neck_hidden_sizes[3], true)} {}
  std::array<std::shared_ptr<ReassembleLayer>, 2> stages;
};

struct PreActResidualLayer : Module {
  explicit PreActResidualLayer(std::int64_t size)
      : convolution1(child<Conv2d>("convolution1", size, size, 3, 1, 1)),
        convolution2(child<Conv2d>("convolution2", size, size, 3, 1, 1)) {}

  at::Tensor forward(const at::Tensor& x) const {
    return convolution2->forward(convolution1->forward(at::relu(x)).relu_()).add_(x);
  }

  std::shared_ptr<Conv2d> convolution1, convolution2;
};

struct FusionStage : Module {
  FusionStage() : layers(child<ModuleList<DptFeatureFusionLayer>>("layers")) {}
  std::shared_ptr<ModuleList<DptFeatureFusionLayer>> layers;
};

}  // namespace

/// Tokens back to a map; the one for the whole picture is projected together with each of them.
class DptReassembleStage : public Module {
 public:
  explicit DptReassembleStage(const DptConfig& c)
      : layers_(child<ReassembleLayers>("layers", c)->stages),
        readout_projects_(child<ReadoutProjects>("readout_projects", c)->stages) {}

  /// @param tokens  [B, 1 + height * width, hidden_size] of a tap
  /// @return        [B, C, height, width] of the first tap, half of that of the second
  at::Tensor forward(std::size_t tap, const at::Tensor& tokens, std::int64_t height,
                     std::int64_t width) const {
    const auto patches = tokens.narrow(1, 1, height * width);
    const auto readout = tokens.narrow(1, 0, 1).expand_as(patches);
    const auto projected =
        at::gelu(readout_projects_[tap]->linear->forward(at::cat({patches, readout}, -1)));
    const ReassembleLayer& layer = *layers_[tap];
    const auto map = layer.projection->forward(
        projected.unflatten(1, {height, width}).permute({0, 3, 1, 2}));  // channels_last
    return layer.resize ? layer.resize->forward(map) : map;
  }

 private:
  std::array<std::shared_ptr<ReassembleLayer>, 2> layers_;
  std::array<std::shared_ptr<ReadoutProject>, 2> readout_projects_;
};

class DptFeatureFusionLayer : public Module {
 public:
  explicit DptFeatureFusionLayer(std::int64_t size)
      : projection_(child<Conv2d>("projection", size, size, 1)),
        residual_layer1_(child<PreActResidualLayer>("residual_layer1", size)),
        residual_layer2_(child<PreActResidualLayer>("residual_layer2", size)) {}

  /// @param fused  [B, C, H, W] of the coarser layers; undefined for the coarsest, which leaves
  ///               residual_layer1 unused
  /// @param map    [B, C, h, w]; brought to H × W where it differs
  /// @return       [B, C, 2 * H, 2 * W]
  at::Tensor forward(const at::Tensor& fused, const at::Tensor& map) const {
    at::Tensor hidden = map;
    if (fused.defined()) {
      const auto size = fused.sizes().slice(2);
      if (map.sizes().slice(2) != size) hidden = at::upsample_bilinear2d(map, size, false);
      hidden = residual_layer1_->forward(hidden).add_(fused);
    }
    hidden = residual_layer2_->forward(hidden);
    const std::int64_t doubled[] = {2 * hidden.size(2), 2 * hidden.size(3)};
    return projection_->forward(at::upsample_bilinear2d(hidden, doubled, /*align_corners=*/true));
  }

 private:
  std::shared_ptr<Conv2d> projection_;
  std::shared_ptr<PreActResidualLayer> residual_layer1_, residual_layer2_;
};

DptNeck::DptNeck(const DptConfig& c)
    : reassemble_stage_(child<DptReassembleStage>("reassemble_stage", c)),
      convs_(child<ModuleList<Conv2d>>("convs")),
      fusion_(child<FusionStage>("fusion_stage")->layers) {
  for (const auto size : c.neck_hidden_sizes) {
    convs_->add(size, c.fusion_hidden_size, 3, 1, 1, /*bias=*/false);
    fusion_->add(c.fusion_hidden_size);
  }
}

DptNeck::~DptNeck() = default;

at::Tensor DptNeck::forward(const DptModel::Features& features) const {
  const std::int64_t height = features.maps[1].size(2) / 2, width = features.maps[1].size(3) / 2;
  const std::array maps = {features.maps[0], features.maps[1],
                           reassemble_stage_->forward(0, features.tokens[0], height, width),
                           reassemble_stage_->forward(1, features.tokens[1], height, width)};
  at::Tensor fused;
  for (std::size_t i = maps.size(); i-- > 0;) {
    fused = (*fusion_)[maps.size() - 1 - i].forward(fused, (*convs_)[i].forward(maps[i]));
  }
  return fused;
}

}  // namespace velatura::models
