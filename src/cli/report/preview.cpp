#include "cli/report/preview.h"

#include <unistd.h>

#include "core/environment.h"
#include "terminal/detect.h"
#include "terminal/device_attributes.h"
#include "terminal/preview.h"

namespace velatura::cli {
namespace {

terminal::Detection detect(std::optional<terminal::Protocol> wanted) {
  const bool is_terminal = isatty(STDERR_FILENO) == 1;
  if (wanted && (is_terminal || *wanted == terminal::Protocol::none)) return {*wanted};
  return terminal::detect_protocol(
      {.is_terminal = is_terminal, .variable = environment, .says_sixel = [] {
         return terminal::asks_for_sixel(STDERR_FILENO);
       }});
}

}  // namespace

Preview::Preview(std::optional<terminal::Protocol> protocol, ProgressReport& report)
    : report_(report) {
  const terminal::Detection detection = detect(protocol);
  protocol_ = detection.protocol;
  if (!detection.why_none.empty()) {
    report.on_warning("--show: " + detection.why_none + ", pictures are written but not shown");
  }
}

void Preview::show(const Image& image) const {
  if (protocol_ == terminal::Protocol::none) return;
  const terminal::Display display{protocol_, terminal::detect_colours(environment),
                                  terminal::screen_of(STDERR_FILENO)};
  report_.say(terminal::preview(image, display), Verbosity::quiet);
}

}  // namespace velatura::cli
