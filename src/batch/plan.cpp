#include "batch/plan.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <unordered_map>

#include "core/name_template.h"
#include "core/sha256.h"
#include "velatura/error.h"

namespace velatura::batch {
namespace {

namespace fs = std::filesystem;

// A seed that only what it is for and the run's random number decide, in [0, 2^32 - 2).
std::uint64_t drawn_seed(std::uint64_t random_seed, const std::string& id) {
  const std::string hash = sha256(std::to_string(random_seed) + " " + id);
  std::uint64_t number = 0;
  std::from_chars(hash.data(), hash.data() + 15, number, 16);
  return number % 0xFFFF'FFFEu;
}

bool is_made(const Entry& entry) {
  std::error_code error;
  return entry.saved && fs::file_size(entry.path, error) == entry.bytes && !error;
}

bool is_there(const fs::path& path) {
  std::error_code unreadable;
  return fs::exists(fs::symlink_status(path, unreadable));
}

NameTemplate template_of(const Line& line) {
  NameTemplate name(line.output);
  const bool several = line.num_images > 1;
  if (several && !name.has_field({"seq", "seed", "index"})) name.append_field("index");
  return name;
}

NameTemplate::Fields fields_of(const Picture& picture, const Line& line, std::uint64_t seq) {
  return {.seq = seq,
          .seed = picture.seed,
          .index = static_cast<std::uint64_t>(picture.index),
          .prompt = line.prompt};
}

/// Gives every picture its name.
class Namer {
 public:
  Namer(const std::vector<Line>& lines, const History& history, const PlanOptions& options)
      : lines_(lines), history_(history), overwrite_(options.overwrite), shard_(options.shard) {}

  // The name that a picture has had before. False if another one has it now.
  bool keep(Picture& picture, const Entry& entry) {
    const bool done = !overwrite_ && is_made(entry);
    const bool there = is_there(entry.path);
    if (!done && there && is_looked_after(picture) && !history_.owns(entry.path)) return false;
    if (!taken_.emplace(full_path(entry.path), lines_[picture.line].number).second) return false;
    picture.path = entry.path;
    picture.seed = entry.seed;
    picture.done = done;
    picture.replaces = there;
    return true;
  }

  // @param place  of the picture among all, @param count  of all
  void give(Picture& picture, std::size_t place, std::size_t count) {
    const Line& line = lines_[picture.line];
    const NameTemplate& name = template_for(line);
    if (!shard_.is_all() && !line.seed && !name.has_field({"seq"})) {
      throw UsageError(
          "line " + std::to_string(line.number) +
          " has a random seed, which another shard might draw, too: put {seq} into -o");
    }
    NameTemplate::Fields fields = fields_of(picture, line, place);
    picture.path = name.expand(fields);
    while (name.has_field({"seq"}) && is_taken(picture)) {
      fields.seq = std::max<std::uint64_t>(next_free_, count);
      next_free_ = fields.seq + 1;
      picture.path = name.expand(fields);
    }
    const auto [holder, free] = taken_.emplace(full_path(picture.path), line.number);
    if (!free) {
      throw UsageError("the pictures of lines " + std::to_string(holder->second) + " and " +
                       std::to_string(line.number) + " would both be " + picture.path.string() +
                       ": put {seq} into -o");
    }
    picture.replaces = is_there(picture.path);
    if (picture.replaces && is_looked_after(picture) && !history_.owns(picture.path))
      throw UsageError(in_the_way(picture.path));
  }

 private:
  // Whether this run must not write over what others have: other shards see to that themselves.
  bool is_looked_after(const Picture& picture) const {
    return !overwrite_ && shard_.has(picture.line);
  }

  bool is_taken(const Picture& picture) const {
    if (taken_.contains(full_path(picture.path))) return true;
    return is_looked_after(picture) && is_there(picture.path) &&
           history_.is_of_another(picture.path);
  }

  const NameTemplate& template_for(const Line& line) {
    const std::pair key(line.output, line.num_images > 1);
    if (const auto known = templates_.find(key); known != templates_.end()) return known->second;
    return templates_.emplace(key, template_of(line)).first->second;
  }

  const std::vector<Line>& lines_;
  const History& history_;
  bool overwrite_;
  Shard shard_;
  std::map<std::pair<std::string, bool>, NameTemplate> templates_;
  std::map<fs::path, int> taken_;  ///< by which line
  std::uint64_t next_free_ = 0;
};

// All pictures of the file, with their seeds and without names.
std::vector<Picture> pictures_of(const std::vector<Line>& lines, std::uint64_t random_seed) {
  std::vector<Picture> pictures;
  std::unordered_map<std::string, int> seen;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const Line& line = lines[i];
    const std::string id = line.key.substr(0, 32) + "-" + std::to_string(seen[line.key]++);
    const std::uint64_t seed = line.seed ? *line.seed : drawn_seed(random_seed, id);
    for (int k = 0; k < line.num_images; ++k) {
      pictures.push_back(
          {i, k, id + "-" + std::to_string(k), seed + static_cast<std::uint64_t>(k), {}, false});
    }
  }
  return pictures;
}

}  // namespace

std::string in_the_way(const fs::path& path) {
  return path.string() + " is there, and not from this batch: choose another -o, or --overwrite";
}

std::optional<fs::path> with_number(const Picture& picture, const Line& line, std::uint64_t seq) {
  const NameTemplate name = template_of(line);
  if (!name.has_field({"seq"})) return std::nullopt;
  return name.expand(fields_of(picture, line, seq));
}

std::vector<Picture> plan(const std::vector<Line>& lines, const History& history,
                          const PlanOptions& options) {
  std::vector<Picture> pictures = pictures_of(lines, options.random_seed);
  Namer namer(lines, history, options);
  std::vector<std::size_t> unnamed;
  for (std::size_t place = 0; place < pictures.size(); ++place) {
    const Entry* entry = history.find(pictures[place].id);
    if (entry == nullptr || !namer.keep(pictures[place], *entry)) unnamed.push_back(place);
  }
  for (const std::size_t place : unnamed) namer.give(pictures[place], place, pictures.size());
  std::erase_if(pictures, [&](const Picture& picture) { return !options.shard.has(picture.line); });
  return pictures;
}

std::vector<std::vector<std::size_t>> groups_to_make(const std::vector<Picture>& pictures,
                                                     const std::vector<Line>& lines,
                                                     int batch_size) {
  std::vector<std::vector<std::size_t>> groups;
  std::unordered_map<std::string, std::size_t> open;  // of a kind, the group begun last
  // In the order they are needed.
  std::unordered_map<std::string, std::size_t> models, adapters;
  const auto line_of = [&](std::size_t picture) -> const Line& {
    return lines[pictures[picture].line];
  };
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    if (pictures[i].done) continue;
    models.emplace(line_of(i).model, models.size());
    adapters.emplace(line_of(i).adapters, adapters.size());
    const auto [found, is_new] =
        open.try_emplace(line_of(i).model + "\n" + line_of(i).group, groups.size());
    const bool full =
        !is_new && groups[found->second].size() >= static_cast<std::size_t>(batch_size);
    if (is_new || full) {
      found->second = groups.size();
      groups.emplace_back();
    }
    groups[found->second].push_back(i);
  }
  std::ranges::stable_sort(groups, {}, [&](const std::vector<std::size_t>& group) {
    const Line& line = line_of(group.front());
    return std::pair(models.at(line.model), adapters.at(line.adapters));
  });
  return groups;
}

}  // namespace velatura::batch
