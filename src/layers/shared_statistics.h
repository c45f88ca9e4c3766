#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "layers/norm.h"

namespace velatura::layers {

/// For working on pictures tile by tile, again and again, each time a little changed: each sample's norms
/// go by the statistics of all its tiles. These are what was gathered in the round before, moved by as much
/// as those tiles have changed that have been seen since; so the last tile's are exact. Tiles come in the
/// same order each round. Where they overlap they are weighted.
class SharedStatistics {
 public:
  /// @param model  outlives it
  explicit SharedStatistics(Module& model);
  ~SharedStatistics();
  SharedStatistics(const SharedStatistics&) = delete;
  SharedStatistics& operator=(const SharedStatistics&) = delete;

  /// As long as it lives, what the model is given is a tile, of the same batch each time. In the first
  /// round its norms go by all tiles so far.
  class Tile {
   public:
    /// @param share  [H, W] float32, of the input's size: how much of each pixel is this tile's; of all
    ///               tiles together 1. Its own norms see it at their sizes.
    Tile(SharedStatistics& statistics, at::Tensor share);
    ~Tile();
    Tile(const Tile&) = delete;
    Tile& operator=(const Tile&) = delete;

   private:
    SharedStatistics& statistics_;
  };

  /// All tiles were seen.
  void finish_round();

 private:
  class OfNorm;
  const at::Tensor& share_at(std::int64_t height, std::int64_t width);

  std::vector<std::pair<GroupNorm*, std::shared_ptr<OfNorm>>> norms_;
  std::map<std::pair<std::int64_t, std::int64_t>, at::Tensor> shares_;  // of the tile, by size
  at::Tensor share_;
};

}  // namespace velatura::layers
