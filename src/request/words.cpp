#include "request/words.h"

namespace velatura::request {
namespace {

std::string joined(const std::vector<std::string>& words, const std::string& last) {
  std::string text;
  for (const std::string& word : words) {
    if (!text.empty()) text += &word == &words.back() ? last : ", ";
    text += word;
  }
  return text;
}

}  // namespace

std::string in_a_row(const std::vector<std::string>& words) {
  return joined(words, ", ");
}

std::string either(const std::vector<std::string>& words) {
  return joined(words, " or ");
}

}  // namespace velatura::request
