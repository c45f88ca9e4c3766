#include "tokenizer/web_ui_syntax.h"

#include <gtest/gtest.h>

namespace velatura::tokenizer {
namespace {

TEST(WebUiSyntax, IsFoundWhereAWebUiReadsMoreThanText) {
  EXPECT_EQ(web_ui_syntax_in("a (red:1.3) circle"), "(red:1.3)");
  EXPECT_EQ(web_ui_syntax_in("(a (red circle: 1.2 ))"), "(red circle: 1.2 )");
  EXPECT_EQ(web_ui_syntax_in("a cat <lora:fur:0.8>, (x:2)"), "<lora:fur:0.8>");
  EXPECT_EQ(web_ui_syntax_in("a cat <hypernet:fur>"), "<hypernet:fur>");
  EXPECT_EQ(web_ui_syntax_in("a cat BREAK a dog"), "BREAK");
  EXPECT_EQ(web_ui_syntax_in("BREAK"), "BREAK");
}

TEST(WebUiSyntax, IsNotFoundInWhatPeopleWrite) {
  for (const char* prompt :
       {"", "a red circle", "a cat (sitting) on a mat", "time: 10:30)", "(see: the sea)", "a <b> c",
        "BREAKFAST", "a DAYBREAK", "<lora:open", "\\(red:1.3)", "(:1)"}) {
    EXPECT_EQ(web_ui_syntax_in(prompt), "") << prompt;
  }
}

}  // namespace
}  // namespace velatura::tokenizer
