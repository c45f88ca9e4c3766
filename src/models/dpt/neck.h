#pragma once

#include "layers/conv2d.h"
#include "models/dpt/config.h"
#include "models/dpt/dpt_model.h"

namespace velatura::models {

class DptReassembleStage;
class DptFeatureFusionLayer;

/// Makes maps of the encoder's features, at strides 4, 8, 16 and 32, and fuses them from the
/// coarsest on (Ranftl et al. 2021, §3.1). Names as transformers' DPTNeck.
class DptNeck : public layers::Module {
 public:
  explicit DptNeck(const DptConfig& config);
  ~DptNeck() override;

  /// @param features  of a picture of H × W
  /// @return [B, fusion_hidden_size, 16 * ⌈H / 32⌉, 16 * ⌈W / 32⌉]
  at::Tensor forward(const DptModel::Features& features) const;

 private:
  std::shared_ptr<DptReassembleStage> reassemble_stage_;
  std::shared_ptr<layers::ModuleList<layers::Conv2d>> convs_;          // finest first
  std::shared_ptr<layers::ModuleList<DptFeatureFusionLayer>> fusion_;  // coarsest first
};

}  // namespace velatura::models
