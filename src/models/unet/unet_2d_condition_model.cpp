#include "models/unet/unet_2d_condition_model.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "models/unet/block_registry.h"

namespace velatura::models {

UNet2DConditionModel::UNet2DConditionModel(const UNetConfig& c) : UNetTrunk(c) {
  const std::int64_t base = c.levels.front().channels;
  if (c.encoder_hid_dim_type != ContextProjection::none)
    encoder_hid_proj_ = child<ContextProjector>("encoder_hid_proj", c);
  if (c.gated) {
    position_net_ = child<PositionNet>("position_net", c.levels.front().cross_attention_dim);
  }
  up_blocks_ = child<layers::ModuleList<UNetUpBlock>>("up_blocks");
  for (std::size_t i = c.levels.size(); i-- > 0;) up_blocks_->append(make_up_block(c, i));
  conv_norm_out_ = child<layers::GroupNorm>("conv_norm_out", c.norm_num_groups, base, c.norm_eps);
  conv_out_ = child<layers::Conv2d>("conv_out", base, c.out_channels, c.conv_out_kernel, 1,
                                    (c.conv_out_kernel - 1) / 2);
  std::int64_t time_place = 0;
  const auto count = [&](layers::Module& module) {
    if (auto* const block = dynamic_cast<layers::BasicTransformerBlock*>(&module)) {
      block->set_place(cross_attentions_.size());
      cross_attentions_.push_back(block);
    } else if (auto* const resnet = dynamic_cast<layers::ResnetBlock2D*>(&module)) {
      resnet->set_time_place(time_place);
      time_place += resnet->out_channels();
      resnets_.push_back(resnet);
    }
  };
  down_blocks().apply(count);
  up_blocks_->apply(count);
  mid_block().apply(count);
}

at::Tensor UNet2DConditionModel::forward(const at::Tensor& sample, const at::Tensor& timesteps,
                                         const layers::AttentionContext& told,
                                         const TimeConditions& conditions,
                                         const UNetResiduals& residuals,
                                         const at::Tensor& time_addends) const {
  const layers::Visit visit(*this);
  layers::TimeCondition time;
  time.addends = time_addends;
  if (!time_addends.defined()) time.embedding = embed(timesteps, conditions, sample.scalar_type());
  layers::AttentionContext context = told;
  if (encoder_hid_proj_) {
    context.text = encoder_hid_proj_->forward(told.text, conditions.image);
    context.projected = nullptr;
  }
  at::Tensor x = enter(sample, conditions.hint);
  Skips skips{x};
  x = descend(x, time, context, skips, residuals);
  for (std::size_t i = 0; i < residuals.skips.size(); ++i)
    skips.at(i) = skips[i] + residuals.skips[i];
  if (residuals.mid.defined()) x = x + residuals.mid;
  for (const auto& block : *up_blocks_) x = block->forward(x, time, context, skips);
  return conv_out_->forward(conv_norm_out_->forward_silu(std::move(x)));
}

at::Tensor UNet2DConditionModel::time_addends(const at::Tensor& timesteps,
                                              const TimeConditions& conditions,
                                              at::ScalarType dtype) const {
  const layers::Visit visit(*this);
  const auto adds = [](const layers::ResnetBlock2D* resnet) { return resnet->adds_time(); };
  if (!std::ranges::all_of(resnets_, adds)) return {};
  const std::int64_t steps = timesteps.size(0);
  // What is told beside the time is told of each sample.
  TimeConditions each = conditions;
  std::int64_t samples = 1;
  for (at::Tensor* told :
       {&each.class_labels, &each.pooled, &each.time_ids, &each.guidance, &each.image}) {
    if (!told->defined()) continue;
    samples = told->size(0);
    *told = told->dim() == 1 ? told->repeat({steps}) : told->repeat({steps, 1});
  }
  const at::Tensor embedding = embed(timesteps.repeat_interleave(samples), each, dtype);
  std::vector<at::Tensor> addends;
  for (const layers::ResnetBlock2D* resnet : resnets_)
    addends.push_back(resnet->time_addend(embedding));
  return at::cat(addends, 1).view({steps, samples, -1});
}

layers::TextProjections UNet2DConditionModel::project_text(const at::Tensor& text) const {
  const layers::Visit visit(*this);
  layers::TextProjections projections;
  if (encoder_hid_proj_) return projections;
  for (const layers::BasicTransformerBlock* block : cross_attentions_) {
    const auto [keys, values] = block->project_text(text);
    projections.keys.push_back(keys);
    projections.values.push_back(values);
  }
  return projections;
}

}  // namespace velatura::models
