#include "core/data_url.h"

#include <openssl/evp.h>

#include <algorithm>
#include <optional>

#include "velatura/error.h"

namespace velatura {
namespace {

constexpr std::string_view kScheme = "data:";
constexpr std::string_view kBase64 = ";base64";
constexpr std::string_view kDigits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::size_t kMostDigits = std::size_t{1} << 30u;  // OpenSSL counts in int

// Nothing for what is not base64.
std::optional<std::string> decoded(std::string_view base64) {
  std::string digits(base64);
  std::erase_if(digits, [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; });
  while (digits.ends_with('=')) digits.pop_back();
  if (digits.find_first_not_of(kDigits) != digits.npos) return std::nullopt;
  const std::size_t given = digits.size();
  while (digits.size() % 4 != 0) digits += '=';
  const std::size_t padding = digits.size() - given;
  if (padding > 2 || digits.size() > kMostDigits) return std::nullopt;
  std::string bytes(digits.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                   reinterpret_cast<const unsigned char*>(digits.data()),
                                   static_cast<int>(digits.size()));
  if (size != static_cast<int>(bytes.size()) || bytes.size() < padding) return std::nullopt;
  bytes.resize(bytes.size() - padding);
  return bytes;
}

}  // namespace

bool is_data_url(std::string_view text) {
  return text.starts_with(kScheme);
}

std::string data_url(std::string_view base64) {
  return std::string(kScheme) + std::string(kBase64) + "," + std::string(base64);
}

std::string bytes_of_data_url(std::string_view url, const std::string& where) {
  const std::size_t comma = url.find(',');
  if (!is_data_url(url) || comma == url.npos || !url.substr(0, comma).ends_with(kBase64))
    throw InputError(where + ": expected base64 in a data: URL, as in data:image/png;base64,…");
  const auto bytes = decoded(url.substr(comma + 1));
  if (!bytes) throw InputError(where + ": the base64 is broken");
  return *bytes;
}

}  // namespace velatura
