#include "core/available_memory.h"

#include <gtest/gtest.h>

#include "support/run_program.h"

namespace velatura {
namespace {

namespace fs = std::filesystem;

class AvailableMemory : public ::testing::Test {
 protected:
  AvailableMemory() {
    write("proc/meminfo", "MemTotal:  100 kB\nMemFree:  1 kB\nMemAvailable:   50 kB\n");
  }
  void write(const std::string& name, const std::string& text) const {
    fs::create_directories(fs::path(folder_ / name).parent_path());
    testing::write_text(folder_ / name, text);
  }
  void limit(const std::string& group, const std::string& most, const std::string& used,
             const std::string& stat) const {
    write(group + "/memory.max", most + "\n");
    write(group + "/memory.current", used + "\n");
    write(group + "/memory.stat", stat);
  }
  std::uint64_t found() const { return available_memory(folder_ / "proc", folder_ / "cgroup"); }

  testing::TemporaryFolder folder_;
};

TEST_F(AvailableMemory, IsTheMachinesWithoutGroups) {
  EXPECT_EQ(found(), 50u * 1024);
  EXPECT_EQ(available_memory(folder_ / "none", folder_ / "none"), 0u);
  EXPECT_GT(available_memory(), 0u);
}

TEST_F(AvailableMemory, IsWhatTheGroupsOfVersion2Leave) {
  write("proc/self/cgroup", "0::/a/b\n");
  limit("cgroup/a/b", "max", "9000", "");
  EXPECT_EQ(found(), 50u * 1024);
  limit("cgroup/a", "10000", "9000", "anon 1000\ninactive_file 3000\nactive_file 500\n");
  EXPECT_EQ(found(), 4500u) << "files that are kept can be let go of";
  limit("cgroup/a/b", "2000", "3000", "inactive_file 100\n");
  EXPECT_EQ(found(), 0u + 0u);
}

TEST_F(AvailableMemory, IsWhatTheGroupOfAContainerLeaves) {
  write("proc/self/cgroup", "0::/docker/0123\n");
  limit("cgroup", "20000", "5000", "");
  EXPECT_EQ(found(), 15000u);
}

TEST_F(AvailableMemory, IsWhatTheGroupsOfVersion1Leave) {
  write("proc/self/cgroup", "12:cpu,cpuacct:/x\n4:memory:/job/7\n0::/x\n");
  write("cgroup/memory/job/7/memory.limit_in_bytes", "9223372036854771712\n");
  write("cgroup/memory/job/7/memory.usage_in_bytes", "100\n");
  EXPECT_EQ(found(), 50u * 1024);
  write("cgroup/memory/job/memory.limit_in_bytes", "7000\n");
  write("cgroup/memory/job/memory.usage_in_bytes", "6000\n");
  write("cgroup/memory/job/memory.stat", "inactive_file 1\ntotal_inactive_file 2000\n");
  EXPECT_EQ(found(), 3000u);
}

}  // namespace
}  // namespace velatura
