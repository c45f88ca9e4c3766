#include "samplers/beta_distribution.h"

#include <gtest/gtest.h>

namespace velatura::samplers {
namespace {

// scipy.stats.beta.ppf(p, 0.6, 0.6), scipy.stats.beta.ppf(p, 0.6, 2.0)
struct Row {
  double probability, symmetric, skewed;
};

TEST(BetaQuantile, EqualsScipy) {
  for (const Row& row : {Row{1e-06, 1.8558824624053043e-10, 4.5687777160880602e-11},
                         Row{0.001, 1.855873851745199e-05, 4.5687907621057939e-06},
                         Row{0.01, 0.00086123882154290593, 0.00021209198993373725},
                         Row{0.1, 0.039584405588780847, 0.0099043675766418444},
                         Row{0.3, 0.23401700387523572, 0.063959924957965361},
                         Row{0.5, 0.50000000000000011, 0.15948571535855857},
                         Row{0.77, 0.84616241423235017, 0.38256683944827918},
                         Row{0.999, 0.99998144126148258, 0.95463669568280052},
                         Row{0.999999, 0.99999999981441179, 0.99855690218166304}}) {
    EXPECT_NEAR(beta_quantile(row.probability, 0.6, 0.6), row.symmetric, 1e-13 * row.symmetric);
    EXPECT_NEAR(beta_quantile(row.probability, 0.6, 2.0), row.skewed, 1e-13 * row.skewed);
  }
}

TEST(BetaQuantile, TakesTheEnds) {
  EXPECT_EQ(beta_quantile(0.0, 0.6, 0.6), 0.0);
  EXPECT_EQ(beta_quantile(1.0, 0.6, 0.6), 1.0);
}

}  // namespace
}  // namespace velatura::samplers
