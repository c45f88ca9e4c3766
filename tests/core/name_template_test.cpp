#include "core/name_template.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <regex>

#include "velatura/error.h"

namespace velatura {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

std::string expanded(const std::string& name, const NameTemplate::Fields& fields = {}) {
  return NameTemplate(name).expand(fields).string();
}

TEST(NameTemplate, FieldsAreFilledIn) {
  const NameTemplate::Fields fields{.seq = 12, .seed = 7, .index = 3, .prompt = "A cat, 2 dogs"};
  EXPECT_EQ(expanded("out/{seq:05}-{seed}.png", fields), "out/00012-7.png");
  EXPECT_EQ(expanded("{prompt}/{index:02}.webp", fields), "A-cat-2-dogs/03.webp");
  EXPECT_EQ(expanded("{{{seq}}}.png", fields), "{12}.png");
  EXPECT_EQ(expanded("a.b/cat.v2.JPG", fields), "a.b/cat.v2.JPG");
}

TEST(NameTemplate, AFolderGetsAUsualName) {
  EXPECT_EQ(expanded("new/", {.seq = 1, .seed = 7}), "new/00001-7.png");
  EXPECT_EQ(expanded("/tmp", {.seq = 1, .seed = 7}), "/tmp/00001-7.png");
}

TEST(NameTemplate, TheRootHasNoField) {
  EXPECT_EQ(NameTemplate("out/all/{seed}.png").root(), "out/all");
  EXPECT_EQ(NameTemplate("out/x{prompt}/y/{seed}.png").root(), "out");
  EXPECT_EQ(NameTemplate("{date}/{seed}.png").root(), "");
  EXPECT_EQ(NameTemplate("cat.png").root(), "");
}

TEST(NameTemplate, AFieldCanBeAdded) {
  NameTemplate name("cat.png");
  EXPECT_FALSE(name.has_field({"seq", "index"}));
  name.append_field("index");
  EXPECT_TRUE(name.has_field({"seq", "index"}));
  EXPECT_EQ(name.expand({.index = 4}), "cat-4.png");
}

TEST(NameTemplate, ThePatternFindsNumbers) {
  const std::regex pattern(NameTemplate("a.b-{seq:03}-{seed}-{prompt}.png").seq_pattern());
  std::smatch match;
  const std::string name = "a.b-012-7-a-cat.webp", other = "aXb-012-7-a-cat.png";
  ASSERT_TRUE(std::regex_match(name, match, pattern));
  EXPECT_EQ(match[1], "012");
  EXPECT_FALSE(std::regex_match(other, match, pattern));
}

TEST(NameTemplate, WhatCannotBeIsSaid) {
  const auto refused = [](const char* reason) {
    return ThrowsMessage<UsageError>(HasSubstr(reason));
  };
  EXPECT_THAT([] { expanded("{indx}.png"); }, refused("did you mean {index}?"));
  EXPECT_THAT([] { expanded("{seed.png"); }, refused("a { without its }"));
  EXPECT_THAT([] { expanded("{seed:}.png"); }, refused("expected a width"));
  EXPECT_THAT([] { expanded("{seed}/a.png"); }, refused("can only be in the file name"));
}

}  // namespace
}  // namespace velatura
