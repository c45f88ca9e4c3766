#include "batch/plan.h"

#include <gmock/gmock.h>

#include <set>

#include "core/name_claims.h"
#include "support/run_program.h"
#include "velatura/error.h"

namespace velatura::batch {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::ThrowsMessage;
using velatura::testing::TemporaryFolder;
using velatura::testing::write_text;

class PlanTest : public ::testing::Test {
 protected:
  Line line(const std::string& key, std::optional<std::uint64_t> seed = 7,
            int num_images = 1) const {
    return {.number = 1,
            .key = key,
            .seed = seed,
            .num_images = num_images,
            .prompt = key,
            .output = folder_ / "{seq:03}-{seed}.png",
            .model = "m",
            .group = "g"};
  }

  std::vector<Picture> planned(const std::vector<Line>& lines, PlanOptions options = {}) const {
    return plan(lines, History::read(folder_.path(), "jobs"), options);
  }

  // What a run that makes everything leaves behind.
  void make(const std::vector<Line>& lines, PlanOptions options = {}) const {
    Journal journal(folder_.path(), "jobs", "/x/jobs.txt", options.shard);
    for (const Picture& picture : planned(lines, options)) {
      if (picture.done) continue;
      const Entry entry{.id = picture.id, .path = picture.path, .seed = picture.seed, .bytes = 4};
      journal.started(entry);
      write_text(picture.path, "made");
      journal.saved(entry);
    }
  }

  // Names, those to be made with a + before them.
  std::vector<std::string> names(const std::vector<Line>& lines, PlanOptions options = {}) const {
    std::vector<std::string> result;
    for (const Picture& picture : planned(lines, options))
      result.push_back((picture.done ? "" : "+") + picture.path.filename().string());
    return result;
  }

