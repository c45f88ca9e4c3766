#include "tokenizer/encoding.h"

namespace velatura::tokenizer {

std::string shortfall(const Encoding& encoding, const std::string& name,
                      const std::string& reader) {
  if (encoding.dropped.empty()) return "";
  return "the " + name + " has " + std::to_string(encoding.tokens) + " tokens, the " + reader +
         " reads " + std::to_string(encoding.ids.size() - 2) + "; left out: \"" + encoding.dropped +
         "\"";
}

}  // namespace velatura::tokenizer
