#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/device.h"
#include "families/clip_picture.h"
#include "models/prior_transformer/prior_transformer.h"
#include "tokenizer/clip_tokenizer.h"
#include "velatura/error.h"
#include "velatura/image.h"
#include "velatura/progress.h"
#include "weights/layouts/model_files.h"

namespace velatura::families {

/// The networks of a prior, each of which is loaded where it is needed and let go of, as they are larger
/// than what draws; what the encoders have made of the latest texts and pictures is remembered.
class PriorNetworks {
 public:
  /// @param files  of a prior pipeline
  PriorNetworks(weights::ModelFiles files, Placement placement);
  ~PriorNetworks();

  /// Has texts and pictures encoded that are not remembered; the encoders are there no longer than
  /// that. @throws InputError where what comes out is not finite; Interrupted
  void encode_texts(const std::vector<std::string>& texts, Observer& observer);
  void see(const std::vector<const Image*>& pictures);

  /// What a text is to the prior, B = 1. @pre it was encoded
  const models::PriorTransformer::Text& text(const std::string& text) const;

  /// What CLIP sees in a picture, or in none at all: one of zeros behind the image processor, whose
  /// mean colour that is. @pre it was seen; null: none  @return [1, D] float32
  at::Tensor seen(const Image* picture) const;

  /// The prior itself, loaded if it is not there. @throws InputError
  const models::PriorTransformer& transformer();
  InputError not_finite(const std::string& when) const;

  /// Lets go of it, and of what is remembered beyond the latest.
  void release();

 private:
  static std::string name_of(const Image* picture);

  weights::ModelFiles files_;
  Placement placement_;
  std::optional<tokenizer::ClipTokenizer> tokenizer_;
  ClipPicture processor_;
  std::shared_ptr<models::PriorTransformer> transformer_;  // null: to be loaded when it is needed
  std::map<std::string, models::PriorTransformer::Text> texts_;
  std::map<std::string, at::Tensor> seen_;  // by identity; "" is no picture
};

}  // namespace velatura::families
