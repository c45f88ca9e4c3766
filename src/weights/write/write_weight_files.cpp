#include "weights/write/write_weight_files.h"

#include <cstdio>
#include <vector>

#include "weights/write/write_json_file.h"
#include "weights/write/write_safetensors.h"

namespace velatura::weights {
namespace {

using Names = std::vector<std::string>;

// In the order of names, each shard as full as it gets.
std::vector<Names> split(const WeightSource& source, std::uint64_t max_shard_size) {
  std::vector<Names> shards(1);
  std::uint64_t filled = 0;
  for (const std::string& name : source.names()) {
    const std::uint64_t size = byte_size(source.find(name).value());
    if (!shards.back().empty() && filled + size > max_shard_size) {
      shards.emplace_back();
      filled = 0;
    }
    shards.back().push_back(name);
    filled += size;
  }
  return shards;
}

std::string shard_name(const std::string& stem, std::size_t number, std::size_t count) {
  char part[32];
  std::snprintf(part, sizeof part, "-%05zu-of-%05zu", number, count);
  return stem + part + ".safetensors";
}

}  // namespace

void write_weight_files(const std::filesystem::path& folder, const std::string& stem,
                        const WeightSource& source, std::uint64_t max_shard_size,
                        const std::function<void()>& on_written) {
  const std::map<std::string, std::string> metadata{{"format", "pt"}};  // transformers asks for it
  const std::vector<Names> shards = split(source, max_shard_size);
  if (shards.size() == 1) {
    write_safetensors(folder / (stem + ".safetensors"), source, shards[0], metadata, on_written);
    return;
  }
  nlohmann::ordered_json places = nlohmann::ordered_json::object();
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < shards.size(); ++i) {
    const std::string file = shard_name(stem, i + 1, shards.size());
    write_safetensors(folder / file, source, shards[i], metadata, on_written);
    for (const std::string& name : shards[i]) {
      places[name] = file;
      total += byte_size(source.find(name).value());
    }
  }
  write_json_file(folder / (stem + ".safetensors.index.json"),
                  {{"metadata", {{"total_size", total}}}, {"weight_map", places}});
}

}  // namespace velatura::weights
