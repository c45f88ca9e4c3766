#include "core/failed_download.h"

#include <gmock/gmock.h>

#include <string>

namespace velatura {
namespace {

using ::testing::EndsWith;
using ::testing::StartsWith;

std::span<const std::byte> bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text));
}

// What is said of a file, without how it begins; "" for nothing.
std::string found(const std::string& file) {
  const auto message = failed_download(bytes_of(file));
  if (!message) return "";
  const std::string start = "this is a failed download: ";
  EXPECT_THAT(*message, StartsWith(start));
  EXPECT_EQ(message->find('\n'), std::string::npos);
  return message->substr(start.size());
}

TEST(FailedDownload, QuotesWhatServersSay) {
  for (const std::string answer :
       {"Entry not found", "Repository not found", "Not Found", "404: Not Found",
        "Access to model org/name is restricted. You must be authenticated to access it.",
        "Invalid username or password.", "Unauthorized", "Rate limit exceeded", "Forbidden",
        R"({"error":"Unauthorized"})", R"({"code": 7, "message": "No such object"})",
        R"({"detail": null})", R"([{"error": "gone"}])", "HTTP/1.1 403 Forbidden"}) {
    EXPECT_EQ(found(answer), "the server said '" + answer.substr(0, 100) + "'");
  }
  EXPECT_EQ(found("\xEF\xBB\xBF\n Not found:\n x.bin\r\n"), "the server said 'Not found:  x.bin'");
  EXPECT_THAT(found(R"({"error": ")" + std::string(300, 'x') + R"("})"), EndsWith("xxx…'"));
}

TEST(FailedDownload, SaysWhatIsInPages) {
  EXPECT_EQ(found("<!DOCTYPE html><html><title>Sign in\n</title>"),
            "a web page, 'Sign in'; download the file itself");
  EXPECT_EQ(found("\n<HTML><body>"), "a web page; download the file itself");
  const std::string denied =
      "<Error><Code>AccessDenied</Code><Message>Access Denied</Message><RequestId>1</RequestId>"
      "</Error>";
  EXPECT_EQ(found(denied), "the server said 'AccessDenied: Access Denied'");
  EXPECT_EQ(found("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + denied),
            "the server said 'AccessDenied: Access Denied'");
  EXPECT_EQ(found("<?xml version=\"1.0\"?><Error><Code>NoSuchKey</Code></Error>"),
            "the server said 'NoSuchKey'");
}

TEST(FailedDownload, KnowsPointersAndWhatIsNothing) {
  EXPECT_THAT(found("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 3\n"),
              StartsWith("a Git LFS pointer, not the file itself: run `git lfs pull`"));
  EXPECT_THAT(found("/annex/objects/SHA256E-s3--0"), StartsWith("a git-annex pointer"));
  EXPECT_EQ(found(""), "the file is empty");
  EXPECT_EQ(found(std::string(64, '\0')), "there are only zeros in it");
  EXPECT_EQ(found(std::string(9000, '\0') + "x"), "there are only zeros at its beginning");
}

TEST(FailedDownload, LeavesAloneWhatMayBeMeant) {
  for (const std::string& file :
       {std::string("no picture"), std::string(R"({"_class_name": "AutoencoderKL"})"),
        std::string(R"({"weight_map": {}})"), std::string(R"({"error": 17, "message": 18})"),
        std::string("{}"), std::string("[1, 2]"), std::string("model:\n  target: error\n"),
        std::string("\x89PNG\r\n\x1A\n"), std::string("Not found\x01"),
        "Not found " + std::string(2000, 'x'), std::string("<?xml version=\"1.0\"?><svg></svg>")}) {
    EXPECT_EQ(found(file), "") << file;
  }
}

TEST(PlainText, MayEndWithinACharacter) {
  EXPECT_TRUE(is_plain_text(bytes_of("a\n\xE7\x8C\xAB")));
  EXPECT_TRUE(is_plain_text(bytes_of("a\n\xE7\x8C")));
  EXPECT_FALSE(is_plain_text(bytes_of("a\x01")));
  EXPECT_FALSE(is_plain_text(bytes_of("\xFFxxxxx")));
}

}  // namespace
}  // namespace velatura
