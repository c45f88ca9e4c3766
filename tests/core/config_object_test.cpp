#include "core/config_object.h"

#include <gtest/gtest.h>

#include <fstream>

namespace velatura::testing {
namespace {

std::string message(const std::function<void()>& act) {
  try {
    act();
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

ConfigObject sample() {
  return {"unet/config.json",
          {{"count", 3},
           {"name", "x"},
           {"flag", true},
           {"ratio", 0.5},
           {"nothing", nullptr},
           {"_v", 1}}};
}

}  // namespace

TEST(ConfigObject, ReadsValuesAndDefaults) {
  auto config = sample();
  EXPECT_EQ(config.get("count", 1), 3);
  EXPECT_EQ(config.get("absent", 7), 7);
  EXPECT_EQ(config.get("nothing", 7), 7);
  EXPECT_EQ(config.require<std::string>("name"), "x");
  EXPECT_DOUBLE_EQ(config.get("count", 0.5), 3.0);
}

TEST(ConfigObject, NamesWhatIsWrong) {
  auto config = sample();
  EXPECT_EQ(message([&] { config.get("name", 1); }),
            "unet/config.json: name is \"x\", expected a whole number");
  EXPECT_EQ(message([&] { config.get("ratio", 1); }),
            "unet/config.json: ratio is 0.5, expected a whole number");
  EXPECT_EQ(message([&] { config.get("count", false); }),
            "unet/config.json: count is 3, expected true or false");
  EXPECT_EQ(message([&] { config.require<int>("nothing"); }),
            "unet/config.json: nothing is missing");
  EXPECT_EQ(message([&] { config.only("flag", false); }),
            "unet/config.json: flag is true, expected false (not supported yet)");
  EXPECT_EQ(message([&] { config.reject("absent", "a miracle"); }),
            "unet/config.json: absent is absent, expected a miracle");
}

TEST(ConfigObject, RefusesKeysNobodyRead) {
  auto config = sample();
  config.get("count", 0);
  config.only("flag", true);
  config.ignore({"name"});
  EXPECT_EQ(message([&] { config.finish(); }), "unet/config.json: not supported: ratio = 0.5");
  config.get("ratio", 0.0);
  EXPECT_EQ(message([&] { config.finish(); }), "");
}

TEST(ParseJson, SaysTheLine) {
  EXPECT_EQ(message([] { parse_json("{\n \"a\": 1,\n}", "f.json"); }).substr(0, 24),
            "f.json:3: not valid JSON");
  EXPECT_NE(message([] { parse_json("", "f.json"); }), "");
  EXPECT_NE(message([] { ConfigObject("f.json", nlohmann::json::array()); }), "");
}

TEST(ParseJson, BoundsTheDepth) {
  const std::string deep(100'000, '[');
  EXPECT_EQ(message([&] { parse_json(deep, "f.json"); }), "f.json: JSON nested deeper than 64");
  EXPECT_EQ(message([] { parse_json("\"[[[[\"", "f.json"); }), "");
}

TEST(ParseJson, RefusesNumbersThatNothingHolds) {
  EXPECT_EQ(message([] { parse_json("[1e999]", "f.json"); }),
            "f.json: a number in it is beyond what a double can hold");
}

}  // namespace velatura::testing
