#include "core/sha256.h"

#include <gtest/gtest.h>

#include <vector>

namespace velatura {
namespace {

// FIPS 180-4's own examples.
TEST(Sha256OfBytes, IsThatOfTheStandard) {
  EXPECT_EQ(sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST(Sha256OfBytes, IsTheSameInPieces) {
  const std::vector<std::byte> bytes(1000, std::byte{7});
  Sha256 pieces;
  for (std::size_t begin = 0; begin < bytes.size(); begin += 130) {
    pieces.add(std::span(bytes).subspan(begin, std::min<std::size_t>(130, bytes.size() - begin)));
  }
  EXPECT_EQ(pieces.hex(), sha256(bytes));
}

}  // namespace
}  // namespace velatura
