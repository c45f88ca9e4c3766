#pragma once

#include <memory>

#include "cli/pictures/picture_options.h"
#include "velatura/generator.h"
#include "velatura/request.h"

namespace velatura::cli {

/// Where finished pictures go.
class PictureWriter {
 public:
  virtual ~PictureWriter() = default;
  /// Reserves the names of the pictures, before work begins. @throws OutputError
  virtual void reserve() {}
  /// @throws OutputError
  virtual void write(const Picture& picture) = 0;
  /// After the last one.
  virtual void finish() {}
};

/// What of a picture's metadata goes into its file: nothing with --no-metadata.
Metadata written_metadata(const PictureOptions& options, const Metadata& metadata);

/// A PNG on stdout for `-o -`, else files whose paths or JSON go to stdout, and a sheet of them for
/// --grid. That they can be written is checked at once. A file is replaced only if -o names it in
/// full, or with --overwrite. The options must outlive the writer.
/// @throws UsageError, OutputError
std::unique_ptr<PictureWriter> make_writer(const PictureOptions& options,
                                           const PictureRequest& request);

}  // namespace velatura::cli
