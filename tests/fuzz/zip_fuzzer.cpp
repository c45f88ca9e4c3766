#include "fuzz/fuzzer.h"
#include "weights/formats/zip_archive.h"

using namespace velatura;

void fuzz(testing::Input input) {
  testing::accepts_or_refuses([&] {
    for (const auto& [name, content] : weights::read_zip(input.bytes, "fuzz")) {
      const auto begin = content.data() - input.bytes.data();
      if (begin < 0 || begin + content.size() > input.bytes.size()) std::abort();
    }
  });
}
