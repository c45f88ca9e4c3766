#pragma once

#include <cstdint>
#include <string>

namespace velatura::weights {

/// The opcodes of Python's pickles (pickletools) that are understood: those that torch.save writes
/// in protocols 2 to 5 for weights and what usually accompanies them.
enum class PickleOp : std::uint8_t {
  mark = '(',
  stop = '.',
  binint = 'J',
  binint1 = 'K',
  binint2 = 'M',
  none = 'N',
  binpersid = 'Q',
  reduce = 'R',
  short_binstring = 'U',
  binunicode = 'X',
  append = 'a',
  build = 'b',
  global = 'c',
  append_many = 'e',
  binget = 'h',
  long_binget = 'j',
  binput = 'q',
  long_binput = 'r',
  set_item = 's',
  tuple = 't',
  set_items = 'u',
  empty_dict = '}',
  empty_list = ']',
  empty_tuple = ')',
  binfloat = 'G',
  proto = 0x80,
  newobj = 0x81,
  tuple1 = 0x85,
  tuple2 = 0x86,
  tuple3 = 0x87,
  newtrue = 0x88,
  newfalse = 0x89,
  long1 = 0x8a,
  binbytes = 'B',
  short_binbytes = 'C',
  short_binunicode = 0x8c,
  binunicode8 = 0x8d,
  empty_set = 0x8f,
  add_items = 0x90,
  stack_global = 0x93,
  memoize = 0x94,
  frame = 0x95,
};

/// pickletools' name of an opcode, understood or not: "REDUCE"; of a byte that is none: "0xff".
std::string opcode_name(std::uint8_t opcode);

}  // namespace velatura::weights
