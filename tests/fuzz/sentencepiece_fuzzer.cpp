#include "fuzz/fuzzer.h"
#include "tokenizer/xlm_roberta_tokenizer.h"

using namespace velatura;

void fuzz(testing::Input input) {
  testing::accepts_or_refuses([&] {
    const tokenizer::XlmRobertaTokenizer tokenizer(input.text(), "fuzz");
    tokenizer.encode("A red cat, 12 caf\xC3\xA9s BC\xCC\x81 \xD0\xBA\xD0\xBE\xD1\x82 </s>", 77);
  });
}
