#pragma once

#include <optional>

#include "cli/report/progress_report.h"
#include "terminal/protocol.h"
#include "velatura/image.h"

namespace velatura::cli {

/// Shows finished pictures on the terminal that stderr is, between what the report says.
class Preview {
 public:
  /// @param protocol  nothing: the best that the terminal is found to have
  /// @param report    is warned if pictures are wanted that cannot be shown; must outlive this
  Preview(std::optional<terminal::Protocol> protocol, ProgressReport& report);

  void show(const Image& image) const;

 private:
  terminal::Protocol protocol_;
  ProgressReport& report_;
};

}  // namespace velatura::cli
