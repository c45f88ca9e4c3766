#pragma once

#include <array>
#include <string>
#include <string_view>

namespace velatura::request {

/// Devices by name, beside cuda:N.
inline constexpr std::array<std::string_view, 3> kDeviceWords{"auto", "cpu", "cuda"};

/// What was expected instead of a device's name; "" if it is one. Whether there is such a device is
/// not asked.
std::string device_complaint(const std::string& text);

}  // namespace velatura::request
