#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "request/field.h"
#include "request/inputs.h"

namespace velatura::request {

/// A field of one request.
struct Slot {
  Field field;
  Place place;
};

/// True if text names a file that the value is read from.
bool names_a_file(const Slot& slot);

/// The text that may name a picture, of one that need not; nothing for other slots' texts.
std::optional<std::string> possible_picture(const Slot& slot, const std::string& text);

/// What text has asked for and a request does not hold yet.
struct Unread {
  std::map<std::string, std::string, std::less<>> files;  ///< names of files, by field
  std::map<std::string, std::vector<std::string>, std::less<>>
      lists;                          ///< all texts of lists, by field
  std::optional<std::uint64_t> seed;  ///< absent: random
  bool inverted = false;              ///< the mask
};

/// Sets what text says, or notes it where it only names a file. A list gets one item more.
/// @throws UsageError naming the field
void set(const Slot& slot, Unread& unread, const std::string& text);

/// Reads the pictures that were named, in the order of the slots.
/// @throws UsageError if the picture that a task begins with was not named, or if lists that go
///         together have other lengths; InputError
void read_pictures(const std::vector<Slot>& slots, const Unread& unread, Inputs& inputs);

/// Reads the latents and embeddings that were named. @throws InputError
void read_tensors(const std::vector<Slot>& slots, const Unread& unread, Inputs& inputs);

}  // namespace velatura::request
