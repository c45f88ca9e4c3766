#include "weights/formats/pickle_opcodes.h"

#include <array>
#include <string_view>

namespace velatura::weights {
namespace {

struct Row {
  std::uint8_t opcode;
  std::string_view name;
};
constexpr std::array kNames{
    Row{'(', "MARK"},          Row{')', "EMPTY_TUPLE"},
    Row{'.', "STOP"},          Row{'0', "POP"},
    Row{'1', "POP_MARK"},      Row{'2', "DUP"},
    Row{'B', "BINBYTES"},      Row{'C', "SHORT_BINBYTES"},
    Row{'F', "FLOAT"},         Row{'G', "BINFLOAT"},
    Row{'I', "INT"},           Row{'J', "BININT"},
    Row{'K', "BININT1"},       Row{'L', "LONG"},
    Row{'M', "BININT2"},       Row{'N', "NONE"},
    Row{'P', "PERSID"},        Row{'Q', "BINPERSID"},
    Row{'R', "REDUCE"},        Row{'S', "STRING"},
    Row{'T', "BINSTRING"},     Row{'U', "SHORT_BINSTRING"},
    Row{'V', "UNICODE"},       Row{'X', "BINUNICODE"},
    Row{']', "EMPTY_LIST"},    Row{'a', "APPEND"},
    Row{'b', "BUILD"},         Row{'c', "GLOBAL"},
    Row{'d', "DICT"},          Row{'e', "APPENDS"},
    Row{'g', "GET"},           Row{'h', "BINGET"},
    Row{'i', "INST"},          Row{'j', "LONG_BINGET"},
    Row{'l', "LIST"},          Row{'o', "OBJ"},
    Row{'p', "PUT"},           Row{'q', "BINPUT"},
    Row{'r', "LONG_BINPUT"},   Row{'s', "SETITEM"},
    Row{'t', "TUPLE"},         Row{'u', "SETITEMS"},
    Row{'}', "EMPTY_DICT"},    Row{0x80, "PROTO"},
    Row{0x81, "NEWOBJ"},       Row{0x82, "EXT1"},
    Row{0x83, "EXT2"},         Row{0x84, "EXT4"},
    Row{0x85, "TUPLE1"},       Row{0x86, "TUPLE2"},
    Row{0x87, "TUPLE3"},       Row{0x88, "NEWTRUE"},
    Row{0x89, "NEWFALSE"},     Row{0x8a, "LONG1"},
    Row{0x8b, "LONG4"},        Row{0x8c, "SHORT_BINUNICODE"},
    Row{0x8d, "BINUNICODE8"},  Row{0x8e, "BINBYTES8"},
    Row{0x8f, "EMPTY_SET"},    Row{0x90, "ADDITEMS"},
    Row{0x91, "FROZENSET"},    Row{0x92, "NEWOBJ_EX"},
    Row{0x93, "STACK_GLOBAL"}, Row{0x94, "MEMOIZE"},
    Row{0x95, "FRAME"},        Row{0x96, "BYTEARRAY8"},
    Row{0x97, "NEXT_BUFFER"},  Row{0x98, "READONLY_BUFFER"},
};

}  // namespace

std::string opcode_name(std::uint8_t opcode) {
  for (const Row& row : kNames) {
    if (row.opcode == opcode) return std::string(row.name);
  }
  constexpr std::string_view kDigits = "0123456789abcdef";
  return {'0', 'x', kDigits[opcode >> 4], kDigits[opcode & 15]};
}

}  // namespace velatura::weights
