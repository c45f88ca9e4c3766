#include "cli/field_options.h"

#include <gtest/gtest.h>

#include <optional>

#include "velatura/error.h"

namespace velatura::cli {
namespace {

PictureOptions parsed(std::vector<std::string> arguments) {
  CLI::App command;
  const auto draft = std::make_shared<Draft>(draft_of("txt2img"));
  add_draft_options(command, draft);
  std::ranges::reverse(arguments);
  command.parse(arguments);
  return draft->options;
}

TEST(PictureOptions, VaeTilesAreAutomaticOffOrASize) {
  EXPECT_EQ(parsed({}).machine.vae_tile, std::nullopt);
  EXPECT_EQ(parsed({"--vae-tile", "auto"}).machine.vae_tile, std::nullopt);
  EXPECT_EQ(parsed({"--vae-tile", "off"}).machine.vae_tile, 0);
  EXPECT_EQ(parsed({"--vae-tile", "512"}).machine.vae_tile, 512);
  for (const char* text : {"on", "12x", "-8", "0", ""}) {
    EXPECT_THROW(parsed({"--vae-tile", text}), UsageError) << text;
  }
}

TEST(PictureOptions, TheVaesNumberTypeIsItsOwn) {
  const auto options = parsed({"--dtype", "float16", "--vae-dtype", "bfloat16"});
  EXPECT_EQ(options.machine.dtype, DType::float16);
  EXPECT_EQ(options.machine.vae_dtype, DType::bfloat16);
  EXPECT_EQ(parsed({"--dtype", "float16"}).machine.vae_dtype, DType::automatic);
}

TEST(PictureOptions, ShowTakesAValueOnlyBehindAnEqualsSign) {
  using terminal::Protocol;
  EXPECT_EQ(parsed({}).show, Protocol::none);
  EXPECT_EQ(parsed({"--show"}).show, std::nullopt);
  EXPECT_EQ(parsed({"--show", "sixel"}).show, std::nullopt);  // that is the prompt
  EXPECT_EQ(parsed({"--show=auto"}).show, std::nullopt);
  EXPECT_EQ(parsed({"--show=sixel"}).show, Protocol::sixel);
  EXPECT_EQ(parsed({"--show=blocks"}).show, Protocol::half_blocks);
  EXPECT_EQ(parsed({"--show=off"}).show, Protocol::none);
  EXPECT_THROW(parsed({"--show=ascii"}), UsageError);
}

}  // namespace
}  // namespace velatura::cli
