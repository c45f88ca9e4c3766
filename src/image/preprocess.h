#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "image/raster.h"

namespace velatura {

/// How a picture becomes the hint of a ControlNet.
enum class HintKind { none, canny, invert, inpaint, scribble, threshold, blur, luma, depth };

struct HintPreprocess {
  HintKind kind = HintKind::none;
  std::vector<double> numbers = {};  ///< all that the kind takes

  /// Whether the picture alone is enough: neither a mask nor an estimator of depth.
  bool needs_picture_only() const { return kind != HintKind::inpaint && kind != HintKind::depth; }
};

/// Names, with what may stand behind them: "canny[:LOW:HIGH]".
std::vector<std::string_view> preprocess_forms();

/// What was expected instead of a text; "" if it is a form with numbers in their range.
std::string preprocess_complaint(const std::string& text);

/// @pre  no complaint about the text
HintPreprocess parse_preprocess(const std::string& text);

/// canny: see canny(), 100 and 200 by default. invert: 255 - x. scribble: what is darker than 127 in
/// any channel becomes white, the rest black. threshold: what is lighter than N (127) in all
/// channels becomes white. blur: gaussian_blur() by RADIUS (9). luma: ITU-R BT.601.
/// @param picture  3 channels @return 3 channels @pre  needs_picture_only()
Raster preprocess(const Raster& picture, const HintPreprocess& how);

}  // namespace velatura
