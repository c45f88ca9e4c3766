#include "models/dpt/dpt_model.h"

#include <ATen/ATen.h>

#include "layers/attention.h"
#include "layers/linear.h"

namespace velatura::models {

using layers::Conv2d;
using layers::LayerNorm;
using layers::Linear;
using layers::Module;
using layers::ModuleList;

namespace {

struct SelfAttention : Module {
  explicit SelfAttention(const DptConfig& c)
      : heads(c.num_attention_heads),
        query(child<Linear>("query", c.hidden_size, c.hidden_size, c.qkv_bias)),
        key(child<Linear>("key", c.hidden_size, c.hidden_size, c.qkv_bias)),
        value(child<Linear>("value", c.hidden_size, c.hidden_size, c.qkv_bias)) {}

  at::Tensor forward(const at::Tensor& x) const {
    return layers::multi_head_attention(query->forward(x), key->forward(x), value->forward(x),
                                        heads);
  }

  std::int64_t heads;
  std::shared_ptr<Linear> query, key, value;
};

// A linear layer that the checkpoint calls `dense`.
struct Dense : Module {
  Dense(std::int64_t in, std::int64_t out) : dense(child<Linear>("dense", in, out)) {}
  at::Tensor forward(const at::Tensor& x) const { return dense->forward(x); }
  std::shared_ptr<Linear> dense;
};

struct Attention : Module {
  explicit Attention(const DptConfig& c)
      : attention(child<SelfAttention>("attention", c)),
        output(child<Dense>("output", c.hidden_size, c.hidden_size)) {}

  at::Tensor forward(const at::Tensor& x) const { return output->forward(attention->forward(x)); }

  std::shared_ptr<SelfAttention> attention;
  std::shared_ptr<Dense> output;
};

struct DptEncoder : Module {
  DptEncoder() : layer(child<ModuleList<DptViTLayer>>("layer")) {}
  std::shared_ptr<ModuleList<DptViTLayer>> layer;
};

}  // namespace

/// What enters the transformer.
class DptEmbeddings : public Module {
 public:
  explicit DptEmbeddings(const DptConfig& c)
      : side_(c.image_size / DptConfig::patch_size),
        cls_token_(declare("cls_token", {1, 1, c.hidden_size})),
        position_embeddings_(
            declare("position_embeddings", {1, side_ * side_ + 1, c.hidden_size})) {}

  struct Embedded {
    at::Tensor map;                     ///< [B, hidden_size, h, w]: a token for each place
    std::vector<at::Tensor> maps = {};  ///< see DptModel::Features
  };
  virtual Embedded embed(const at::Tensor& pixel_values) const = 0;

  /// @param map  [B, hidden_size, h, w]
  /// @return     [B, 1 + h * w, hidden_size], with the positions of the square grid, interpolated
  at::Tensor tokens_of(const at::Tensor& map) const {
    const auto grid = position_embeddings_.narrow(1, 1, side_ * side_)
                          .transpose(1, 2)
                          .unflatten(2, {side_, side_});  // [1, hidden_size, side, side]
    const auto positions =
        at::upsample_bilinear2d(grid, map.sizes().slice(2), /*align_corners=*/false);
    const auto patches = map.flatten(2).transpose(1, 2) + positions.flatten(2).transpose(1, 2);
    const auto cls = cls_token_ + position_embeddings_.narrow(1, 0, 1);
    return at::cat({cls.expand({patches.size(0), -1, -1}), patches}, 1);
  }

 private:
  std::int64_t side_;
  at::Tensor cls_token_, position_embeddings_;
};

namespace {

class HybridEmbeddings : public DptEmbeddings {
 public:
  explicit HybridEmbeddings(const DptConfig& c)
      : DptEmbeddings(c),
        backbone_(child<BitBackbone>("backbone", c.backbone)),
        projection_(child<Conv2d>("projection", c.backbone.hidden_sizes[2], c.hidden_size, 1)) {}

  Embedded embed(const at::Tensor& pixel_values) const override {
    auto [first, second, last] = backbone_->forward(pixel_values);
    return {projection_->forward(last), {first, second}};
  }

 private:
  std::shared_ptr<BitBackbone> backbone_;
  std::shared_ptr<Conv2d> projection_;
};

// A container that exists only for the checkpoint's names.
struct PatchProjection : Module {
  explicit PatchProjection(const DptConfig& c)
      : projection(child<Conv2d>("projection", 3, c.hidden_size, DptConfig::patch_size,
                                 DptConfig::patch_size)) {}
  std::shared_ptr<Conv2d> projection;
};

class PatchEmbeddings : public DptEmbeddings {
 public:
  explicit PatchEmbeddings(const DptConfig& c)
      : DptEmbeddings(c), projection_(child<PatchProjection>("patch_embeddings", c)->projection) {}

  Embedded embed(const at::Tensor& pixel_values) const override {
    return {projection_->forward(pixel_values)};
  }

 private:
  std::shared_ptr<Conv2d> projection_;
};

std::shared_ptr<DptEmbeddings> make_embeddings(const DptConfig& c) {
  if (c.hybrid) return std::make_shared<HybridEmbeddings>(c);
  return std::make_shared<PatchEmbeddings>(c);
}

}  // namespace

class DptViTLayer : public Module {
 public:
  explicit DptViTLayer(const DptConfig& c)
      : attention_(child<Attention>("attention", c)),
        intermediate_(child<Dense>("intermediate", c.hidden_size, c.intermediate_size)),
        output_(child<Dense>("output", c.intermediate_size, c.hidden_size)),
        layernorm_before_(child<LayerNorm>("layernorm_before", c.hidden_size, c.layer_norm_eps)),
        layernorm_after_(child<LayerNorm>("layernorm_after", c.hidden_size, c.layer_norm_eps)) {}

  at::Tensor forward(const at::Tensor& x) const {
    const auto hidden = x + attention_->forward(layernorm_before_->forward(x));
    const auto wide = at::gelu(intermediate_->forward(layernorm_after_->forward(hidden)));
    return hidden + output_->forward(wide);
  }

 private:
  std::shared_ptr<Attention> attention_;
  std::shared_ptr<Dense> intermediate_, output_;
  std::shared_ptr<LayerNorm> layernorm_before_, layernorm_after_;
};

DptModel::DptModel(const DptConfig& c)
    : taps_(c.taps),
      embeddings_(adopt("embeddings", make_embeddings(c))),
      layers_(child<DptEncoder>("encoder")->layer) {
  for (std::int64_t i = 0; i < c.num_hidden_layers; ++i) layers_->add(c);
  // Part of every checkpoint; the neck takes the layers' outputs without it.
  child<LayerNorm>("layernorm", c.hidden_size, c.layer_norm_eps);
}

DptModel::~DptModel() = default;

DptModel::Features DptModel::forward(const at::Tensor& pixel_values) const {
  auto [map, maps] = embeddings_->embed(pixel_values);
  Features features{.maps = std::move(maps), .height = map.size(2), .width = map.size(3)};
  at::Tensor hidden = embeddings_->tokens_of(map);
  for (std::int64_t i = 0; i <= taps_.back(); ++i) {
    hidden = (*layers_)[static_cast<std::size_t>(i)].forward(hidden);
    if (i == taps_[features.tokens.size()]) features.tokens.push_back(hidden);
  }
  return features;
}

}  // namespace velatura::models
