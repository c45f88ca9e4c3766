#include "fuzz/fuzzer.h"
#include "weights/layouts/original_config.h"

using namespace velatura;

void fuzz(testing::Input input) {
  static const testing::MemoryFolder folder;
  folder.write("m.yaml", input.text());
  testing::accepts_or_refuses([&] { weights::read_original_config(folder.path() / "m.yaml"); });
}
