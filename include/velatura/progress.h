#pragma once

#include <string_view>

namespace velatura {

enum class Stage { load_model, encode_prompt, encode_image, imagine, denoise, decode, write_model };

/// One thing that has just been finished.
struct Progress {
  Stage stage{};
  int done = 0;         ///< parts of this stage finished (model calls when denoising)
  int total = 0;        ///< parts of this stage in all
  int first_image = 0;  ///< index of the batch's first picture
  int images = 0;       ///< pictures in the batch
};

/// What a caller hears from the library while it works. The default hears nothing.
/// Called from the thread that called into the library.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void on_progress(const Progress&) {}
  /// Something the user should know that did not stop the work (dropped prompt text, a fall-back).
  virtual void on_warning(std::string_view) {}
  /// Asked often, also in the midst of a step, so it should be quick; true ends the work with
  /// velatura::Interrupted.
  virtual bool cancelled() { return false; }
};

}  // namespace velatura
