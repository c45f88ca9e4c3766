#include "batch/shard.h"

#include <gmock/gmock.h>

#include <map>

#include "velatura/error.h"

namespace velatura::batch {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;
using Variables = std::map<std::string, std::string>;

Shard chosen(const std::string& given, const Variables& variables = {}) {
  return choose_shard(given, [&](const std::string& name) {
    const auto found = variables.find(name);
    return found == variables.end() ? "" : found->second;
  });
}

Variables slurm(const char* id, const char* min, const char* max, const char* count,
                const char* step = "1") {
  return {{"SLURM_ARRAY_TASK_ID", id},
          {"SLURM_ARRAY_TASK_MIN", min},
          {"SLURM_ARRAY_TASK_MAX", max},
          {"SLURM_ARRAY_TASK_COUNT", count},
          {"SLURM_ARRAY_TASK_STEP", step}};
}

TEST(Shard, ShardsTakeEveryLineOnce) {
  for (std::size_t line = 0; line < 20; ++line) {
    int takers = 0;
    for (int i = 1; i <= 3; ++i) takers += Shard{i, 3}.has(line);
    EXPECT_EQ(takers, 1);
  }
}

TEST(Shard, NothingSaidIsAll) {
  EXPECT_TRUE(chosen("").is_all());
  EXPECT_TRUE(chosen("1/1", slurm("3", "0", "7", "8")).is_all());
}

TEST(Shard, TheCommandLineWins) {
  EXPECT_EQ(chosen("2/8").text(), "2/8");
  EXPECT_EQ(chosen("2/8", slurm("3", "0", "7", "8")).text(), "2/8");
}

TEST(Shard, SlurmsArraysSayIt) {
  EXPECT_EQ(chosen("", slurm("0", "0", "7", "8")).text(), "1/8");
  EXPECT_EQ(chosen("", slurm("8", "1", "8", "8")).text(), "8/8");
  EXPECT_EQ(chosen("", slurm("5", "1", "9", "5", "2")).text(), "3/5");
  EXPECT_EQ(chosen("", slurm("5", "1", "9", "5", "2")).source, "SLURM_ARRAY_TASK_ID");
  EXPECT_EQ(chosen("auto/16", slurm("3", "0", "7", "8")).text(), "4/16");
  EXPECT_THROW(chosen("", slurm("5", "1", "9", "3")), UsageError);  // --array=1,5,9
  EXPECT_THROW(chosen("", slurm("x", "1", "9", "9")), UsageError);
}

TEST(Shard, KubernetesDoesNotSayOfHowMany) {
  const Variables pod = {{"JOB_COMPLETION_INDEX", "3"}};
  EXPECT_EQ(chosen("auto/8", pod).text(), "4/8");
  EXPECT_THAT([&] { chosen("", pod); }, ThrowsMessage<UsageError>(HasSubstr("auto/N")));
  EXPECT_THAT([&] { chosen("auto/2", pod); }, ThrowsMessage<UsageError>(HasSubstr("beyond")));
  EXPECT_THAT([&] { chosen("auto/2"); }, ThrowsMessage<UsageError>(HasSubstr("neither")));
}

TEST(Shard, OtherTextsAreRefused) {
  for (const char* text : {"0/8", "9/8", "1/0", "1", "/", "1/", "/8", "a/8", "1/8x", "-1/8",
                           "1/2/3", "auto", "auto/0", "1/99999999"}) {
    EXPECT_THROW(chosen(text), UsageError) << text;
  }
}

}  // namespace
}  // namespace velatura::batch
