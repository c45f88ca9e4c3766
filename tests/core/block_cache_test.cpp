#include "core/block_cache.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace velatura {
namespace {

constexpr std::int64_t kMiB = std::int64_t{1} << 20;

at::Tensor bytes(std::int64_t count) {
  return at::empty({count}, at::kByte);
}

// Memory of this process that is in use, in MiB.
std::int64_t resident() {
  std::int64_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages >> pages;
  return pages * sysconf(_SC_PAGESIZE) / kMiB;
}

class BlockCache : public ::testing::Test {
 protected:
  void SetUp() override { use_block_cache(); }
};

TEST_F(BlockCache, GivesTheSameMemoryAgain) {
  void* first = bytes(5 * kMiB).data_ptr();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(bytes(5 * kMiB).data_ptr(), first);
  // Other memory that is freed in between changes nothing.
  void* other = bytes(9 * kMiB).data_ptr();
  EXPECT_EQ(bytes(5 * kMiB).data_ptr(), first);
  EXPECT_EQ(bytes(9 * kMiB).data_ptr(), other);
}

TEST_F(BlockCache, TakesABlockOnlyIfItFits) {
  auto held = bytes(16 * kMiB);
  void* block = held.data_ptr();
  held = at::Tensor();
  EXPECT_NE(bytes(17 * kMiB).data_ptr(), block) << "too small";
  EXPECT_NE(bytes(8 * kMiB).data_ptr(), block) << "far too large";
  EXPECT_EQ(bytes(15 * kMiB).data_ptr(), block);
  const auto first = bytes(16 * kMiB), second = bytes(16 * kMiB);
  EXPECT_NE(first.data_ptr(), second.data_ptr());
}

TEST_F(BlockCache, IsAlignedForEverySize) {
  for (const std::int64_t size : {std::int64_t{0}, std::int64_t{1}, kMiB - 1, kMiB, kMiB + 1,
                                  3 * kMiB + 7, 64 * kMiB, 65 * kMiB + 1}) {
    auto tensor = bytes(size);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(tensor.data_ptr()) % 64, 0u) << size;
    if (size > 0) {
      tensor.fill_(7);
      EXPECT_EQ(tensor[size - 1].item<int>(), 7);
    }
  }
}

TEST_F(BlockCache, GivesBackWhatIsMoreThanShallLieIdle) {
  const auto before = resident();
  {
    std::vector<at::Tensor> tensors;
    for (int i = 0; i < 12; ++i) tensors.push_back(bytes(32 * kMiB).fill_(1));
    EXPECT_GE(resident() - before, 12 * 32 - 8);
  }
  EXPECT_LE(resident() - before, 224 + 16);
  EXPECT_GE(resident() - before, 64) << "nothing was kept";
}

// Whether this memory is to be in huge pages; nothing where the kernel has none.
std::optional<bool> in_huge_pages(const void* data) {
  std::ifstream maps("/proc/self/smaps");
  const auto address = reinterpret_cast<std::uintptr_t>(data);
  bool here = false;
  for (std::string line; std::getline(maps, line);) {
    std::uintptr_t begin = 0, end = 0;
    if (std::sscanf(line.c_str(), "%lx-%lx ", &begin, &end) == 2) {
      here = begin <= address && address < end;
    } else if (here && line.starts_with("VmFlags:")) {
      return line.find(" hg") != std::string::npos;
    }
  }
  return std::nullopt;
}

TEST_F(BlockCache, LargeBlocksAreInHugePagesUnlessTheyAreKept) {
  const auto middle = [](const at::Tensor& tensor) {
    return static_cast<const std::byte*>(tensor.const_data_ptr()) + 40 * kMiB;
  };
  const at::Tensor used_again = bytes(80 * kMiB);
  if (!in_huge_pages(middle(used_again)).value_or(false)) GTEST_SKIP() << "there are no huge pages";
  at::Tensor kept;
  {
    const KeptMemory outer;
    { const KeptMemory inner; }
    kept = bytes(80 * kMiB);
  }
  EXPECT_EQ(in_huge_pages(middle(kept)), false);
  EXPECT_EQ(in_huge_pages(middle(bytes(80 * kMiB))), true);
}

TEST_F(BlockCache, TensorsSurviveAcrossThreads) {
  constexpr int kThreads = 4, kEach = 25;
  std::vector<std::vector<at::Tensor>> made(kThreads);
  const auto in_threads = [](const auto& work) {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) threads.emplace_back([&work, t] { work(t); });
  };
  in_threads([&](int t) {
    for (int i = 0; i < kEach; ++i) {
      const auto gone = bytes(kMiB + 4096 * i).fill_(255);
      made[static_cast<std::size_t>(t)].push_back(bytes(kMiB + 4096 * i).fill_(t * kEach + i));
    }
  });
  // Each thread checks and frees what another one has made, and takes memory meanwhile.
  in_threads([&](int t) {
    auto& tensors = made[static_cast<std::size_t>((t + 1) % kThreads)];
    for (int i = kEach - 1; i >= 0; --i) {
      const auto more = bytes(kMiB + 8192 * i).fill_(255);
      const auto tensor = std::move(tensors.back());
      tensors.pop_back();
      EXPECT_TRUE(tensor.eq((t + 1) % kThreads * kEach + i).all().item<bool>());
    }
  });
}

}  // namespace
}  // namespace velatura
