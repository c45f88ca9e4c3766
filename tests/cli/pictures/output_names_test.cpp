#include "cli/pictures/output_names.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <filesystem>
#include <regex>
#include <set>

#include "support/run_program.h"
#include "velatura/error.h"

namespace velatura::cli {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;
using velatura::testing::TemporaryFolder;
using velatura::testing::write_text;

// The names of `count` pictures with seeds 7, 8, …, where those in `taken` are not free.
std::vector<std::string> names(const std::string& output, int count,
                               const std::string& prompt = "a cat",
                               const std::set<std::string>& taken = {}) {
  OutputNames plan(output, count, prompt);
  std::vector<std::string> result;
  for (int i = 0; i < count; ++i) {
    const auto is_free = [&](const fs::path& path) { return !taken.contains(path.string()); };
    result.push_back(plan.next(7 + static_cast<std::uint64_t>(i), is_free).string());
  }
  return result;
}

TEST(OutputNames, PlainNamesAreNumberedWhenThereAreSeveral) {
  EXPECT_EQ(names("cat.png", 1), std::vector<std::string>{"cat.png"});
  EXPECT_EQ(names("a.b/cat.v2.JPG", 3),
            (std::vector<std::string>{"a.b/cat.v2-0.JPG", "a.b/cat.v2-1.JPG", "a.b/cat.v2-2.JPG"}));
}

TEST(OutputNames, FieldsAreFilledIn) {
  EXPECT_EQ(names("{seed:04}_{index}.webp", 2),
            (std::vector<std::string>{"0007_0.webp", "0008_1.webp"}));
  EXPECT_EQ(names("{prompt}-{seed}.png", 1, " A cat, 2 dogs & 猫!"),
            std::vector<std::string>{"A-cat-2-dogs-猫-7.png"});
  EXPECT_EQ(names("{{x}}.png", 1), std::vector<std::string>{"{x}.png"});
  EXPECT_TRUE(
      std::regex_match(names("{date}/a.png", 1)[0], std::regex(R"(\d{4}-\d\d-\d\d/a\.png)")));
}

TEST(OutputNames, NamesThatWouldBeEqualAreNumbered) {
  EXPECT_EQ(names("{prompt}.png", 2), (std::vector<std::string>{"a-cat-0.png", "a-cat-1.png"}));
}

TEST(OutputNames, WhatIsTakenIsPassedOver) {
  using Names = std::vector<std::string>;
  EXPECT_EQ(names("{seq}-{seed}.png", 2, "", {"0-7.png", "2-8.png"}),
            Names({"1-7.png", "3-8.png"}));
  EXPECT_EQ(names("cat.png", 2, "", {"cat-0.png", "cat-2.png"}), Names({"cat-1.png", "cat-3.png"}));
  EXPECT_EQ(names("{seed}.png", 2, "", {"7.png", "7-1.png"}), Names({"7-2.png", "8.png"}));
  EXPECT_EQ(names("a/{index}.b.png", 1, "", {"a/0.b.png"}), Names({"a/0.b-1.png"}));
}

TEST(OutputNames, AFullNameHasNoFields) {
  EXPECT_TRUE(OutputNames("a/cat.png", 1, "").is_full_name());
  EXPECT_FALSE(OutputNames("a/cat.png", 2, "").is_full_name());
  for (const char* name : {"{seed}.png", "{date}/cat.png", "a/"})
    EXPECT_FALSE(OutputNames(name, 1, "").is_full_name()) << name;
}

TEST(OutputNames, LongPromptsAreCutBetweenCharacters) {
  std::string prompt;
  for (int i = 0; i < 100; ++i) prompt += "é";
  EXPECT_EQ(names("{prompt}.png", 1, "x" + prompt)[0], "x" + prompt.substr(0, 58) + ".png");
}

TEST(OutputNames, SequenceContinuesAfterExistingFiles) {
  const TemporaryFolder folder;
  const std::string in_folder = folder.path().string() + "/";
  EXPECT_EQ(names(in_folder, 2),
            (std::vector<std::string>{in_folder + "00000-7.png", in_folder + "00001-8.png"}));
  for (const char* name :
       {"00003-99.png", "00012-1.jpg", "00020-1.png.txt", "x00030-1.png", "00040-a.png"}) {
    write_text(folder / name, "");
  }
  EXPECT_EQ(names(in_folder, 1), std::vector<std::string>{in_folder + "00013-7.png"});
  // An existing folder needs no slash.
  EXPECT_EQ(names(folder.path().string(), 1), std::vector<std::string>{in_folder + "00013-7.png"});
}

TEST(OutputNames, RefusesWhatItCannotDo) {
  const auto refused = [](const std::string& output, const std::string& reason) {
    EXPECT_THAT([&] { names(output, 1); }, ThrowsMessage<UsageError>(HasSubstr(reason))) << output;
  };
  refused("cat.gif", "gif");
  refused("cat", "cat");
  refused("{sead}.png", "did you mean {seed}?");
  refused("{seq.png", "without its }");
  refused("{seq:x}.png", "{seq:x}");
  refused("{seq}/cat.png", "{seq} can only be in the file name");
}

TEST(CheckWritable, LeavesNothingBehind) {
  const TemporaryFolder folder;
  check_writable(folder.path());
  check_writable(folder / "new/deeper");
  EXPECT_TRUE(folder.files().empty());
}

TEST(CheckWritable, RefusesAFileAndAPlaceWithoutPermission) {
  const TemporaryFolder folder;
  write_text(folder / "file", "");
  EXPECT_THROW(check_writable(folder / "file"), OutputError);
  EXPECT_THROW(check_writable(folder / "file/below"), OutputError);
  EXPECT_THROW(check_writable("/proc/nowhere"), OutputError);
}

}  // namespace
}  // namespace velatura::cli
