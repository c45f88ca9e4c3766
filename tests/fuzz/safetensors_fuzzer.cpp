#include "fuzz/fuzzer.h"
#include "weights/formats/safetensors_header.h"

using namespace velatura;

void fuzz(testing::Input input) {
  testing::accepts_or_refuses([&] {
    const auto header = weights::parse_safetensors_header(input.bytes, "fuzz");
    // What is accepted covers the file and no more.
    std::uint64_t bytes = 0;
    for (const auto& [name, tensor] : header.tensors) {
      if (tensor.begin > tensor.end || tensor.end > input.bytes.size()) std::abort();
      bytes += tensor.end - tensor.begin;
    }
    if (bytes > input.bytes.size()) std::abort();
  });
}
