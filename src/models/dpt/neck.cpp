#include "models/dpt/neck.h"

#include <cmath>
#include <string>
#include <vector>

#include "layers/linear.h"

namespace velatura::models {

using layers::Conv2d;
using layers::Linear;
using layers::Module;
using layers::ModuleList;

namespace {

// Containers that exist only for the checkpoint's names: of the four stages of a hybrid, only the
// last two, 2 and 3, have anything to reassemble.
struct ReadoutProject : Module {
  explicit ReadoutProject(std::int64_t size) : linear(child<Linear>("0", 2 * size, size)) {}
  std::shared_ptr<Linear> linear;
};

/// A convolution the other way round, whose squares do not overlap: [B, C, H, W] → [B, C, f H, f W].
struct ConvTranspose2d : Module {
  ConvTranspose2d(std::int64_t channels, std::int64_t factor)
      : stride(factor),
        weight(declare("weight", {channels, channels, factor, factor})),
        bias(declare("bias", {channels})) {}
  at::Tensor forward(const at::Tensor& x) const {
    return at::conv_transpose2d(x, weight, bias, {stride, stride});
  }
  std::int64_t stride;
  at::Tensor weight, bias;
};

struct ReassembleLayer : Module {
  ReassembleLayer(std::int64_t in, std::int64_t out, double factor)
      : projection(child<Conv2d>("projection", in, out, 1)) {
    const auto times = static_cast<std::int64_t>(std::llround(factor > 1 ? factor : 1 / factor));
    if (factor > 1) grow = child<ConvTranspose2d>("resize", out, times);
    if (factor < 1) shrink = child<Conv2d>("resize", out, out, 3, times, 1);
  }
  at::Tensor forward(const at::Tensor& x) const {
    const auto map = projection->forward(x);
    return grow ? grow->forward(map) : shrink ? shrink->forward(map) : map;
  }
  std::shared_ptr<Conv2d> projection, shrink;  // shrink may be null
  std::shared_ptr<ConvTranspose2d> grow;       // may be null
};

// One for each tap, counted to the last of four.
std::string stage_of(const DptConfig& c, std::size_t tap) {
  return std::to_string(4 - c.taps.size() + tap);
}

struct ReadoutProjects : Module {
  explicit ReadoutProjects(const DptConfig& c) {
    for (std::size_t i = 0; i < c.taps.size(); ++i)
      stages.push_back(child<ReadoutProject>(stage_of(c, i), c.hidden_size));
  }
  std::vector<std::shared_ptr<ReadoutProject>> stages;
};

struct ReassembleLayers : Module {
  explicit ReassembleLayers(const DptConfig& c) {
    for (std::size_t i = 0; i < c.taps.size(); ++i) {
      const auto size = c.neck_hidden_sizes[4 - c.taps.size() + i];
      stages.push_back(child<ReassembleLayer>(stage_of(c, i), c.hidden_size, size, c.factors[i]));
    }
  }
  std::vector<std::shared_ptr<ReassembleLayer>> stages;
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
  /// @return        [B, C, factor * height, factor * width] with the tap's factor
  at::Tensor forward(std::size_t tap, const at::Tensor& tokens, std::int64_t height,
                     std::int64_t width) const {
    const auto patches = tokens.narrow(1, 1, height * width);
    const auto readout = tokens.narrow(1, 0, 1).expand_as(patches);
    const auto projected =
        at::gelu(readout_projects_[tap]->linear->forward(at::cat({patches, readout}, -1)));
    return layers_[tap]->forward(
        projected.unflatten(1, {height, width}).permute({0, 3, 1, 2}));  // channels_last
  }

 private:
  std::vector<std::shared_ptr<ReassembleLayer>> layers_;
  std::vector<std::shared_ptr<ReadoutProject>> readout_projects_;
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
  std::vector<at::Tensor> maps = features.maps;
  for (std::size_t tap = 0; tap < features.tokens.size(); ++tap) {
    maps.push_back(
        reassemble_stage_->forward(tap, features.tokens[tap], features.height, features.width));
  }
  at::Tensor fused;
  for (std::size_t i = maps.size(); i-- > 0;) {
    fused = (*fusion_)[maps.size() - 1 - i].forward(fused, (*convs_)[i].forward(maps[i]));
  }
  return fused;
}

}  // namespace velatura::models
