#include "image/preprocess.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <optional>

#include "core/text.h"
#include "image/canny.h"
#include "image/gaussian_blur.h"

namespace velatura {
namespace {

struct Row {
  std::string_view name;
  std::string_view form;
  HintKind kind;
  std::array<double, 2> defaults{};
  std::size_t numbers = 0;  ///< none, or so many of them, may stand behind the name
  double highest = 0;
};

constexpr auto kRows = std::to_array<Row>({
    {"none", "none", HintKind::none},
    {"canny", "canny[:LOW:HIGH]", HintKind::canny, {100, 200}, 2, 1e6},
    {"invert", "invert", HintKind::invert},
    {"inpaint", "inpaint", HintKind::inpaint},
    {"scribble", "scribble", HintKind::scribble},
    {"threshold", "threshold[:N]", HintKind::threshold, {127}, 1, 255},
    {"blur", "blur[:RADIUS]", HintKind::blur, {9}, 1, 1024},
    {"luma", "luma", HintKind::luma},
    {"depth", "depth", HintKind::depth},
});

std::optional<double> number_in(std::string_view text) {
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || error != std::errc() || stopped != end) return std::nullopt;
  return value;
}

/// A text taken apart.
struct Parts {
  const Row* row = nullptr;
  std::vector<double> numbers = {};
  std::string complaint = {};
};

Parts parts_of(const std::string& text) {
  const std::size_t colon = text.find(':');
  const std::string_view name = std::string_view(text).substr(0, colon);
  const auto* const row = std::ranges::find(kRows, name, &Row::name);
  if (row == kRows.end()) {
    std::string forms;
    for (const Row& each : kRows) forms += (forms.empty() ? "" : ", ") + std::string(each.form);
    return {.complaint = forms};
  }
  Parts parts{.row = row};
  for (std::size_t at = colon; at != text.npos;) {
    const std::size_t next = text.find(':', at + 1);
    const auto value =
        number_in(std::string_view(text).substr(at + 1, next == text.npos ? next : next - at - 1));
    if (!value || !(*value >= 0 && *value <= row->highest)) {
      parts.complaint = std::string(row->form);
      if (row->numbers > 0) parts.complaint += ", 0 to " + number_text(row->highest);
      return parts;
    }
    parts.numbers.push_back(*value);
    at = next;
  }
  if (parts.numbers.empty()) {
    parts.numbers.assign(row->defaults.begin(), row->defaults.begin() + row->numbers);
  }
  if (parts.numbers.size() != row->numbers) parts.complaint = std::string(row->form);
  return parts;
}

// One channel three times.
Raster tripled(const Raster& grey) {
  Raster picture = make_raster(grey.width, grey.height, 3);
  for (std::size_t i = 0; i < grey.pixels.size(); ++i) {
    std::fill_n(picture.pixels.begin() + static_cast<std::ptrdiff_t>(3 * i), 3, grey.pixels[i]);
  }
  return picture;
}

// White where the smallest channel says so.
template <class Test>
Raster split(const Raster& picture, Test is_white) {
  Raster grey = make_raster(picture.width, picture.height, 1);
  for (std::size_t i = 0; i < grey.pixels.size(); ++i) {
    const std::uint8_t* const pixel = picture.pixels.data() + 3 * i;
    grey.pixels[i] = is_white(std::min({pixel[0], pixel[1], pixel[2]})) ? 255 : 0;
  }
  return tripled(grey);
}

Raster inverted(Raster picture) {
  for (auto& value : picture.pixels) value = static_cast<std::uint8_t>(255 - value);
  return picture;
}

}  // namespace

std::vector<std::string_view> preprocess_forms() {
  std::vector<std::string_view> forms;
  for (const Row& row : kRows) forms.push_back(row.form);
  return forms;
}

std::string preprocess_complaint(const std::string& text) {
  return parts_of(text).complaint;
}

HintPreprocess parse_preprocess(const std::string& text) {
  const Parts parts = parts_of(text);
  return {parts.row->kind, parts.numbers};
}

Raster preprocess(const Raster& picture, const HintPreprocess& how) {
  switch (how.kind) {
    case HintKind::canny:
      return tripled(canny(picture, how.numbers[0], how.numbers[1]));
    case HintKind::invert:
      return inverted(picture);
    case HintKind::scribble:
      return split(picture, [](std::uint8_t least) { return least < 127; });
    case HintKind::threshold:
      return split(picture, [&](std::uint8_t least) { return least > how.numbers[0]; });
    case HintKind::blur:
      return gaussian_blur(picture, static_cast<float>(how.numbers[0]));
    case HintKind::luma:
      return tripled(luma(picture));
    case HintKind::none:
    case HintKind::inpaint:
    case HintKind::depth:
      break;
  }
  return picture;
}

}  // namespace velatura
