#include "weights/formats/pickle.h"

#include <gmock/gmock.h>

#include "weights/files.h"
#include "weights/formats/pickle_in.h"
#include "weights/pickles.h"

namespace velatura::weights {
namespace {

using namespace velatura::testing;
using namespace std::string_literals;
using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::pickle_in;
using testing::refusal;

std::string refused_pickle(const std::string& bytes) {
  return refusal([&] { pickle_in(bytes); });
}
// What a value between PROTO and STOP is refused with.
std::string refused_value(const std::string& body) {
  return refused_pickle(pickle(body));
}

// Every opcode of Python's that weights do not need, by its name and place.
TEST(PickleAttack, OtherOpcodesAreRefusedByName) {
  const std::vector<std::pair<std::string, std::string>> opcodes{{"i", "INST"},
                                                                 {"o", "OBJ"},
                                                                 {"\x92", "NEWOBJ_EX"},
                                                                 {"\x82\x01", "EXT1"},
                                                                 {"\x83\x01\x01", "EXT2"},
                                                                 {"\x84\x01\x01\x01\x01", "EXT4"},
                                                                 {"\x8b", "LONG4"},
                                                                 {"I1\n", "INT"},
                                                                 {"L1L\n", "LONG"},
                                                                 {"S'a'\n", "STRING"},
                                                                 {"T", "BINSTRING"},
                                                                 {"V", "UNICODE"},
                                                                 {"F1\n", "FLOAT"},
                                                                 {"Pid\n", "PERSID"},
                                                                 {"p0\n", "PUT"},
                                                                 {"g0\n", "GET"},
                                                                 {"d", "DICT"},
                                                                 {"l", "LIST"},
                                                                 {"0", "POP"},
                                                                 {"1", "POP_MARK"},
                                                                 {"2", "DUP"},
                                                                 {"\x91", "FROZENSET"},
                                                                 {"\x8e", "BINBYTES8"},
                                                                 {"\x96", "BYTEARRAY8"},
                                                                 {"\x97", "NEXT_BUFFER"},
                                                                 {"\x98", "READONLY_BUFFER"}};
  for (const auto& [opcode, name] : opcodes) {
    for (const int protocol : {2, 3, 4, 5}) {
      EXPECT_THAT(refused_pickle(pickle("N(" + opcode, protocol)),
                  HasSubstr("t.pt: pickle opcode " + name + " at byte 4: is not an opcode"));
    }
  }
  EXPECT_THAT(refused_value("\xff"), HasSubstr("0xff at byte 2"));
}

TEST(PickleAttack, ProtocolsBefore2AndAfter5AreRefused) {
  EXPECT_THAT(refused_pickle("(dp0\n."),
              HasSubstr("pickle opcode MARK at byte 0: pickles of protocols 0"));
  EXPECT_THAT(refused_pickle("cos\nsystem\n(S'true'\ntR."),
              HasSubstr("pickles of protocols 0 and 1"));
  for (const int protocol : {0, 1, 6, 255}) {
    EXPECT_THAT(refused_pickle(pickle("N", protocol)),
                HasSubstr("of protocol " + std::to_string(protocol) + " are not read"));
  }
  EXPECT_THAT(refused_value("\x80\x02N"), HasSubstr("PROTO at byte 2: is not the first opcode"));
}

// Whatever way a name is asked for, only the list decides.
TEST(PickleAttack, OtherNamesAreRefused) {
  const std::vector<std::pair<std::string, std::string>> names{
      {"os", "system"},
      {"posix", "system"},
      {"nt", "system"},
      {"builtins", "eval"},
      {"builtins", "exec"},
      {"builtins", "getattr"},
      {"__builtin__", "eval"},
      {"subprocess", "Popen"},
      {"operator", "attrgetter"},
      {"runpy", "_run_code"},
      {"torch", "load"},
      {"torch.hub", "load"},
      {"torch.serialization", "load"},
      {"torch.storage", "_load_from_bytes"},
      {"torch._utils", "_rebuild_qtensor"},
      {"torch.jit", "load"},
      {"numpy", "load"},
      {"numpy.testing._private.utils", "runstring"},
      {"_codecs", "decode"},
      {"collections", "OrderedDict.fromkeys"},
      {"collections", "OrderedDict.__class__"},
      {"collections", ""},
      {"", "OrderedDict"},
      {"collections.OrderedDict", ""},
      {"collections", "ordereddict"},
      {"collections ", "OrderedDict"},
      {"collections", "OrderedDict\r"},
      {"torch._utils._rebuild_tensor_v2", "__globals__"},
      {"torch", "_utils._rebuild_tensor_v2"},
      {"torch", "FloatStorage.__init__"},
  };
  for (const auto& [module, name] : names) {
    const std::string by_stack = text(module) + text(name) + "\x93";
    for (const std::string& asked : {global(module, name), by_stack}) {
      for (const std::string& used : {asked, asked + "(X\x01\0\0\0atR"s, asked + ")\x81"}) {
        EXPECT_THAT(refused_pickle(pickle(used, 4)), HasSubstr("asks for '"));
      }
    }
  }
  EXPECT_THAT(refused_value(global("os", "system")),
              HasSubstr("GLOBAL at byte 2: asks for 'system' of module 'os'"));
}

TEST(PickleAttack, NamesThatLookAlikeAreShownInAscii) {
  // A Cyrillic o; STACK_GLOBAL takes any text, line ends and all.
  EXPECT_THAT(refused_pickle(pickle(text("c\xd0\xbellections") + text("OrderedDict") + "\x93", 4)),
              HasSubstr("of module 'c\\xd0\\xbellections'"));
  EXPECT_THAT(refused_pickle(pickle(text("collections\n") + text("OrderedDict\nx") + "\x93", 4)),
              HasSubstr("'OrderedDict\\x0ax' of module 'collections\\x0a'"));
  EXPECT_THAT(refused_pickle(pickle(text(std::string(100'000, 'o')) + text("\x1b[2J") + "\x93", 4)),
              AllOf(HasSubstr("'\\x1b[2J'"), HasSubstr("(1000 bytes)")));
  EXPECT_THAT(refused_pickle(pickle(text("os") + "K\x01\x93", 4)), HasSubstr("name is not a text"));
  EXPECT_THAT(refused_value("ccollections\nOrderedDict"), HasSubstr("cut off"));
}

TEST(PickleAttack, NothingButTheListIsCalled) {
  for (const std::string& callable :
       {"N"s, "K\x01"s, text("os.system"), "]"s, "}"s, kInert + ")R"}) {
    EXPECT_THAT(refused_value(callable + ")R"), HasSubstr("no name of Python"));
    EXPECT_THAT(refused_value(callable + ")\x81"), HasSubstr("of what no object is made"));
  }
  EXPECT_THAT(refused_value(global("torch", "FloatStorage") + "K\x05\x85R"),
              HasSubstr("cannot be called"));
  EXPECT_THAT(refused_value(global("torch", "float32") + ")R"), HasSubstr("cannot be called"));
  EXPECT_THAT(refused_value(kOrderedDict + "K\x01\x85R"), HasSubstr("1 values, expected 0"));
  EXPECT_THAT(refused_value(kOrderedDict + ")\x81"), HasSubstr("of what no object is made"));
  EXPECT_THAT(refused_value(kInert + "NR"), HasSubstr("not a tuple"));
  EXPECT_THAT(refused_value(global("torch._utils", "_rebuild_parameter") + "NN\x86R"),
              HasSubstr("not a tensor"));
}

TEST(PickleAttack, StatesAreGivenToNothingThatWouldUseThem) {
  for (const std::string& object : {"N"s, "]"s, ")"s, text("a"), kOrderedDict, "K\x01"s,
                                    tensor(storage("0", 1), 0, {1}, {1})}) {
    EXPECT_THAT(refused_value(object + "}b"), HasSubstr("state of what has none"));
  }
  // State of any kind is dropped: a dict keeps its items.
  const Pickle pickled = pickle_in(pickle(
      kOrderedDict + ")RK\x01Ns" + dict({text("__class__"), text("x"), "K\x01", "K\x02"}) + "b"));
  EXPECT_EQ(get_if<PickledDict>(pickled.root)->items.size(), 1u);
}

TEST(PickleAttack, PicklesInsidePicklesStayBytes) {
  const std::string inner = pickle(global("os", "system") + text("true") + "\x85R");
  const std::string bytes = pickle(text(inner));
  EXPECT_EQ(*get_if<std::string_view>(pickle_in(bytes).root), inner);
  EXPECT_EQ(pickle_in(pickle("N") + inner).size, 4u);
}

TEST(PickleAttack, TheStackIsGuarded) {
  for (const std::string& body :
       {"."s,    "R"s,    "b"s,      "\x81"s,  "a"s,       "s"s,       "Na"s,    "Ns"s,     "NNs"s,
        "e"s,    "u"s,    "t"s,      "\x90"s,  "Q"s,       "\x85"s,    "N\x86"s, "NN\x87"s, "\x93"s,
        "q\0"s,  "\x94"s, "N(\x85"s, "N(R"s,   "]N(a"s,    "}NN(s"s,   "N(q\0"s, "Ne"s,     "(Ne"s,
        "N(Ne"s, "}(Nu"s, "](NNu"s,  "}(NNe"s, "\x8f(Ne"s, "](N\x90"s, "N(NNu"s}) {
    EXPECT_THAT(refused_value(body), HasSubstr("t.pt: pickle opcode")) << body;
  }
  EXPECT_THAT(refused_value("NN"), HasSubstr("leaves values behind"));
  EXPECT_THAT(refused_value("(N"), HasSubstr("leaves values behind"));
  EXPECT_THAT(refused_value("h\x01"), HasSubstr("no memo 1"));
  EXPECT_THAT(refused_value("j\xff\xff\xff\xff"), HasSubstr("no memo 4294967295"));
}

TEST(PickleAttack, LengthsBeyondTheFileAllocateNothing) {
  const std::string huge = little(0xffffffff, 4);
  for (const std::string& body :
       {"X" + huge, "B" + huge, "\x8d" + little(~std::uint64_t{0}, 8), "\x8c\xff"s, "C\xff"s,
        "U\xff"s, "\x8a\xff"s, "\x95" + little(~std::uint64_t{0}, 8)}) {
    EXPECT_THAT(refused_pickle(pickle(body, 4)), HasSubstr("cut off")) << body;
  }
}

TEST(PickleAttack, BombsAreBounded) {
  const auto repeated = [](const std::string& part, int times) {
    std::string all;
    for (int i = 0; i < times; ++i) all += part;
    return all;
  };
  const std::string deep = "nested more than 64 levels deep";
  EXPECT_THAT(refused_value(repeated("(", 100'000)), HasSubstr(deep));
  EXPECT_THAT(refused_value(")" + repeated("\x85", 100'000)), HasSubstr(deep));
  EXPECT_THAT(refused_value(repeated("]", 100'000) + repeated("a", 99'999)), HasSubstr(deep));
  EXPECT_THAT(refused_value(")" + repeated("q\0h\0\x86"s, 100'000)), HasSubstr(deep));
  EXPECT_THAT(refused_value("]" + repeated("q\0](h\0h\0e"s, 100)), HasSubstr(deep));
  EXPECT_THAT(refused_value("}" + repeated("q\0}K\x01h\0s"s, 100)), HasSubstr(deep));
  EXPECT_THAT(refused_value(repeated("N", 1'000'001)), HasSubstr("more than 1000000 opcodes"));
  EXPECT_THAT(refused_value(repeated("]\x94", 600'000)), HasSubstr("more than 1000000 opcodes"));
  const std::string megabytes(32 << 20, 'x');
  EXPECT_THAT(refused_value(text(megabytes) + text(megabytes) + "\x86"),
              HasSubstr("longer than 64 MiB"));
  // One long tuple as the shape of many tensors.
  EXPECT_THAT(refused_value(global("torch._utils", "_rebuild_tensor_v2") + "(" + storage("0", 1) +
                            "K\0("s + repeated("K\x01", 65) + "tq\0h\0tR"s),
              HasSubstr("more than 64 dimensions"));
}

TEST(PickleAttack, StoragesAndTensorsMustBeWhatTheyClaim) {
  const std::string type = global("torch", "FloatStorage"), word = text("storage"), key = text("0");
  for (const std::string& id :
       {"N"s, word, "]"s, tuple({}), tuple({word, type, key, text("cpu")}),
        tuple({text("module"), type, key, text("cpu"), "K\x01"}),
        tuple({word, text("FloatStorage"), key, text("cpu"), "K\x01"}),
        tuple({word, kOrderedDict, key, text("cpu"), "K\x01"}),
        tuple({word, type, "K\x01", text("cpu"), "K\x01"}),
        tuple({word, type, key, text("cpu"), "N"}), tuple({word, type, key, text("cpu"), "\x88"}),
        tuple({word, type, key, text("cpu"), integer(-1)}),
        tuple({word, type, key, text("cpu"), "\x8a\x09" + std::string(9, 'x')}),
        tuple({word, type, key, text("cpu"), "K\x05", "K\x05"}),
        tuple({word, type, key, text("cpu"), "K\x05", tuple({text("v"), "K\x01", "K\x05"})}),
        tuple({word, type, key, text("cpu"), "K\x05", tuple({text("v"), integer(-1), "K\x05"})}),
        tuple({word, type, key, text("cpu"), "K\x05", tuple({text("v"), "K\x06", "K\0"s})})}) {
    EXPECT_THAT(refused_value(id + "Q"), HasSubstr("BINPERSID at byte"));
  }
  const std::string rebuild = global("torch._utils", "_rebuild_tensor_v2"), one = "K\x01\x85";
  const std::string place = storage("0", 1);
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{},
        {place},
        {place, "K\0"s, one},
        {"N", "K\0"s, one, one},
        {place, "N", one, one},
        {place, "K\0"s, "N", one},
        {place, "K\0"s, one,
         "](K\x01"
         "e"},
        {place, "K\0"s, "N\x85", one},
        {place, "K\0"s, one, "\x88\x85"},
        {place, "K\0"s, one, one, "\x89", "N", "N", "N"},
        {place, "K\0"s, one, one, "\x89", "N", dict({text("neg"), "\x88"})},
        {place, "K\0"s, one, one, "\x89", "N", text("neg")}}) {
    EXPECT_THAT(refused_value(rebuild + tuple(arguments) + "R"), HasSubstr("REDUCE at byte"));
  }
  const std::string of_dtype = global("torch._utils", "_rebuild_tensor_v3");
  for (const std::string& dtype : {"N"s, kOrderedDict, type, text("float32")}) {
    EXPECT_THAT(
        refused_value(of_dtype + tuple({place, "K\0"s, one, one, "\x89", "N", dtype}) + "R"),
        HasSubstr("not a dtype"));
  }
}

TEST(PickleAttack, TruncationAtEveryByteIsAnError) {
  const std::string whole = pickle(dict(
      {text("a"), tensor(storage("0", 4), 0, {2, 2}, {2, 1}), text("b"), kInert + "K\x01\x85R"}));
  pickle_in(whole);
  for (std::size_t size = 0; size < whole.size(); ++size) refused_pickle(whole.substr(0, size));
}

}  // namespace
}  // namespace velatura::weights