  TemporaryFolder folder_;
};

TEST_F(PlanTest, PlacesInTheFileAreNames) {
  EXPECT_THAT(names({line("a"), line("b", 5, 2), line("c")}),
              ElementsAre("+000-7.png", "+001-5.png", "+002-6.png", "+003-7.png"));
}

TEST_F(PlanTest, WhatIsThereIsNotMadeAgain) {
  make({line("a"), line("b")});
  EXPECT_THAT(names({line("a"), line("b")}), ElementsAre("000-7.png", "001-7.png"));
  EXPECT_THAT(names({line("a"), line("b")}, {.overwrite = true}),
              ElementsAre("+000-7.png", "+001-7.png"));
}

TEST_F(PlanTest, WhatIsGoneOrNotWholeIsMadeAgain) {
  make({line("a"), line("b")});
  std::filesystem::remove(folder_ / "000-7.png");
  write_text(folder_ / "001-7.png", "mad");
  EXPECT_THAT(names({line("a"), line("b")}), ElementsAre("+000-7.png", "+001-7.png"));
}

TEST_F(PlanTest, AChangedLineIsMadeAnewInItsPlace) {
  make({line("a"), line("b"), line("c")});
  EXPECT_THAT(names({line("a"), line("B"), line("c")}),
              ElementsAre("000-7.png", "+001-7.png", "002-7.png"));
}

TEST_F(PlanTest, AnUnchangedLineKeepsItsNameWhereverItIs) {
  make({line("a"), line("b")});
  EXPECT_THAT(names({line("new"), line("b"), line("a")}),
              ElementsAre("+003-7.png", "001-7.png", "000-7.png"));
}

TEST_F(PlanTest, EqualLinesAreSeveralPictures) {
  make({line("a")});
  EXPECT_THAT(names({line("a"), line("a")}), ElementsAre("000-7.png", "+001-7.png"));
}

TEST_F(PlanTest, MorePicturesOfALineAreOnlyTheNewOnes) {
  make({line("a", 7, 1)});
  EXPECT_THAT(names({line("a", 7, 3)}), ElementsAre("000-7.png", "+001-8.png", "+002-9.png"));
}

TEST_F(PlanTest, SeedsThatAreLeftOpenAreDrawnOnce) {
  const std::vector<Line> lines{line("a", std::nullopt), line("b", std::nullopt),
                                line("a", std::nullopt)};
  const auto first = planned(lines, {.random_seed = 1});
  EXPECT_EQ(std::set({first[0].seed, first[1].seed, first[2].seed}).size(), 3u);
  EXPECT_EQ(planned(lines, {.random_seed = 1})[1].seed, first[1].seed);
  EXPECT_NE(planned(lines, {.random_seed = 2})[1].seed, first[1].seed);
  make(lines, {.random_seed = 1});
  EXPECT_EQ(planned(lines, {.random_seed = 2})[1].seed, first[1].seed);  // it has it already
}

TEST_F(PlanTest, ShardsShareTheNamesOfTheWhole) {
  const std::vector<Line> lines{line("a"), line("b"), line("c"), line("d")};
  EXPECT_THAT(names(lines, {.shard = {1, 2}}), ElementsAre("+000-7.png", "+002-7.png"));
  EXPECT_THAT(names(lines, {.shard = {2, 2}}), ElementsAre("+001-7.png", "+003-7.png"));
  make(lines, {.shard = {2, 2}});
  EXPECT_THAT(names(lines), ElementsAre("+000-7.png", "001-7.png", "+002-7.png", "003-7.png"));
}

TEST_F(PlanTest, TwoPicturesNeverHaveOneName) {
  Line a = line("a"), b = line("b");
  b.number = 9;
  a.output = b.output = folder_ / "{seed}.png";
  EXPECT_THAT(
      [&] {
        planned({a, b});
      },
      ThrowsMessage<UsageError>(HasSubstr("lines 1 and 9 would both be")));
  a.num_images = 2;
  EXPECT_THAT(names({a}), ElementsAre("+7.png", "+8.png"));
  a.output = folder_ / "cat.png";
  EXPECT_THAT(names({a}), ElementsAre("+cat-0.png", "+cat-1.png"));
}

TEST_F(PlanTest, ShardsDoNotNameByRandomSeedsAlone) {
  Line a = line("a", std::nullopt);
  a.output = folder_ / "{seed}.png";
  EXPECT_THAT(
      [&] {
        planned({a}, {.shard = {1, 2}});
      },
      ThrowsMessage<UsageError>(HasSubstr("put {seq} into -o")));
  EXPECT_EQ(planned({a}).size(), 1u);
}

TEST_F(PlanTest, FilesOfOthersAreNotReplaced) {
  write_text(folder_ / "000-7.png", "mine");
  EXPECT_THAT([&] { planned({line("a")}); },
              ThrowsMessage<UsageError>(HasSubstr("not from this batch")));
  EXPECT_THAT(names({line("a")}, {.overwrite = true}), ElementsAre("+000-7.png"));
}

TEST_F(PlanTest, PicturesOfOtherBatchesAreGivenWayTo) {
  {
    Journal other(folder_.path(), "other", "/x/other.txt", {});
    for (const char* name : {"000-7.png", "002-7.png", "cat.png"}) {
      write_text(folder_ / name, "theirs");
      other.saved({.id = name, .path = folder_ / name, .bytes = 6});
    }
  }
  EXPECT_THAT(names({line("a"), line("b")}), ElementsAre("+003-7.png", "+001-7.png"));
  EXPECT_FALSE(planned({line("a")})[0].replaces);
  EXPECT_THAT(names({line("a")}, {.overwrite = true}), ElementsAre("+000-7.png"));
  Line fixed = line("a");
  fixed.output = folder_ / "cat.png";
  EXPECT_THAT([&] { planned({fixed}); }, ThrowsMessage<UsageError>(HasSubstr("cat.png is there")));
}

TEST_F(PlanTest, ANameThatOthersHaveTakenMeanwhileIsGivenUp) {
  const Picture first = planned({line("a")})[0];
  {
    Journal journal(folder_.path(), "jobs", "/x/jobs.txt", {});
    journal.started({.id = first.id, .path = first.path, .seed = 7, .reserved = true});
  }
  EXPECT_THAT(names({line("a")}), ElementsAre("+000-7.png"));
  write_text(first.path, "of somebody who found the name free");
  EXPECT_THAT(names({line("a"), line("b")}), ElementsAre("+002-7.png", "+001-7.png"));
}

TEST_F(PlanTest, APictureThatWasWrittenButNotRecordedIsReplaced) {
  const Picture first = planned({line("a")})[0];
  Journal journal(folder_.path(), "jobs", "/x/jobs.txt", {});
  NameClaims claims(journal.tag());
  ASSERT_TRUE(claims.take_new(first.path));
  journal.started({.id = first.id, .path = first.path, .seed = 7, .reserved = true});
  write_text(first.path, "made");
  const Picture again = planned({line("a")})[0];
  EXPECT_EQ(again.path, first.path);
  EXPECT_TRUE(again.replaces);
  EXPECT_FALSE(again.done);
}

TEST_F(PlanTest, APictureCanHaveAnotherNumber) {
  Line a = line("a");
  const Picture picture = planned({a})[0];
  EXPECT_EQ(with_number(picture, a, 12), folder_.path() / "012-7.png");
  a.output = folder_ / "{seed}.png";
  EXPECT_EQ(with_number(picture, a, 12), std::nullopt);
}

TEST_F(PlanTest, GroupsHoldWhatFitsTogether) {
  std::vector<Line> lines{line("a"), line("b"), line("c"), line("d"), line("e")};
  lines[1].group = "h";
  lines[2].model = "n";
  EXPECT_THAT(groups_to_make(planned(lines), lines, 2),
              ElementsAre(ElementsAre(0, 3), ElementsAre(1), ElementsAre(4), ElementsAre(2)));
  EXPECT_THAT(groups_to_make(planned(lines), lines, 1).size(), 5u);
}

TEST_F(PlanTest, ChangesToAModelAreMadeOnceEach) {
  std::vector<Line> lines{line("a"), line("b"), line("c"), line("d"), line("e")};
  lines[1].adapters = lines[3].adapters = "x";
  lines[1].group = "h";
  lines[3].group = "i";
  lines[4].model = "n";
  EXPECT_THAT(groups_to_make(planned(lines), lines, 2),
              ElementsAre(ElementsAre(0, 2), ElementsAre(1), ElementsAre(3), ElementsAre(4)));
}

TEST_F(PlanTest, WhatIsDoneIsInNoGroup) {
  const std::vector<Line> lines{line("a"), line("b")};
  make(lines);
  EXPECT_THAT(groups_to_make(planned(lines), lines, 2), IsEmpty());
}

}  // namespace
}  // namespace velatura::batch
