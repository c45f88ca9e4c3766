#include "weights/formats/sharded_source.h"

#include <algorithm>
#include <utility>

#include "core/config_object.h"
#include "velatura/error.h"
#include "weights/formats/checkpoint.h"
#include "weights/sources/names.h"

namespace velatura::weights {
namespace {

bool stays_in_its_folder(const std::filesystem::path& file) {
  return !file.empty() && file.is_relative() &&
         std::none_of(file.begin(), file.end(), [](const auto& part) { return part == ".."; });
}

}  // namespace

ShardedSource::ShardedSource(const std::filesystem::path& index) : JoinedSource(index.string()) {
  ConfigObject object(where(), read_json(index));
  const nlohmann::json weight_map = object.raw("weight_map");
  if (!weight_map.is_object()) throw InputError(where() + ": weight_map is not an object");

  std::map<std::string, std::shared_ptr<const WeightSource>> shards;
  std::vector<std::string> missing;
  for (const auto& [name, file] : weight_map.items()) {
    if (!file.is_string()) {
      throw InputError(where() + ": weight_map: '" + shown(name) + "' is not given a file name");
    }
    const auto file_name = file.get<std::string>();
    if (!stays_in_its_folder(file_name)) {
      throw InputError(where() + ": weight_map: '" + shown(file_name) +
                       "' is not a file inside the model's folder");
    }
    auto& shard = shards[file_name];
    if (!shard) {
      files_.push_back(index.parent_path() / file_name);
      shard = open_checkpoint(files_.back()).source;
    }
    if (!shard->find(name)) missing.push_back(shown(name) + " (" + shown(file_name) + ")");
    entries_.emplace(name, shard);
  }
  std::vector<std::string> unlisted;
  for (const auto& [file_name, shard] : shards) {
    for (const std::string& name : shard->names()) {
      const auto listed = entries_.find(name);
      if (listed == entries_.end() || listed->second != shard) {
        unlisted.push_back(shown(name) + " (" + shown(file_name) + ")");
      }
    }
  }
  if (!missing.empty()) {
    throw InputError(where() + ": " + std::to_string(missing.size()) +
                     " tensors are not in the shards named for them: " + some_of(missing));
  }
  if (!unlisted.empty()) {
    throw InputError(where() + ": " + std::to_string(unlisted.size()) +
                     " tensors of the shards are not in the index: " + some_of(unlisted));
  }
  std::sort(files_.begin(), files_.end());
}

}  // namespace velatura::weights
