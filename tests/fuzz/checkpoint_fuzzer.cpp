#include <ATen/ATen.h>

#include "fuzz/fuzzer.h"
#include "weights/formats/checkpoint.h"

using namespace velatura;

// A weight file of any format, and every element of its tensors.
void fuzz(testing::Input input) {
  static const testing::MemoryFolder folder;
  folder.write("m", input.text());
  testing::accepts_or_refuses([&] {
    const auto source = weights::open_checkpoint(folder.path() / "m").source;
    for (const auto& name : source->names()) source->load(name).clone();
  });
}
