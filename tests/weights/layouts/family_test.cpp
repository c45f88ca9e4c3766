#include "weights/layouts/family.h"

#include <gtest/gtest.h>

#include "weights/family_checkpoint.h"
#include "weights/files.h"
#include "weights/formats/checkpoint.h"
#include "weights/layouts/pipeline_class.h"

namespace velatura::weights {
namespace {

TEST(Families, HaveRowsThatAreWhole) {
  for (const Family& family : families()) {
    SCOPED_TRACE(family.name);
    EXPECT_NE(find_pipeline_class(family.pipeline_class), nullptr);
    EXPECT_NE(family.architecture, "");
    EXPECT_NE(family.implementation, "");
    ASSERT_FALSE(family.parts.empty());
    EXPECT_EQ(family.parts[0].role, "unet");
    EXPECT_TRUE(family.config("scheduler", "test").has("_class_name"));
    if (!family.v_scheduler.empty()) family.config(family.v_scheduler, "test");
    for (const OriginalPart& part : family.parts) {
      SCOPED_TRACE(part.role);
      for (const NameRule& rule : original_names(family, part)) {
        ASSERT_TRUE(rule.from.starts_with(part.tensors.prefix)) << rule.from;
      }
    }
  }
}

TEST(Families, HaveTheComponentsOfTheirPipelines) {
  for (const Family& family : families()) {
    SCOPED_TRACE(family.name);
    for (const PipelineComponent& component : pipeline_class(family.pipeline_class).components) {
      if (!component.required || component.kind != ComponentKind::network) continue;
      ASSERT_NE(family.find(component.role), nullptr) << component.role;
      EXPECT_EQ(family.find(component.role)->required, !component.replaceable) << component.role;
    }
    EXPECT_EQ(family.find("movq"), nullptr);
  }
}

// So that their order does not matter.
TEST(Families, NoFilePassesTheTestsOfTwo) {
  for (const Family& family : families()) {
    const testing::Folder folder;
    const auto tensors =
        testing::family_checkpoint(std::string(family.configs), family.in_channels);
    const auto file =
        open_checkpoint(folder.write("m.safetensors", testing::encoded(tensors))).source;
    int passed = 0;
    for (const Family& other : families()) {
      passed += evidence_for(other.tests, *file, file->names()).has_value() ? 1 : 0;
    }
    EXPECT_EQ(passed, 1) << family.name;
  }
}

}  // namespace
}  // namespace velatura::weights
