#include "core/failed_download.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "core/text.h"

namespace velatura {
namespace {

constexpr std::size_t kHead = 4096;
constexpr std::size_t kLongestAnswer = 1024;  ///< of a server that says it in words
constexpr std::size_t kExcerpt = 100;

// What files begin with that stand for another.
struct Pointer {
  std::string_view start, what;
};
constexpr auto kPointers = std::to_array<Pointer>(
    {{"version https://git-lfs",
      "a Git LFS pointer, not the file itself: run `git lfs pull` in its folder"},
     {"# xet version", "a Xet pointer, not the file itself"},
     {"/annex/objects/", "a git-annex pointer, not the file itself: run `git annex get`"},
     {"../.git/annex/", "a git-annex pointer, not the file itself: run `git annex get`"}});

// The first key of JSON with which servers say what went wrong; no config begins with one.
constexpr auto kErrorKeys =
    std::to_array<std::string_view>({"error", "errors", "error_code", "error_message", "message",
                                     "detail", "code", "statuscode", "status", "success", "msg"});

// How servers begin to say it in words.
constexpr auto kAnswers = std::to_array<std::string_view>({
    "entry not found",
    "repository not found",
    "revision not found",
    "model not found",
    "file not found",
    "resource not found",
    "object not found",
    "page not found",
    "not found",
    "400",
    "401",
    "403",
    "404",
    "429",
    "500",
    "502",
    "503",
    "504",
    "http/",
    "access to ",
    "access denied",
    "cannot access",
    "you are trying to access",
    "you must be authenticated",
    "invalid username",
    "invalid credentials",
    "unauthorized",
    "forbidden",
    "too many requests",
    "rate limit",
    "we had to rate limit",
    "request has expired",
    "bad request",
    "bad gateway",
    "gateway time",
    "service unavailable",
    "internal server error",
    "upstream connect error",
    "error",
});

std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string_view without_blanks(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  text = without_byte_order_mark(text);
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  const std::size_t last = text.find_last_not_of(kBlanks);
  return last == text.npos ? text : text.substr(0, last + 1);
}

// Between quotes and in one line, not too long.
std::string in_quotes(std::string_view text) {
  text = without_blanks(text);
  std::string line = "'";
  std::size_t i = 0;
  while (i < text.size() && line.size() < kExcerpt) {
    const auto c = next_code_point(text, i);
    if (!c) ++i;
    append_utf8(line, !c ? 0xFFFD : *c < 0x20 || *c == 0x7F ? ' ' : *c);
  }
  return line + (i < text.size() ? "…'" : "'");
}

// What stands between <tag> and </tag>; empty if there is no such element.
std::string_view element(std::string_view text, std::string_view lower, const std::string& tag) {
  const std::size_t begin = lower.find("<" + tag + ">");
  if (begin == lower.npos) return {};
  const std::size_t from = begin + tag.size() + 2;
  const std::size_t end = lower.find("</" + tag + ">", from);
  return end == lower.npos ? std::string_view() : without_blanks(text.substr(from, end - from));
}

std::optional<std::string> web_page(std::string_view text, std::string_view lower) {
  const bool is_page = lower.starts_with("<!doctype html") || lower.starts_with("<html") ||
                       lower.starts_with("<head") ||
                       (lower.starts_with("<") && lower.find("<html") != lower.npos);
  if (!is_page) return std::nullopt;
  const std::string_view title = element(text, lower, "title");
  return "a web page" + (title.empty() ? "" : ", " + in_quotes(title)) +
         "; download the file itself";
}

std::optional<std::string> xml_answer(std::string_view text, std::string_view lower) {
  if (!lower.starts_with("<?xml") && !lower.starts_with("<error")) return std::nullopt;
  const std::string_view code = element(text, lower, "code");
  if (code.empty() && lower.find("<error") == lower.npos) return std::nullopt;
  const std::string_view message = element(text, lower, "message");
  if (code.empty() && message.empty()) return "the server said " + in_quotes(text);
  return "the server said " +
         in_quotes(std::string(code) + (code.empty() || message.empty() ? "" : ": ") +
                   std::string(message));
}

// The value that a key at `at` has, up to the end of the text; empty if no value follows.
std::string_view value_behind(std::string_view text, std::size_t at) {
  const std::size_t end = text.find('"', at + 1);
  if (end == text.npos) return {};
  const std::string_view rest = without_blanks(text.substr(end + 1));
  return rest.starts_with(":") ? without_blanks(rest.substr(1)) : std::string_view();
}

// True where a key of that name has a text.
bool says(std::string_view lower, const std::string& key) {
  const std::size_t at = lower.find("\"" + key + "\"");
  return at != lower.npos && value_behind(lower, at).starts_with("\"");
}

// Vocabularies have such keys, too, but numbers alone behind them.
bool is_json_answer(std::string_view lower) {
  if (lower.starts_with("[")) lower = without_blanks(lower.substr(1));
  if (!lower.starts_with("{")) return false;
  const std::string_view rest = without_blanks(lower.substr(1));
  if (!rest.starts_with("\"")) return false;
  const std::string_view key = rest.substr(1, rest.find('"', 1) - 1);
  if (std::ranges::find(kErrorKeys, key) == kErrorKeys.end()) return false;
  const std::string_view value = value_behind(rest, 0);
  const bool is_number =
      value.empty() || std::string_view("-0123456789").find(value[0]) != value.npos;
  return !is_number || says(rest, "message") || says(rest, "error") || says(rest, "detail") ||
         says(rest, "msg");
}

bool is_answer_in_words(std::string_view lower) {
  return lower.size() <= kLongestAnswer &&
         std::ranges::any_of(kAnswers, [&](auto start) { return lower.starts_with(start); });
}

std::optional<std::string> content(std::span<const std::byte> file) {
  if (file.empty()) return "the file is empty";
  const auto head = file.first(std::min(file.size(), kHead));
  if (std::ranges::all_of(head, [](std::byte byte) { return byte == std::byte{0}; }))
    return "there are only zeros" +
           std::string(head.size() < file.size() ? " at its beginning" : " in it");
  if (!is_plain_text(head)) return std::nullopt;
  const std::string_view text = without_blanks(as_text(head));
  const std::string lower = in_lower_case(text);
  for (const auto& [start, what] : kPointers) {
    if (lower.starts_with(start)) return std::string(what);
  }
  if (auto page = web_page(text, lower)) return page;
  if (auto answer = xml_answer(text, lower)) return answer;
  const bool whole = head.size() == file.size();
  if (is_json_answer(lower) || (whole && is_answer_in_words(lower)))
    return "the server said " + in_quotes(text);
  return std::nullopt;
}

}  // namespace

std::optional<std::string> failed_download(std::span<const std::byte> file) {
  auto found = content(file);
  if (found) found->insert(0, "this is a failed download: ");
  return found;
}

bool is_plain_text(std::span<const std::byte> bytes) {
  constexpr std::size_t kLongestCharacter = 4;
  const std::string_view text = as_text(bytes);
  for (std::size_t i = 0; i < text.size();) {
    const auto c = next_code_point(text, i);
    if (!c) return text.size() - i < kLongestCharacter && i > 0;
    if (*c < 0x20 && *c != '\t' && *c != '\n' && *c != '\r' && *c != '\f') return false;
  }
  return true;
}

std::string text_excerpt(std::span<const std::byte> text) {
  return in_quotes(as_text(text.first(std::min(text.size(), kHead))));
}

}  // namespace velatura
