#include "weights/formats/safetensors_header.h"

#include <gmock/gmock.h>

#include <string>

#include "weights/files.h"

namespace velatura::weights {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::refusal;
using testing::safetensors;
using namespace std::string_literals;

SafetensorsHeader parse(const std::string& bytes) {
  return parse_safetensors_header(std::as_bytes(std::span(bytes)), "x.safetensors");
}

std::string refused(const std::string& bytes) {
  return refusal([&] { parse(bytes); });
}

std::string entry(const std::string& name, const std::string& dtype, const std::string& shape,
                  const std::string& offsets) {
  return "\"" + name + "\":{\"dtype\":\"" + dtype + "\",\"shape\":" + shape +
         ",\"data_offsets\":" + offsets + "}";
}

std::string one(const std::string& dtype, const std::string& shape, const std::string& offsets,
                std::size_t data_size) {
  return safetensors("{" + entry("t", dtype, shape, offsets) + "}", std::string(data_size, '\0'));
}

const std::string kGood = one("I32", "[2,2]", "[0,16]", 16);

TEST(SafetensorsHeader, ReadsTensorsAndMetadata) {
  const std::string header = "{\"__metadata__\":{\"format\":\"pt\",\"a\":\"b\"}," +
                             entry("w", "F16", "[2,3]", "[4,16]") + "," +
                             entry("b", "F32", "[1]", "[0,4]") + "}";
  const auto read = parse(safetensors(header, std::string(16, 'x')));
  ASSERT_EQ(read.tensors.size(), 2u);
  const StoredTensor& w = read.tensors.at("w");
  EXPECT_EQ(w.dtype, StoredDtype::f16);
  EXPECT_THAT(w.shape, ElementsAre(2, 3));
  EXPECT_EQ(w.begin, 8 + header.size() + 4);
  EXPECT_EQ(w.end, 8 + header.size() + 16);
  EXPECT_EQ(read.metadata.size(), 2u);
  EXPECT_EQ(read.metadata.at("a"), "b");
}

TEST(SafetensorsHeader, ReadsEveryDtype) {
  for (const auto& [name, size] : {std::pair{"F64", 8},
                                   {"F32", 4},
                                   {"F16", 2},
                                   {"BF16", 2},
                                   {"I64", 8},
                                   {"I32", 4},
                                   {"I16", 2},
                                   {"I8", 1},
                                   {"U8", 1},
                                   {"BOOL", 1},
                                   {"F8_E4M3", 1},
                                   {"F8_E5M2", 1}}) {
    const auto read = parse(one(name, "[3]", "[0," + std::to_string(3 * size) + "]", 3u * size));
    EXPECT_EQ(format_name(read.tensors.at("t").dtype), name);
    EXPECT_EQ(item_size(read.tensors.at("t").dtype), static_cast<std::size_t>(size));
  }
}

TEST(SafetensorsHeader, AcceptsUnusualButValidFiles) {
  EXPECT_EQ(parse(kGood).tensors.size(), 1u);
  EXPECT_TRUE(parse(one("F32", "[]", "[0,4]", 4)).tensors.at("t").shape.empty());
  EXPECT_EQ(parse(one("F32", "[2,0]", "[0,0]", 0)).tensors.size(), 1u);
  EXPECT_EQ(parse(safetensors("{}")).tensors.size(), 0u);
  EXPECT_EQ(
      parse(safetensors("{" + entry("t", "U8", "[1]", "[0,1]") + "}       ", "x")).tensors.size(),
      1u);
  const std::string unsorted = "{" + entry("a", "U8", "[2]", "[3,5]") + "," +
                               entry("b", "U8", "[0]", "[3,3]") + "," +
                               entry("c", "U8", "[3]", "[0,3]") + "}";
  EXPECT_EQ(parse(safetensors(unsorted, "xxxxx")).tensors.size(), 3u);
  // 640 bytes of header: its length begins with the bytes of a pickle.
  std::string padded = "{" + entry("t", "U8", "[1]", "[0,1]") + "}";
  padded.resize(0x280, ' ');
  EXPECT_EQ(parse(safetensors(padded, "x")).tensors.size(), 1u);
}

TEST(SafetensorsHeader, RefusesSharedData) {
  std::string entries;
  for (int i = 0; i < 10; ++i) {
    entries += (i ? "," : "") + entry("t" + std::to_string(i), "F32", "[2,2]", "[0,16]");
  }
  EXPECT_THAT(refused(safetensors("{" + entries + "}", std::string(16, '\0'))),
              HasSubstr("x.safetensors: tensor 't1': overlaps"));
}

TEST(SafetensorsHeader, RefusesManyOverlappingTensors) {
  std::string entries;
  for (int i = 0; i < 100'000; ++i) {
    entries += (i ? "," : "") + entry(std::to_string(i), "F32", "[2,2]", "[0,16]");
  }
  EXPECT_THAT(refused(safetensors("{" + entries + "}", std::string(16, '\0'))),
              HasSubstr("overlaps"));
}

TEST(SafetensorsHeader, RefusesDataThatIsNotCoveredExactly) {
  EXPECT_THAT(refused(kGood + "rest"), HasSubstr("4 bytes after the last tensor"));
  EXPECT_THAT(refused(kGood.substr(0, kGood.size() - 2)),
              AllOf(HasSubstr("'t'"), HasSubstr("beyond the data, which has 14 bytes")));
  const std::string hole =
      "{" + entry("a", "U8", "[2]", "[0,2]") + "," + entry("b", "U8", "[2]", "[3,5]") + "}";
  EXPECT_THAT(refused(safetensors(hole, "xxxxx")),
              HasSubstr("tensor 'b': leaves a hole of 1 bytes"));
  EXPECT_THAT(refused(one("U8", "[2]", "[1,3]", 3)), HasSubstr("hole of 1"));
  EXPECT_THAT(refused(safetensors("{}", "x")), HasSubstr("1 bytes after"));
}

TEST(SafetensorsHeader, RefusesBrokenLengths) {
  EXPECT_THAT(refused(""), HasSubstr("empty"));
  EXPECT_THAT(refused("\x3c\0\0\0\0\xff\xff\xff"s + kGood.substr(8)), HasSubstr("above the limit"));
  EXPECT_THAT(refused("\x3c\0\0\0\0\0\0\0"s), HasSubstr("more than the file holds"));
  EXPECT_THAT(refused("\x01\0\0\0\0\0\0\0\xff"s), HasSubstr("does not begin with '{'"));
  EXPECT_THAT(refused("\x01\0\0\0\0\0\0\0{"s), HasSubstr("not valid JSON at byte"));
  EXPECT_THAT(refused("\0\0\0\0\0\0\0\0"s), HasSubstr("only zeros"));
  EXPECT_THAT(refused("\0\0\0\0\0\0\0\0{}"s), HasSubstr("does not begin with '{'"));
  EXPECT_THAT(refused("\xe8\x03\0\0\0\0\0\0{}"s), HasSubstr("header length 1000 is more than"));
  EXPECT_THAT(refused("\x01\xe1\xf5\x05\0\0\0\0{}"s), HasSubstr("header length 100000001"));
}

TEST(SafetensorsHeader, RefusesSizesThatDoNotFit) {
  EXPECT_THAT(refused(one("I32", "[2,2]", "[0,4]", 4)),
              HasSubstr("tensor 't': I32 [2, 2] needs 16 bytes, data_offsets [0, 4] hold 4"));
  EXPECT_THAT(refused(one("F64", "[4]", "[0,16]", 16)), HasSubstr("needs 32 bytes"));
  EXPECT_THAT(refused(one("I32", "[2,18446744073709551614]", "[0,16]", 16)),
              HasSubstr("tensor 't': dimension 18446744073709551614 is too large"));
  EXPECT_THAT(refused(one("I32", "[2,9223372036854775807]", "[0,16]", 16)),
              HasSubstr("larger than 64 bits"));
  EXPECT_THAT(refused(one("I32", "[4294967296,4294967296]", "[0,0]", 0)),
              HasSubstr("larger than 64 bits"));
}

TEST(SafetensorsHeader, RefusesOffsetsOutsideTheData) {
  EXPECT_THAT(refused(one("U8", "[4]", "[4,8]", 4)), HasSubstr("beyond the data"));
  EXPECT_THAT(refused(one("U8", "[4]", "[-4,0]", 4)),
              HasSubstr("data_offsets: expected two whole"));
  EXPECT_THAT(refused(one("U8", "[4]", "[4,0]", 4)), HasSubstr("run backwards"));
  EXPECT_THAT(refused(one("U8", "[4]", "[0,18446744073709551615]", 4)), HasSubstr("beyond"));
  EXPECT_THAT(refused(one("U8", "[4]", "[0,18446744073709551616]", 4)), HasSubstr("data_offsets"));
  EXPECT_THAT(refused(one("U8", "[4]", "[0]", 4)), HasSubstr("does not hold two numbers"));
  EXPECT_THAT(refused(one("U8", "[4]", "[0,4,4]", 4)), HasSubstr("more than two numbers"));
}

TEST(SafetensorsHeader, RefusesRepeatedNamesAndKeys) {
  const std::string t = entry("t", "U8", "[2]", "[0,2]");
  EXPECT_THAT(refused(safetensors("{" + t + "," + t + "}", "xx")), HasSubstr("'t': appears twice"));
  EXPECT_THAT(
      refused(safetensors("{" + t + "," + entry("\\u0074", "U8", "[0]", "[2,2]") + "}", "xx")),
      HasSubstr("'t': appears twice"));
  for (const char* again : {"\"dtype\":\"U8\"", "\"shape\":[2]", "\"data_offsets\":[0,2]"}) {
    std::string twice = "{" + t;
    twice.back() = ',';
    EXPECT_THAT(refused(safetensors(twice + again + "}}", "xx")), HasSubstr("appears twice"))
        << again;
  }
  EXPECT_THAT(refused(safetensors("{\"__metadata__\":{\"a\":\"1\",\"a\":\"2\"}}")),
              HasSubstr("__metadata__: key 'a' appears twice"));
  EXPECT_THAT(refused(safetensors("{\"__metadata__\":{},\"__metadata__\":{}}")),
              HasSubstr("__metadata__: appears twice"));
}

TEST(SafetensorsHeader, RefusesWrongTypes) {
  for (const char* shape : {"[2.0]", "[-2]", "[2e0]", "[1e3]", "[\"2\"]", "[null]", "[[2]]", "2",
                            "\"2\"", "{}", "[true]", "[18446744073709551616]"}) {
    EXPECT_THAT(refused(one("U8", shape, "[0,2]", 2)), HasSubstr("tensor 't': shape: expected"))
        << shape;
  }
  EXPECT_THAT(refused(one("U7", "[2]", "[0,2]", 2)), HasSubstr("'t': dtype 'U7' is not supported"));
  EXPECT_THAT(refused(one("u8", "[2]", "[0,2]", 2)), HasSubstr("dtype 'u8' is not supported"));
  for (const char* header : {"{\"t\":1}", "{\"t\":null}", "{\"t\":[]}", "{\"t\":\"x\"}"}) {
    EXPECT_THAT(refused(safetensors(header)), HasSubstr("'t': expected an object")) << header;
  }
  for (const char* value : {"1", "null", "{}", "[]", "true", "1.5", "-1"}) {
    EXPECT_THAT(refused(safetensors("{\"__metadata__\":{\"a\":"s + value + "}}")),
                HasSubstr("__metadata__: key 'a': expected a string"))
        << value;
  }
  EXPECT_THAT(refused(safetensors("{\"__metadata__\":1}")), HasSubstr("__metadata__"));
}

TEST(SafetensorsHeader, RefusesIncompleteEntries) {
  EXPECT_THAT(refused(safetensors("{\"t\":{}}")), HasSubstr("'t': dtype is missing"));
  EXPECT_THAT(refused(safetensors("{\"t\":{\"dtype\":\"U8\"}}")), HasSubstr("shape is missing"));
  EXPECT_THAT(refused(safetensors("{\"t\":{\"dtype\":\"U8\",\"shape\":[0]}}")),
              HasSubstr("data_offsets is missing"));
  EXPECT_THAT(refused(safetensors("{\"t\":{\"stride\":[1]}}")), HasSubstr("unknown key 'stride'"));
}

TEST(SafetensorsHeader, RefusesOtherText) {
  EXPECT_THAT(refused(safetensors("\xef\xbb\xbf{}")), HasSubstr("does not begin with '{'"));
  EXPECT_THAT(refused(safetensors("[]")), HasSubstr("does not begin with '{'"));
  EXPECT_THAT(refused(safetensors("{} {}")), HasSubstr("not valid JSON"));
  EXPECT_THAT(refused(safetensors("{\"\xff\":1}")), HasSubstr("not valid JSON"));
  EXPECT_THAT(refused(safetensors("{\"a\":1,}")), HasSubstr("x.safetensors"));
  for (const char* open : {"[", "{\"a\":"}) {
    std::string deep = "{\"t\":";
    for (int i = 0; i < 100'000; ++i) deep += open;
    EXPECT_THAT(refused(safetensors(deep)), HasSubstr("tensor 't'"));
  }
}

TEST(SafetensorsHeader, RefusesHostileNames) {
  EXPECT_THAT(refused(safetensors("{" + entry("a\\u0000b", "U8", "[0]", "[0,0]") + "}")),
              AllOf(HasSubstr("'a\\x00b'"), HasSubstr("zero byte")));
  const auto line =
      refused(safetensors("{" + entry(std::string(10'000'000, 'n'), "U8", "[0]", "[0,0]") + "}"));
  EXPECT_THAT(line, HasSubstr("longer than 4096 bytes"));
  EXPECT_LT(line.size(), 400u);
}

TEST(SafetensorsHeader, TellsWhatTheFileIsInstead) {
  EXPECT_THAT(refused("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 3\n"),
              HasSubstr("Git LFS pointer"));
  EXPECT_THAT(refused("<!DOCTYPE html>\n<html><body>Not found"), HasSubstr("web page"));
  EXPECT_THAT(refused("\n <HTML><body>Not found"), HasSubstr("web page"));
  for (const std::string& failed :
       {std::string("Entry not found"), std::string(), std::string(64, '\0'),
        std::string(R"({"error":"Unauthorized"})"), "<Error><Code>AccessDenied</Code>"s})
    EXPECT_THAT(refused(failed), HasSubstr(": this is a failed download: ")) << failed;
  EXPECT_THAT(refused("\x89PNG\r\n\x1A\n"),
              HasSubstr("this is a failed download or the wrong file: a PNG picture, not weights"));
  EXPECT_THAT(refused("\xFF\xD8\xFF\xE0 a JPEG"), HasSubstr("a JPEG picture, not weights"));
  EXPECT_THAT(refused("some notes\nabout it"),
              HasSubstr(": is text, not weights: 'some notes about it'"));
  EXPECT_THAT(refused("GGUF\x03\0\0\0\0\0\0\0"s), HasSubstr("GGUF"));
}

TEST(SafetensorsHeader, RefusesTruncationAtEveryByte) {
  for (std::size_t size = 0; size < kGood.size(); ++size) {
    SCOPED_TRACE(size);
    EXPECT_THAT(refused(kGood.substr(0, size)), HasSubstr("x.safetensors: "));
  }
}

}  // namespace
}  // namespace velatura::weights
