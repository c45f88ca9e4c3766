#include "fuzz/fuzzer.h"
#include "image/parameters_text.h"

using namespace velatura;

void fuzz(testing::Input input) {
  format_parameters(parse_parameters(input.text()));
}
