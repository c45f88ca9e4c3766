#include "core/python_json.h"

#include <gtest/gtest.h>

namespace velatura {
namespace {

TEST(JsonFromPython, MakesBareWordsNull) {
  EXPECT_EQ(json_from_python(R"({"a": NaN, "b": [-Infinity, Infinity]})"),
            R"({"a": null, "b": [null, null]})");
}

TEST(JsonFromPython, LeavesTextsAlone) {
  for (const char* text : {R"({"NaN": "Infinity"})", R"(["\"NaN", "\\", 1e5])", R"("\)", ""}) {
    EXPECT_EQ(json_from_python(text), text);
  }
}

}  // namespace
}  // namespace velatura
