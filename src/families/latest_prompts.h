#pragma once

#include <algorithm>
#include <cstddef>
#include <deque>
#include <utility>

#include "pipelines/conditioning.h"

namespace velatura::families {

/// What was made of the prompts of the latest requests.
/// @tparam Key  all that it depends on
template <class Key>
class LatestPrompts {
 public:
  /// What is remembered, else what `encode` makes of the key, which is remembered from then on.
  template <class Encode>
  const pipelines::PromptConditioning& of(Key key, const Encode& encode) {
    auto found = std::ranges::find(latest_, key, &Entry::key);
    if (found == latest_.end()) {
      auto conditioning = encode(key);
      if (latest_.size() == kRemembered) latest_.pop_front();
      found = latest_.insert(latest_.end(), {std::move(key), std::move(conditioning)});
    }
    return found->conditioning;
  }

 private:
  static constexpr std::size_t kRemembered = 32;  // requests
  struct Entry {
    Key key;
    pipelines::PromptConditioning conditioning;
  };
  std::deque<Entry> latest_;  // the newest last
};

}  // namespace velatura::families
