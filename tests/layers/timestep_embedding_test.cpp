#include "layers/timestep_embedding.h"

#include <ATen/ATen.h>

#include <cmath>

#include "support/compare.h"

namespace velatura::testing {

TEST(SinusoidalEmbedding, FollowsTheFormula) {
  const double t = 981.25;
  for (const bool flip : {false, true}) {
    for (const double shift : {0.0, 1.0}) {
      const auto found = layers::sinusoidal_embedding(at::tensor({t}), 8, flip, shift);
      std::vector<double> sines, cosines;
      for (int i = 0; i < 4; ++i) {
        const double frequency = std::pow(10000.0, -i / (4.0 - shift));
        sines.push_back(std::sin(t * frequency));
        cosines.push_back(std::cos(t * frequency));
      }
      auto expected = flip ? cosines : sines;
      const auto& rest = flip ? sines : cosines;
      expected.insert(expected.end(), rest.begin(), rest.end());
      EXPECT_TRUE(all_near(found, at::tensor(expected).unsqueeze(0), 1e-4));
    }
  }
}

}  // namespace velatura::testing
