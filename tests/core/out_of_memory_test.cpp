#include "core/out_of_memory.h"

#include <c10/core/CPUAllocator.h>
#include <c10/util/Exception.h>
#include <gtest/gtest.h>

#include <new>

namespace velatura {
namespace {

std::string message_of(const std::exception& error) {
  const auto exhausted = out_of_memory(error);
  return exhausted ? exhausted->what() : "";
}

c10::Error torch_error(const std::string& text) {
  return {{__func__, __FILE__, __LINE__}, text};
}

const std::string kComputer =
    "the computer ran out of memory: a smaller batch-size or picture needs less";
const std::string kGpu = "the GPU ran out of memory: a smaller batch-size or picture needs less";

}  // namespace

TEST(OutOfMemory, OfTheComputer) {
  EXPECT_EQ(message_of(std::bad_alloc()), kComputer);
  EXPECT_EQ(message_of(std::bad_array_new_length()), kComputer);
  try {
    c10::GetDefaultCPUAllocator()->allocate(std::size_t{1} << 62);
    FAIL();
  } catch (const std::exception& error) {
    EXPECT_EQ(message_of(error), kComputer) << error.what();
  }
}

TEST(OutOfMemory, OfTheGpu) {
  EXPECT_EQ(message_of(c10::OutOfMemoryError({__func__, __FILE__, __LINE__}, "CUDA out of memory")),
            kGpu);
  EXPECT_EQ(message_of(torch_error("CUDA error: out of memory\nmore")), kGpu);
  EXPECT_EQ(message_of(torch_error("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling …")), kGpu);
}

TEST(OutOfMemory, IsNoOtherError) {
  EXPECT_EQ(message_of(std::runtime_error("another")), "");
  EXPECT_EQ(message_of(torch_error("CUDA error: an illegal memory access")), "");
}

}  // namespace velatura
