#include <gtest/gtest.h>

#include <set>

#include "selftest/check.h"

namespace velatura::selftest {
namespace {

TEST(AllChecks, PassOnTheCpuButForWhatTheMachineCannotAnswer) {
  std::set<std::string> names, skipped;
  for (const Check& check : all_checks()) {
    SCOPED_TRACE(check.name);
    EXPECT_TRUE(names.insert(check.name).second) << "a name that is used twice";
    const Row row = run_check(check, at::kCPU);
    EXPECT_EQ(row.name, check.name);
    EXPECT_NE(row.finding.outcome, Outcome::failed) << row.finding.detail;
    EXPECT_FALSE(row.finding.detail.empty());
    EXPECT_EQ(row.finding.detail.find('\n'), std::string::npos);
    if (row.finding.outcome == Outcome::skipped) skipped.insert(check.name);
  }
  for (const char* name :
       {"versions", "device", "tokenizer", "samplers", "text encoder figures", "unet bfloat16",
        "vae float16", "attention", "convolution", "linear", "repeat", "png", "atomic write"}) {
    EXPECT_TRUE(names.contains(name)) << name;
  }
  skipped.erase("tokenizer");  // where the vocabulary has not been fetched
  EXPECT_EQ(skipped, (std::set<std::string>{"GPU kernels", "GPU graph", "text encoder float32",
                                            "unet float32", "vae float32"}));
}

}  // namespace
}  // namespace velatura::selftest
