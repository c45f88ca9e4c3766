#include "cli/pictures/picture_writer.h"

#include <unistd.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "cli/pictures/output_names.h"
#include "cli/pictures/picture_lines.h"
#include "cli/report/contact_sheet.h"
#include "core/atomic_file.h"
#include "core/name_claims.h"
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
        replaces_(options.overwrite || names_.is_full_name()),
        first_seed_(request.seed),
        num_images_(request.num_images),
        grid_(options.grid && request.num_images > 1) {
    check_writable(names_.folder());
    if (grid_) check_grid();
  }

  void reserve() override {
    if (!replaces_ || grid_) NameClaims::sweep(names_.folder());
    for (int i = 0; i < num_images_; ++i)
      paths_.push_back(
          names_.next(first_seed_ + static_cast<std::uint64_t>(i), reserver(replaces_)));
    if (grid_) sheet_ = first_free(sheet_path(), reserver(options_.overwrite));
  }

  void write(const Picture& picture) override {
    std::filesystem::path& path = paths_.at(written_++);
    const auto again = [&] { return names_.next(picture.seed, reserver(replaces_)); };
    publish(path, picture.image, picture.metadata, replaces_, again);
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
    const auto again = [&] { return first_free(sheet_path(), reserver(options_.overwrite)); };
    publish(sheet_, contact_sheet(images_), metadata_, options_.overwrite, again);
    print_line(options_.json ? json_line({{"path", sheet_.string()}, {"seeds", seeds_}})
                             : sheet_.string());
  }

 private:
  std::filesystem::path sheet_path() const {
    return names_.folder() / ("grid-" + std::to_string(first_seed_) + ".png");
  }

  void check_grid() const {
    if (num_images_ > kMostOnSheet) {
      throw UsageError("--grid: a sheet holds at most " + std::to_string(kMostOnSheet) +
                       " pictures");
    }
    OutputNames names = names_;
    const IsFree any = [](const auto&) { return true; };
    for (int i = 0; i < num_images_; ++i) {
      if (names.next(first_seed_ + static_cast<std::uint64_t>(i), any) == sheet_path())
        throw UsageError("--grid and -o both name " + sheet_path().string());
    }
  }

  // Takes a name that is free, or any where files are replaced.
  IsFree reserver(bool replaces) {
    return [this, replaces](const auto& path) { return replaces || claims_.take_new(path); };
  }

  // @param again  another name, for the case that the one reserved has been taken all the same
  void publish(std::filesystem::path& path, const Image& image, const Metadata& metadata,
               bool replaces, const std::function<std::filesystem::path()>& again) {
    const auto bytes =
        encode_image(image, image_format(path), written_metadata(options_, metadata));
    if (replaces) return write_file_atomically(path, bytes);
    while (!write_new_file_atomically(path, bytes)) {
      claims_.give_back(path);
      path = again();
    }
    claims_.give_back(path);
  }

  OutputNames names_;
  std::string prompt_;
  const PictureOptions& options_;
  bool replaces_;  ///< what has the pictures' names
  std::uint64_t first_seed_;
  int num_images_;
  bool grid_;
  NameClaims claims_;
  std::vector<std::filesystem::path> paths_;  ///< of the pictures
  std::filesystem::path sheet_;
  std::size_t written_ = 0;
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
