#include "weights/formats/zip_archive.h"

#include <gmock/gmock.h>

#include <array>

#include "weights/files.h"
#include "weights/pickles.h"

namespace velatura::weights {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;
using testing::refusal;
using velatura::testing::little;
using velatura::testing::ZipFile;
using velatura::testing::ZipItem;

std::map<std::string, std::string> contents_of(const std::string& file) {
  std::map<std::string, std::string> contents;
  for (const auto& [name, bytes] : read_zip(std::as_bytes(std::span(file)), "t.pt")) {
    contents.emplace(name, std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
  }
  return contents;
}

std::string refused_zip(const std::string& file) {
  return refusal([&] { contents_of(file); });
}
std::string refused_zip(const ZipFile& zip) {
  return refused_zip(zip.bytes());
}

// One entry with what the directory or the local header says of it.
std::string refused_item(const ZipItem::Claims& local, const ZipItem::Claims& directory) {
  return refused_zip(ZipFile{{{"a/data.pkl", "content", local, directory}}});
}
std::string refused_item(const ZipItem::Claims& both) {
  return refused_item(both, both);
}

const std::vector<ZipItem> kTwo{{"a/data.pkl", "first"}, {"a/data/0", ""}};

TEST(ReadZip, GivesEveryEntrysContent) {
  ZipFile zip{kTwo};
  zip.items.push_back({"a/.data/id", "third"});
  const auto expected =
      ElementsAre(Pair("a/.data/id", "third"), Pair("a/data.pkl", "first"), Pair("a/data/0", ""));
  EXPECT_THAT(contents_of(zip.bytes()), expected);
  zip.zip64 = true;
  EXPECT_THAT(contents_of(zip.bytes()), expected);
  for (const bool zip64 : {false, true}) {
    for (const int descriptor : {0, 16, 24}) {
      for (ZipItem& item : zip.items) {
        item.zip64 = zip64;
        item.descriptor = descriptor;
      }
      EXPECT_THAT(contents_of(zip.bytes()), expected) << zip64 << descriptor;
    }
  }
  zip.items[0].local.extra = "FB" + little(3, 2) + "ZZZ";
  EXPECT_THAT(contents_of(zip.bytes()), expected);
  EXPECT_TRUE(contents_of(ZipFile{}.bytes()).empty());
}

TEST(ReadZip, RefusesEntriesThatAreNotStored) {
  constexpr std::array<std::uint16_t, 3> kEncrypted{0x1, 0x40, 0x2000};
  constexpr std::array<std::uint16_t, 4> kUnknown{0x10, 0x20, 0x80, 0x1000};
  EXPECT_THAT(refused_item({.method = 8}),
              AllOf(HasSubstr("t.pt: zip entry 'a/data.pkl'"), HasSubstr("compressed (method 8)")));
  for (const std::uint16_t flag : kEncrypted) {
    EXPECT_THAT(refused_item({.flags = flag}), HasSubstr("encrypted"));
  }
  for (const std::uint16_t flag : kUnknown) {
    EXPECT_THAT(refused_item({.flags = flag}), HasSubstr("unknown flags"));
  }
}

TEST(ReadZip, RefusesNamesThatLeadElsewhere) {
  for (const std::string name : {"../a", "a/../../b", "a/..", "./a", "a//b", "a/./b"}) {
    EXPECT_THAT(refused_item({.name = name}), HasSubstr("leads elsewhere")) << name;
  }
  for (const std::string name : {"/etc/passwd", "C:/a", "a\\b", "..\\a"}) {
    EXPECT_THAT(refused_item({.name = name}), HasSubstr("no relative path")) << name;
  }
  EXPECT_THAT(refused_item({.name = std::string("a\0b", 3)}),
              AllOf(HasSubstr("no relative path"), HasSubstr("a\\x00b")));
  EXPECT_THAT(refused_item({.name = ""}), HasSubstr("has no name"));
}

TEST(ReadZip, RefusesTheSameNameTwice) {
  EXPECT_THAT(refused_zip(ZipFile{{{"a/data.pkl", "good"}, {"a/data.pkl", "evil"}}}),
              HasSubstr("'a/data.pkl': appears twice"));
}

TEST(ReadZip, RefusesHeadersThatDisagree) {
  for (const ZipItem::Claims& local :
       {ZipItem::Claims{.name = "a/other.pk"}, ZipItem::Claims{.flags = 0x800},
        ZipItem::Claims{.method = 8}, ZipItem::Claims{.checksum = 1}, ZipItem::Claims{.size = 6}}) {
    EXPECT_THAT(refused_item(local, {}), HasSubstr("header and the directory disagree"));
  }
  ZipItem item{"a/data.pkl", "content"};
  item.descriptor = 16;
  item.local.size = 3;
  EXPECT_THAT(refused_zip(ZipFile{{item}}), HasSubstr("header and the directory disagree"));
  item.local.size = 0;
  item.directory.checksum = 1;
  EXPECT_THAT(refused_zip(ZipFile{{item}}), HasSubstr("follows its content"));
}

TEST(ReadZip, RefusesSizesAndPlacesThatLie) {
  EXPECT_THAT(refused_item({.size = 8}), HasSubstr("t.pt"));
  EXPECT_THAT(refused_item({.size = 6}), HasSubstr("1 bytes between"));
  EXPECT_THAT(refused_item({.size = 0xfffffffe}), HasSubstr("cut off"));
  EXPECT_THAT(refused_item({}, {.header = 1}), HasSubstr("before it belong to nothing"));
  EXPECT_THAT(refused_item({}, {.header = 0xfffffffe}), HasSubstr("before it belong to nothing"));
  EXPECT_THAT(refused_item({}, {.disk = 1}), HasSubstr("another file"));
  for (const std::uint64_t size : {std::uint64_t{1} << 33, ~std::uint64_t{0}}) {
    ZipItem item{"a/data.pkl", "content"};
    item.zip64 = true;
    item.local.size = item.directory.size = size;
    EXPECT_THAT(refused_zip(ZipFile{{item}}), HasSubstr("cut off"));
  }
}

TEST(ReadZip, RefusesOverlaps) {
  ZipFile zip{kTwo};
  zip.items[1].directory.header = 0;  // both claim the first
  EXPECT_THAT(refused_zip(zip), HasSubstr("t.pt: zip entry"));
  // An entry inside another one's content, as bombs have it.
  const std::string inner = ZipFile{{{"a/inner", "payload"}}}.bytes();
  ZipFile nested{{{"a/data.pkl", inner}, {"a/inner", "payload"}}};
  nested.items[1].directory.header = 30 + std::string_view("a/data.pkl").size();
  EXPECT_THAT(refused_zip(nested), HasSubstr("overlaps"));
}

TEST(ReadZip, RefusesWhatIsTwoFilesInOne) {
  const ZipFile zip{kTwo};
  EXPECT_THAT(refused_zip("#!/bin/sh\n" + zip.bytes()), HasSubstr("t.pt"));
  EXPECT_THAT(refused_zip(zip.bytes() + "trailing"), HasSubstr("does not end with its end record"));
  EXPECT_THAT(refused_zip(zip.bytes() + zip.bytes()), HasSubstr("t.pt"));
  ZipFile shifted = zip;  // as self-extracting archives correct their offsets
  shifted.before =
      "\x7f"
      "ELF";
  EXPECT_THAT(refused_zip(shifted), HasSubstr("before it belong to nothing"));
  ZipFile commented = zip;
  commented.comment = zip.bytes();
  EXPECT_THAT(refused_zip(commented), HasSubstr("t.pt"));
  commented.comment = "PK\x05\x06";
  EXPECT_THAT(refused_zip(commented), HasSubstr("does not end with its end record"));
  ZipFile hole = zip;
  hole.items[0].after = "%PDF-1.7";
  EXPECT_THAT(refused_zip(hole), HasSubstr("8 bytes between"));
  hole = zip;
  hole.items[1].after = "%PDF-1.7";
  EXPECT_THAT(refused_zip(hole), HasSubstr("8 bytes between"));
  ZipFile empty{{}, false, "something"};
  EXPECT_THAT(refused_zip(empty), HasSubstr("belong to nothing"));
}

TEST(ReadZip, RefusesEndRecordsThatLie) {
  for (const bool zip64 : {false, true}) {
    ZipFile zip{kTwo, zip64};
    zip.disk = 1;
    EXPECT_THAT(refused_zip(zip), HasSubstr("spans several files"));
    zip = {kTwo, zip64};
    for (const std::uint64_t count : {0, 1, 3, 0xfffe}) {
      zip.count = count;
      EXPECT_THAT(refused_zip(zip), HasSubstr("t.pt")) << count;
    }
    zip = {kTwo, zip64};
    for (const std::uint64_t size : {0, 1, 1000, 0x7fffffff}) {
      zip.directory_size = size;
      EXPECT_THAT(refused_zip(zip), HasSubstr("does not end where the end record begins")) << size;
    }
    zip = {kTwo, zip64};
    for (const std::uint64_t begin : {0, 1, 1000, 0x7fffffff}) {
      zip.directory_begin = begin;
      EXPECT_THAT(refused_zip(zip), HasSubstr("does not end where the end record begins")) << begin;
    }
  }
  ZipFile zip{kTwo, true};
  zip.count = ~std::uint64_t{0};
  EXPECT_THAT(refused_zip(zip), HasSubstr("cannot have 18446744073709551615 entries"));
  zip = {kTwo, true};
  zip.directory_begin = ~std::uint64_t{0};
  zip.directory_size = 100;
  EXPECT_THAT(refused_zip(zip), HasSubstr("does not end where"));
  std::string bytes = ZipFile{kTwo, true}.bytes();
  const auto end = bytes.size() - 22;
  bytes.replace(end + 10, 2, little(1, 2));
  bytes.replace(end + 8, 2, little(1, 2));
  EXPECT_THAT(refused_zip(bytes), HasSubstr("two end records disagree"));
  bytes = ZipFile{kTwo, true}.bytes();
  bytes.replace(end - 12, 8, little(4, 8));
  EXPECT_THAT(refused_zip(bytes), HasSubstr("zip64 end record is not where it must be"));
}

TEST(ReadZip, RefusesFieldsThatRunOver) {
  EXPECT_THAT(refused_item({}, {.extra = "FB" + little(100, 2)}), HasSubstr("t.pt: zip entry"));
  const std::string empty64 = little(1, 2) + little(0, 2);
  EXPECT_THAT(refused_item({}, {.size = 0xffffffff, .extra = empty64}), HasSubstr("cut off"));
  EXPECT_THAT(refused_item({}, {.extra = empty64 + empty64}), HasSubstr("two zip64 fields"));
}

TEST(ReadZip, RefusesTruncationAtEveryByte) {
  for (const bool zip64 : {false, true}) {
    const std::string whole = ZipFile{kTwo, zip64}.bytes();
    for (std::size_t size = 0; size < whole.size(); ++size) refused_zip(whole.substr(0, size));
  }
}

}  // namespace
}  // namespace velatura::weights
