#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace velatura::weights {

/// A model of Hugging Face's hub as a command line names it: `org/name`, `org/name@revision`, and
/// behind either a file in it, `org/name/v1-5.safetensors`.
struct HubId {
  std::string repository;         ///< "org/name"
  std::string revision = "main";  ///< branch, tag, `refs/pr/N`, or a commit's whole sha
  std::string file = {};          ///< inside the repository; empty: all of it

  friend bool operator==(const HubId&, const HubId&) = default;
};

/// Nothing if the text has not that form, or could lead out of the cache (`..`, empty parts).
std::optional<HubId> parse_hub_id(std::string_view text);

/// The hub's local cache: $HF_HUB_CACHE, else $HUGGINGFACE_HUB_CACHE, else `hub` in $HF_HOME, which
/// is `${XDG_CACHE_HOME:-~/.cache}/huggingface` by default. `~` and variables in them are expanded.
std::filesystem::path hub_cache();

/// Whether the cache has anything of the repository, of whatever revision.
bool is_in_hub_cache(const HubId& id);

/// The folder or file in the local cache (`models--org--name/refs/REVISION` holds the sha of
/// `snapshots/SHA`). The network is never asked, and no revision stands in for another.
/// @throws InputError naming what was looked for, or what a partial download lacks, and the command
///         that fetches it
std::filesystem::path find_in_hub_cache(const HubId& id);

}  // namespace velatura::weights
