#include "cli/pictures/picture_writer.h"

#include <unistd.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "cli/pictures/output_names.h"
#include "cli/pictures/picture_lines.h"
#include "cli/report/contact_sheet.h"
#include "velatura/error.h"
#include "velatura/image.h"

namespace velatura::cli {
namespace {

constexpr int kMostOnSheet = 100;

void check_stdout(const PictureOptions& options, int num_images) {
  if (num_images > 1) {
    throw UsageError("-o -: one picture fits on standard output, " + std::to_string(num_images) +
                     " were asked for");
  }
  if (options.grid) throw UsageError("-o - and --grid: there is no folder for the sheet");
  if (options.json) throw UsageError("-o - and --json both need standard output");
  if (isatty(STDOUT_FILENO) == 1) {
    throw UsageError("-o -: standard output is a terminal, send it to a file or another program");
  }
}

class StdoutWriter final : public PictureWriter {
 public:
  StdoutWriter(const PictureOptions& options, int num_images) : options_(options) {
    check_stdout(options, num_images);
  }

  void write(const Picture& picture) override {
    const auto bytes =
        encode_image(picture.image, ImageFormat::png, written_metadata(options_, picture.metadata));
    std::cout.write(reinterpret_cast<const char*>(bytes.data()),
                    static_cast<std::streamsize>(bytes.size()));
    if (!std::cout.flush()) throw OutputError("standard output cannot be written");
  }

 private:
  const PictureOptions& options_;
};

class FileWriter final : public PictureWriter {
 public:
  FileWriter(const PictureOptions& options, const PictureRequest& request)
      : names_(options.output, request.num_images, request.prompt),
        prompt_(request.prompt),
        options_(options),
        grid_(options.grid && request.num_images > 1) {
    check_writable(names_.folder());
    if (grid_) check_grid(request);
  }

  void write(const Picture& picture) override {
    const std::filesystem::path path = names_.next(picture.seed);
    write_image(path, picture.image, written_metadata(options_, picture.metadata));
    print_line(options_.json ? json_line(describe(picture, path, prompt_)) : path.string());
    if (!grid_) return;
    if (seeds_.empty()) metadata_ = picture.metadata;
    seeds_.push_back(picture.seed);
    images_.push_back(picture.image);
  }

  void finish() override {
    if (!grid_) return;
    auto receipt = nlohmann::ordered_json::parse(metadata_.receipt);
    receipt["seeds"] = seeds_;
    receipt.erase("pixels");  // which are one picture's
    metadata_.receipt = receipt.dump();
    const std::filesystem::path path = sheet_path(seeds_.front());
    write_image(path, contact_sheet(images_), written_metadata(options_, metadata_));
    print_line(options_.json ? json_line({{"path", path.string()}, {"seeds", seeds_}})
                             : path.string());
  }

 private:
  std::filesystem::path sheet_path(std::uint64_t first_seed) const {
    return names_.folder() / ("grid-" + std::to_string(first_seed) + ".png");
  }

  void check_grid(const PictureRequest& request) const {
    if (request.num_images > kMostOnSheet) {
      throw UsageError("--grid: a sheet holds at most " + std::to_string(kMostOnSheet) +
                       " pictures");
    }
    OutputNames names = names_;
    for (int i = 0; i < request.num_images; ++i) {
      if (names.next(request.seed + i) == sheet_path(request.seed)) {
        throw UsageError("--grid and -o both name " + sheet_path(request.seed).string());
      }
    }
  }

  OutputNames names_;
  std::string prompt_;
  const PictureOptions& options_;
  bool grid_;
  Metadata metadata_;  ///< of the first picture; like the next two only with grid_
  std::vector<std::uint64_t> seeds_;
  std::vector<Image> images_;
};

}  // namespace

Metadata written_metadata(const PictureOptions& options, const Metadata& metadata) {
  return options.no_metadata ? Metadata{.source = DigitalSource::unsaid} : metadata;
}

std::unique_ptr<PictureWriter> make_writer(const PictureOptions& options,
                                           const PictureRequest& request) {
  if (options.output == "-") return std::make_unique<StdoutWriter>(options, request.num_images);
  return std::make_unique<FileWriter>(options, request);
}

}  // namespace velatura::cli
