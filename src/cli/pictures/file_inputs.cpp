#include "cli/pictures/file_inputs.h"

#include <algorithm>
#include <iostream>
#include <iterator>
#include <utility>
#include <vector>

#include "cli/pictures/latents_file.h"
#include "core/data_url.h"
#include "core/file_status.h"
#include "core/read_file.h"
#include "core/sha256.h"
#include "image/formats.h"
#include "image/picture_kind.h"
#include "velatura/error.h"
#include "weights/formats/file_hash.h"

namespace velatura::cli {
namespace {

constexpr const char* kStdin = "-";
constexpr const char* kPrompt = "PROMPT";  // which has no name on most command lines
constexpr std::size_t kMostBytes = std::size_t{256} << 20;  // of what is kept

// A picture that is given as text has no name that anybody would want to read.
std::string shown(const std::string& field, const std::string& name) {
  return is_data_url(name) ? "the picture in " + field : name;
}

// Says what a file that cannot be read was given for.
template <class Read>
auto given_for(const std::string& field, const std::string& name, const Read& read) {
  try {
    return read();
  } catch (const InputError& error) {
    if (is_data_url(name)) throw;
    throw InputError(field + " " + error.what(), {field});
  }
}

std::size_t size_of(const Image& image) {
  return image.pixels.size();
}
std::size_t size_of(const GrayImage& image) {
  return image.values.size() * sizeof image.values.front();
}
std::size_t size_of(const Latents& latents) {
  return latents.values.size() * sizeof latents.values.front();
}

std::size_t size_of(const ImageEmbeds& embeds) {
  return (embeds.values.size() + embeds.negative.size()) * sizeof embeds.values.front();
}

}  // namespace

bool names_picture_file(const std::string& text) {
  if (is_data_url(text)) return true;
  if (!is_file(text)) {
    const bool is_name = has_picture_name(text) && text.find(' ') == text.npos;
    if (is_name) throw InputError(text + ": there is no such picture");
    return false;
  }
  if (has_picture_name(text)) return true;
  try {
    recognise_picture(as_byte_view(read_file(text, kLargestFile)), text);
    return true;
  } catch (const InputError&) {
    return false;
  }
}

template <class T, class Reader>
const T& FileInputs::kept(const std::string& name, const Reader& read) {
  const auto is_it = [&name](const Read& each) {
    return each.name == name && std::holds_alternative<T>(each.content);
  };
  const auto found = std::ranges::find_if(read_, is_it);
  if (found != read_.end()) {
    read_.splice(read_.begin(), read_, found);
  } else {
    read_.push_front({name, read()});
    std::size_t size = 0;
    std::erase_if(read_, [&](const Read& each) {
      size += std::visit([](const auto& content) { return size_of(content); }, each.content);
      return size > kMostBytes && &each != &read_.front();
    });
  }
  return std::get<T>(read_.front().content);
}

void FileInputs::OnceEach::on_warning(std::string_view warning) {
  if (observer_ != nullptr && told_.emplace(warning).second) observer_->on_warning(warning);
}

std::string FileInputs::bytes_of(const std::string& name, const std::string& where) {
  std::string bytes =
      is_data_url(name) ? bytes_of_data_url(name, where) : read_file(name, kLargestFile);
  hashes_[name] = velatura::sha256(as_byte_view(bytes));
  return bytes;
}

Image FileInputs::image(const std::string& field, const std::string& name) {
  const std::string where = shown(field, name);
  return kept<Image>(name, [&] {
    return given_for(field, name, [&] {
      return decode_image(as_byte_view(bytes_of(name, where)), where, &warnings_);
    });
  });
}

GrayImage FileInputs::gray_image(const std::string& field, const std::string& name) {
  const std::string where = shown(field, name);
  return kept<GrayImage>(name, [&] {
    return given_for(field, name, [&] {
      return decode_gray_image(as_byte_view(bytes_of(name, where)), where, &warnings_);
    });
  });
}

Latents FileInputs::latents(const std::string& field, const std::string& name) {
  return kept<Latents>(name,
                       [&] { return given_for(field, name, [&] { return read_latents(name); }); });
}

ImageEmbeds FileInputs::image_embeds(const std::string& field, const std::string& name) {
  return kept<ImageEmbeds>(
      name, [&] { return given_for(field, name, [&] { return read_image_embeds(name); }); });
}

const std::string& FileInputs::sha256(const std::string& name) {
  if (is_data_url(name) && !hashes_.contains(name)) bytes_of(name, "base64");
  auto& hash = hashes_[name];
  if (hash.empty()) hash = weights::sha256_file(name);
  return hash;
}

StdinInputs::StdinInputs(bool prompt_is_there, Observer* observer)
    : observer_(observer), files_(observer), taken_by_(prompt_is_there ? kPrompt : "") {}

std::string StdinInputs::take(const std::string& field) {
  if (!taken_by_.empty()) {
    std::vector<std::string> fields{field};
    if (taken_by_ != kPrompt) fields.push_back(taken_by_);
    throw UsageError(field + " -: standard input is taken by " + taken_by_, fields);
  }
  taken_by_ = field;
  std::string bytes{std::istreambuf_iterator<char>(std::cin), {}};
  if (bytes.empty()) throw InputError(field + " -: standard input is empty", {field});
  return bytes;
}

Image StdinInputs::image(const std::string& field, const std::string& name) {
  if (name != kStdin) return files_.image(field, name);
  return decode_image(as_byte_view(take(field)), "standard input", observer_);
}

GrayImage StdinInputs::gray_image(const std::string& field, const std::string& name) {
  if (name != kStdin) return files_.gray_image(field, name);
  return decode_gray_image(as_byte_view(take(field)), "standard input", observer_);
}

Latents StdinInputs::latents(const std::string& field, const std::string& name) {
  return files_.latents(field, name);
}

ImageEmbeds StdinInputs::image_embeds(const std::string& field, const std::string& name) {
  return files_.image_embeds(field, name);
}

}  // namespace velatura::cli
