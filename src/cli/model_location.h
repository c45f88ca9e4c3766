#pragma once

#include <filesystem>
#include <string>

namespace velatura::cli {

/// Where the model is that -m names: a folder or file; the name of a model in one
/// of data_folders(); or a hub id (`owner/name`) in Hugging Face's local cache.
/// Empty means $VELATURA_MODEL, else the bundled model of that name.
/// @throws InputError saying where it was looked for
std::filesystem::path locate_model(const std::string& given, const std::string& bundled = "demo");

}  // namespace velatura::cli
