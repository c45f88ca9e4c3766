#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

#include "terminal/encoders.h"
#include "terminal/from_base64.h"
#include "terminal/pictures.h"

namespace velatura::testing {
namespace {

using terminal::iterm2;
using terminal::kitty;

struct Command {
  std::string keys;
  std::string payload;
};

// All of the text must be commands.
std::vector<Command> kitty_commands(std::string text) {
  static const std::regex command("\033_G([^;]*);([^\033]*)\033\\\\");
  std::vector<Command> commands;
  for (std::smatch found; std::regex_search(text, found, command); text = found.suffix()) {
    EXPECT_EQ(found.prefix(), "");
    commands.push_back({found[1], found[2]});
  }
  EXPECT_EQ(text, "");
  return commands;
}

TEST(Kitty, SendsThePngInChunks) {
  const Image image = noise(64, 40);  // 7680 bytes that do not compress: three chunks
  const auto commands = kitty_commands(kitty(image));
  ASSERT_EQ(commands.size(), 3u);
  std::string payload;
  for (const Command& command : commands) {
    EXPECT_LE(command.payload.size(), 4096u);
    EXPECT_EQ(command.payload.size() % 4, 0u);
    payload += command.payload;
  }
  EXPECT_EQ(commands[0].keys, "a=T,f=100,q=2,m=1");
  EXPECT_EQ(commands[1].keys, "m=1");
  EXPECT_EQ(commands[2].keys, "m=0");
  EXPECT_EQ(decode_image(from_base64(payload), "payload").pixels, image.pixels);
}

TEST(Kitty, OneChunkIsTheLast) {
  const auto commands = kitty_commands(kitty(noise(2, 2)));
  ASSERT_EQ(commands.size(), 1u);
  EXPECT_EQ(commands[0].keys, "a=T,f=100,q=2,m=0");
}

TEST(ITerm2, SendsThePngAndItsSize) {
  const Image image = noise(31, 17);
  static const std::regex command(
      "\033\\]1337;File=inline=1;size=([0-9]+);width=31px;height=17px:([A-Za-z0-9+/=]+)\a");
  const std::string text = iterm2(image);
  std::smatch found;
  ASSERT_TRUE(std::regex_match(text, found, command));
  const auto png = from_base64(found[2].str());
  EXPECT_EQ(std::to_string(png.size()), found[1]);
  EXPECT_EQ(decode_image(png, "payload").pixels, image.pixels);
}

}  // namespace
}  // namespace velatura::testing
