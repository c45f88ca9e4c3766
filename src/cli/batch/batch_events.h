#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace velatura::cli {

/// A stream of what happens, one JSON object a line, for programs that drive velatura.
class EventStream {
 public:
  /// Says that the stream begins.
  /// @param target  a file, which is begun anew, '-' for standard output, or the number of an open
  ///                file descriptor; empty: nobody listens
  /// @throws OutputError if it cannot be written
  explicit EventStream(const std::string& target);
  ~EventStream();
  EventStream(const EventStream&) = delete;
  EventStream& operator=(const EventStream&) = delete;

  bool is_open() const { return descriptor_ >= 0; }
  /// Nothing else should be said on standard output.
  bool is_stdout() const { return is_stdout_; }

  /// Whole lines, at once. A listener that is gone is no reason to stop: nothing is written then.
  void write(const nlohmann::ordered_json& event);

 private:
  void write_line(const nlohmann::ordered_json& event, const std::string& where) const;

  bool is_stdout_;
  int descriptor_ = -1;
  bool owned_ = false;
};

}  // namespace velatura::cli
