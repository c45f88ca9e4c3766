#include "fuzz/fuzzer.h"
#include "weights/formats/pickle.h"

using namespace velatura;

void fuzz(testing::Input input) {
  testing::accepts_or_refuses([&] {
    if (weights::read_pickle(input.bytes, "fuzz").size > input.bytes.size()) std::abort();
  });
}
