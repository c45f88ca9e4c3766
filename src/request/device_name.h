#pragma once

#include <array>
#include <string>
#include <string_view>

namespace velatura::request {

/// Devices by name, beside cuda:N.
inline constexpr std::array<std::string_view, 3> kDeviceWords{"auto", "cpu", "cuda"};

/// What is wrong with a device's name, behind the name of its field; "" if nothing. Whether there
/// is such a device is not asked.
std::string device_complaint(const std::string& text);

}  // namespace velatura::request
