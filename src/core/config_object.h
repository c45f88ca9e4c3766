#pragma once

#include <filesystem>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>

#include "velatura/error.h"

namespace velatura {

/// Parses JSON text. @throws InputError naming `where`, the line and what was found
nlohmann::json parse_json(std::string_view text, const std::string& where);

/// Reads and parses a JSON file of at most 64 MiB; Python's bare Infinity and -Infinity are null.
/// @throws InputError
nlohmann::json read_json(const std::filesystem::path& path);

/// A JSON object of settings that knows where it came from and which keys have been read, so that
/// a key nobody understands is an error and not a silently different model.
class ConfigObject {
 public:
  /// @param where  the file (or what stands for it), for messages
  /// @throws InputError if `value` is not an object
  ConfigObject(std::string where, nlohmann::json value);
  static ConfigObject from_file(const std::filesystem::path& path);

  const std::string& where() const { return where_; }
  const nlohmann::json& json() const { return value_; }

  /// The same object with another value; none of its keys read yet.
  ConfigObject with(const std::string& key, nlohmann::json value) const;

  /// Present and not null.
  bool has(const std::string& key) const;

  /// The value, or `fallback` if it is absent or null. @throws InputError if it has another type
  template <class T>
  T get(const std::string& key, T fallback) {
    seen_.insert(key);
    return has(key) ? convert<T>(key) : fallback;
  }

  /// @throws InputError if the value is absent, null or of another type
  template <class T>
  T require(const std::string& key) {
    seen_.insert(key);
    if (!has(key)) throw InputError(where_ + ": " + key + " is missing");
    return convert<T>(key);
  }

  /// A value that may be anything; null if absent.
  nlohmann::json raw(const std::string& key);

  /// For settings with one supported value. @throws InputError if the key is there and differs
  void only(const std::string& key, const nlohmann::json& supported);

  /// Keys that do not change what is computed.
  void ignore(std::initializer_list<std::string_view> keys);

  /// @throws InputError naming every key that was neither read nor ignored and is not null.
  /// Keys that begin with an underscore are the writer's own and are skipped.
  void finish() const;

  /// @throws InputError: "WHERE: KEY is FOUND, expected EXPECTED"
  [[noreturn]] void reject(const std::string& key, const std::string& expected) const;

 private:
  template <class T>
  T convert(const std::string& key) const {
    const nlohmann::json& found = value_.at(key);
    if constexpr (std::is_same_v<T, bool>) {
      if (!found.is_boolean()) reject(key, "true or false");
    } else if constexpr (std::is_integral_v<T>) {
      if (!found.is_number_integer()) reject(key, "a whole number");
    } else if constexpr (std::is_floating_point_v<T>) {
      if (!found.is_number()) reject(key, "a number");
    } else if constexpr (std::is_same_v<T, std::string>) {
      if (!found.is_string()) reject(key, "a string");
    }
    try {
      return found.get<T>();
    } catch (const nlohmann::json::exception&) {
      reject(key, "another type");
    }
  }

  std::string where_;
  nlohmann::json value_;
  std::set<std::string, std::less<>> seen_;
};

}  // namespace velatura
