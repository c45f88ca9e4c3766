#include "cli/commands/image_options.h"

#include <array>
#include <iostream>
#include <iterator>
#include <span>
#include <vector>

#include "cli/options.h"
#include "image/fit.h"
#include "velatura/error.h"
#include "velatura/image.h"

namespace velatura::cli {
namespace {

const std::array<Choice<Fit>, 3> kFits{{{name_of(Fit::stretch), Fit::stretch},
                                        {name_of(Fit::crop), Fit::crop},
                                        {name_of(Fit::pad), Fit::pad}}};

std::vector<std::byte> read_stdin_bytes() {
  const std::string text{std::istreambuf_iterator<char>(std::cin), {}};
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

}  // namespace

void add_image_option(CLI::App& command, std::string& path, const std::string& purpose) {
  add_file_option(command, "-i,--image,--init-image,--init-img", path,
                  purpose + ": PNG, JPEG or WebP; '-' reads standard input");
}

CLI::Option* add_file_option(CLI::App& command, const std::string& names, std::string& path,
                             const std::string& description) {
  return add_option(command, "Input", names, path, description)->type_name("FILE");
}

template <class Task>
void add_start_options(CLI::App& command, Task& request) {
  add_option(command, "Input", "--strength,--denoising-strength", request.strength,
             "How much may change: the share of the steps that are done, above 0 to 1")
      ->type_name("X")
      ->capture_default_str()
      ->check(in_range(0, 1));
  add_choice(command, "Input", "--resize", kFits, request.fit,
             "How the picture gets the size asked for; pad repeats its own edges")
      ->type_name("NAME")
      ->default_str("stretch");
}

template void add_start_options(CLI::App&, ImageToImage&);
template void add_start_options(CLI::App&, Inpaint&);
template void add_start_options(CLI::App&, DepthToImage&);

template <class Picture, class FromFile, class FromBytes>
Picture InputPictures::read(const std::string& option, const std::string& path, FromFile from_file,
                            FromBytes from_bytes) {
  if (path.empty()) throw UsageError(option + ": a picture file is needed");
  if (path != "-") return from_file(path);
  if (!stdin_taken_by_.empty()) {
    throw UsageError(option + " -: standard input is taken by " + stdin_taken_by_);
  }
  stdin_taken_by_ = option;
  return from_bytes(read_stdin_bytes(), "standard input");
}

Image InputPictures::image(const std::string& option, const std::string& path) {
  return read<Image>(option, path, read_image, decode_image);
}

GrayImage InputPictures::gray_image(const std::string& option, const std::string& path) {
  return read<GrayImage>(option, path, read_gray_image, decode_gray_image);
}

}  // namespace velatura::cli
