#include "cli/options.h"

#include <gtest/gtest.h>

#include "batch/list_options.h"
#include "request/fields.h"

namespace velatura::cli {
namespace {

TEST(Options, JobFilesKnowAllThatMayBeGivenSeveralTimes) {
  request::each_known_field([](const request::Field& field, const request::ConstPlace& place) {
    EXPECT_EQ(batch::is_list_option(field.name), request::is_list(place)) << field.name;
    for (const std::string_view other : field.others) {
      if (other.empty()) continue;
      EXPECT_EQ(batch::is_list_option(other), request::is_list(place)) << other;
    }
  });
}

TEST(Options, LongNamesAreAlsoWrittenWithUnderscores) {
  EXPECT_EQ(with_underscores("-g,--guidance-scale,--scale"),
            "-g,--guidance-scale,--scale,--guidance_scale");
  EXPECT_EQ(with_underscores("prompt,--prompt"), "prompt,--prompt");
}

TEST(Options, FlagsSayWhatTheyMayBe) {
  CLI::App command;
  bool json = false;
  add_flag(command, "Output", "-j,--json", json, "");
  const auto read = [&command](const std::string& line) { command.parse(line); };
  read("--json=yes");
  EXPECT_TRUE(json);
  read("-j");
  EXPECT_TRUE(json);
  for (const char* line : {"--json=maybe", "--json=2x", "--json=maybe --json"}) {
    try {
      read(line);
      ADD_FAILURE() << line;
    } catch (const UsageError& error) {
      EXPECT_EQ(error.field(), "json");
      EXPECT_TRUE(std::string(error.what()).ends_with(": expected true or false")) << error.what();
    }
  }
}

}  // namespace
}  // namespace velatura::cli
