#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace velatura {

/// The texts inside a picture file by their keys; UTF-8. Where a key is there twice, the last text
/// counts. JPEG and WebP have no keys: the Exif UserComment is `parameters`, the receipt in the XMP
/// packet `velatura`.
using PictureTexts = std::map<std::string, std::string, std::less<>>;

inline constexpr std::string_view kParametersKey = "parameters", kReceiptKey = "velatura";

}  // namespace velatura
