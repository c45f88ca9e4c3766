#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "request/fields.h"

namespace velatura::request {

/// What a request says of its pictures, to be written into them.
struct Record {
  std::string task;                                             ///< the command's name
  nlohmann::ordered_json settings;                              ///< an object: fields by key
  std::vector<std::pair<std::string, std::string>> parameters;  ///< the task's own, for web UIs
  bool composite = false;  ///< part of the picture is the input's
};

/// All fields that are recorded as they were asked for. Pictures that went in are named by size and
/// sha256 of their pixels.
Record record_of(const Request& request);
template <Task T>
Record record_of(const T& task);

/// A receipt's object with the keys of fields in the order that receipts have had ever since; what
/// is newer than the order follows.
nlohmann::ordered_json in_order(const nlohmann::ordered_json& fields);

}  // namespace velatura::request
