#include "core/data_url.h"

#include <gmock/gmock.h>

#include "velatura/error.h"

namespace velatura {
namespace {

TEST(DataUrl, HoldsTheBytesOfItsBase64) {
  for (const char* base64 : {"aGVsbG8=", "aGVsbG8", "aGVs\nbG8=\n", " aGVsbG8= "}) {
    EXPECT_EQ(bytes_of_data_url("data:image/png;base64," + std::string(base64), "x"), "hello");
    EXPECT_EQ(bytes_of_data_url(data_url(base64), "x"), "hello");
  }
  EXPECT_EQ(bytes_of_data_url("data:;base64,", "x"), "");
  EXPECT_EQ(bytes_of_data_url("data:;base64,AAH/", "x"), std::string("\0\1\xFF", 3));
  EXPECT_TRUE(is_data_url("data:;base64,AA"));
  EXPECT_FALSE(is_data_url("data/a.png"));
}

TEST(DataUrl, WhatIsNoBase64IsRefused) {
  for (const char* url : {"data:;base64,a", "data:;base64,a-b_", "data:;base64,aGVs*",
                          "data:,hello", "data:;base64", "data:image/png,aGVsbG8="}) {
    EXPECT_THAT([&] { bytes_of_data_url(url, "the picture"); },
                ::testing::ThrowsMessage<InputError>(::testing::StartsWith("the picture: ")))
        << url;
  }
}

}  // namespace
}  // namespace velatura
