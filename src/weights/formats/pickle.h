#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "weights/formats/pickle_value.h"

namespace velatura::weights {

/// One pickle, read. Its values live as long as `heap` and the bytes that it was read from.
struct Pickle {
  std::unique_ptr<const PickleHeap> heap;
  PickledValue root;
  std::size_t size;  ///< bytes, up to and with its STOP
};

/// Whether bytes begin as a pickle of protocol 2 or later does.
bool is_pickle(std::span<const std::byte> bytes);

/// Reads the pickle of weights that `bytes` begin with (Python's pickletools describes the format;
/// protocols 2 to 5). Nothing is imported, called or looked up: names of Python stand for
/// themselves and must be on the list of find_global(). What may be asked of memory and time is
/// bounded: 64 MiB, a million opcodes, 64 levels.
/// @param where  the file's name, for messages
/// @throws InputError: one line naming file, opcode, its place and the reason
Pickle read_pickle(std::span<const std::byte> bytes, const std::string& where);

}  // namespace velatura::weights
