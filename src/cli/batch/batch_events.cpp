#include "cli/batch/batch_events.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>
#include <optional>
#include <span>

#include "cli/pictures/picture_lines.h"
#include "core/durable_write.h"
#include "core/version.h"
#include "velatura/error.h"

namespace velatura::cli {
namespace {

std::optional<int> descriptor_number(const std::string& text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 0) return std::nullopt;
  return number;
}

}  // namespace

EventStream::EventStream(const std::string& target) : is_stdout_(target == "-") {
  if (target.empty()) return;
  const auto number = is_stdout_ ? std::optional(STDOUT_FILENO) : descriptor_number(target);
  owned_ = !number;
  descriptor_ =
      number ? *number : open(target.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (descriptor_ < 0 || fcntl(descriptor_, F_GETFL) < 0) {
    throw OutputError("--events " + target + ": " + std::strerror(errno));
  }
  std::signal(SIGPIPE, SIG_IGN);
  write_line({{"event", "begin"}, {"velatura", version()}}, "--events " + target);
}

EventStream::~EventStream() {
  if (owned_ && is_open()) close(descriptor_);
}

void EventStream::write(const nlohmann::ordered_json& event) {
  if (!is_open()) return;
  try {
    write_line(event, "--events");
  } catch (const OutputError&) {
    if (owned_) close(descriptor_);
    descriptor_ = -1;
  }
}

void EventStream::write_line(const nlohmann::ordered_json& event, const std::string& where) const {
  const std::string line = json_line(event) + "\n";
  write_all(descriptor_, std::as_bytes(std::span(line)), where);
}

}  // namespace velatura::cli
