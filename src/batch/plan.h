#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "batch/journal.h"
#include "batch/shard.h"

namespace velatura::batch {

/// What a plan needs to know of a line.
struct Line {
  int number = 0;   ///< in the job file, from 1
  std::string key;  ///< equal for lines that make the same pictures, and for no others
  std::optional<std::uint64_t> seed;  ///< of its first picture; absent: random
  int num_images = 1;
  int steps = 0;  ///< of denoising, for each picture
  std::string prompt;
  std::string output;         ///< name with fields, see NameTemplate
  std::string model;          ///< lines with equal models are made one after the other
  std::string adapters = {};  ///< and of those, lines with equal changes to the model's weights
  std::string group;          ///< pictures of lines with equal groups can be denoised together
};

/// One picture to be made, or made already.
struct Picture {
  std::size_t line;  ///< position in the list of lines
  int index;         ///< among the pictures of its line
  std::string id;    ///< of this picture whatever else is in the job file
  std::uint64_t seed;
  std::filesystem::path path;
  bool done;
  bool replaces = false;  ///< what has its name, which is the batch's own
};

struct PlanOptions {
  Shard shard = {};
  std::uint64_t random_seed = 0;  ///< from which the seeds are drawn that lines leave open
  bool overwrite = false;         ///< nothing counts as done, and what is in the way is replaced
};

/// Which pictures the lines make, which of them are there, and what the others will be called:
/// {seq} is a picture's place in the job file. A picture that is in the journals keeps its name and
/// seed wherever its line is now, others get theirs; where a name is taken by one that is kept, or
/// by one of another batch, the next number that is free.
/// @return the pictures of the shard's lines, in the order of the file
/// @throws UsageError if two pictures would have one name, or a file is in the way that no run of
///         this batch has written
std::vector<Picture> plan(const std::vector<Line>& lines, const History& history,
                          const PlanOptions& options);

/// What is wrong where a file of others has a picture's name.
std::string in_the_way(const std::filesystem::path& path);

/// The name that a picture would have with another number; nothing if it has none.
std::optional<std::filesystem::path> with_number(const Picture& picture, const Line& line,
                                                 std::uint64_t seq);

/// The pictures that are to be made, in the order in which they will be: at most `batch_size` of a
/// group together, and what needs the same model, with the same changes to it, in a row. Each number is a position in `pictures`.
std::vector<std::vector<std::size_t>> groups_to_make(const std::vector<Picture>& pictures,
                                                     const std::vector<Line>& lines,
                                                     int batch_size);

}  // namespace velatura::batch
