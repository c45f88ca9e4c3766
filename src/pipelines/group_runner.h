#pragma once

#include <cstddef>
#include <future>
#include <limits>
#include <span>
#include <string>

#include "pipelines/picture_group.h"
#include "velatura/generator.h"

namespace velatura::pipelines {

/// Of the files of the networks that models are known by.
struct ModelHashes {
  std::shared_future<std::string> model;
  std::shared_future<std::string> refiner = {};  ///< invalid: there is none
  std::shared_future<std::string> prior = {};    ///< of the prior's network, likewise
};

/// Turns groups into pictures. Where memory runs out, it works in smaller batches for the rest of
/// its life, and that is said.
class GroupRunner {
 public:
  /// @param model     must outlive this
  /// @param identity  without the hash
  /// @param hashes    waited for when they are needed
  GroupRunner(LatentModel& model, ModelIdentity identity, ModelHashes hashes);

  /// @param group  of requests that can share a batch
  /// @param first  index of its first picture in the call
  /// @throws ResourceError, Interrupted, and whatever `sink` throws
  void run(std::span<const GroupItem> group, int first, const RequestSink& sink,
           Observer& observer);

 private:
  /// A batch from the beginning of a group, and what became of it.
  struct Denoised {
    std::span<const GroupItem> batch;
    DenoisedGroup made;
    Progress progress;
  };
  Denoised denoise_first(std::span<const GroupItem> group, int first, Observer& observer);
  /// Of the model, once it is known. @throws Interrupted
  static const std::string& known(const std::shared_future<std::string>& hash);
  Picture picture_of(const GroupItem& item, Image&& decoded, Latents&& latents) const;

  LatentModel& model_;
  ModelIdentity identity_;
  ModelHashes hashes_;
  bool warned_of_pace_ = false;
  std::size_t largest_batch_ = std::numeric_limits<std::size_t>::max();
};

}  // namespace velatura::pipelines
