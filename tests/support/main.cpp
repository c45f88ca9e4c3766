#include <gtest/gtest.h>

#include "core/end_process.h"

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  velatura::end_process(RUN_ALL_TESTS());
}
