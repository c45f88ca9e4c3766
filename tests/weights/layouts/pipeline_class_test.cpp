#include "weights/layouts/pipeline_class.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace velatura::weights {
namespace {

TEST(PipelineClasses, AreFoundByName) {
  ASSERT_NE(find_pipeline_class("StableDiffusionUpscalePipeline"), nullptr);
  EXPECT_EQ(find_pipeline_class("FluxPipeline"), nullptr);
  EXPECT_THROW(pipeline_class("FluxPipeline"), std::logic_error);
  EXPECT_EQ(pipeline_class("StableDiffusionUpscalePipeline").vae_scaling_factor, 0.08333);
  EXPECT_EQ(pipeline_class("StableDiffusionPipeline").vae_scaling_factor, std::nullopt);
}

TEST(PipelineClasses, DeclareOnlyComponentsThatTheyMayHave) {
  for (const PipelineClass& pipeline : pipeline_classes()) {
    SCOPED_TRACE(pipeline.name);
    for (const std::string_view role : pipeline.declared) {
      EXPECT_FALSE(pipeline.component(role).required) << role;
    }
    EXPECT_THROW(pipeline.component("motion_adapter"), std::logic_error);
  }
}

TEST(PipelineClasses, RowsOfComponentsAreWhole) {
  for (const PipelineClass& pipeline : pipeline_classes()) {
    SCOPED_TRACE(pipeline.name);
    EXPECT_TRUE(std::ranges::is_partitioned(
        pipeline.components, [](const auto& component) { return component.required; }));
    for (const PipelineComponent& component : pipeline.components) {
      SCOPED_TRACE(component.role);
      const bool network = component.kind == ComponentKind::network;
      EXPECT_TRUE(!network || !component.class_name.empty());
      EXPECT_EQ(component.library.empty(), component.kind == ComponentKind::unused);
      if (component.kind == ComponentKind::processor) {
        EXPECT_EQ(pipeline.component(component.serves).kind, ComponentKind::network);
      }
    }
  }
}

}  // namespace
}  // namespace velatura::weights
