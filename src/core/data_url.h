#pragma once

#include <string>
#include <string_view>

namespace velatura {

/// "data:image/png;base64,iVBOR…": bytes that stand where a file could be named (RFC 2397).
bool is_data_url(std::string_view text);

/// The same with no type, from base64 alone.
std::string data_url(std::string_view base64);

/// The bytes. Line ends and blanks between the digits, and missing '=' at the end are let pass.
/// @param where  it stands, for messages
/// @throws InputError for what is not base64
std::string bytes_of_data_url(std::string_view url, const std::string& where);

}  // namespace velatura
