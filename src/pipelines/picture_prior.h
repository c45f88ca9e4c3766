#pragma once

#include <span>

#include "pipelines/batch_noise.h"
#include "pipelines/conditioning.h"
#include "velatura/progress.h"
#include "velatura/request.h"

namespace velatura::pipelines {

/// One picture that is to be imagined.
struct Imagining {
  const PictureRequest& request;
  int image = 0;                 ///< which of its pictures, from 0
  const Image* shown = nullptr;  ///< what it is to show, in the place of a prompt; null: nothing is
};

/// What has been made up of it.
struct Imagined {
  PromptConditioning conditioning;
  ImageEmbeds embeds;  ///< the part that travels in files, [1, D]
};

/// What a family makes up of a request for each picture by itself, with the picture's own random
/// numbers, which are read before those of its latents (Ramesh et al. 2022, §2.2).
class PicturePrior {
 public:
  virtual ~PicturePrior() = default;

  /// @throws UsageError, InputError for what cannot be imagined, before any network is needed
  virtual void check(const Imagining& asked) = 0;

  /// Works out what needs no random numbers, for pictures that are imagined next. @throws Interrupted
  virtual void prepare(std::span<const Imagining> pictures, Observer& observer) = 0;

  /// One of them.
  /// @param told   what Conditioner has made of the request
  /// @param noise  of this one picture
  /// @throws InputError where what comes out is not finite; Interrupted
  virtual Imagined imagine(const Imagining& asked, const PromptConditioning& told,
                           BatchNoise& noise, Progress progress, Observer& observer) = 0;

  /// Lets go of what imagining takes memory for, until it is needed again.
  virtual void release() {}
};

}  // namespace velatura::pipelines
