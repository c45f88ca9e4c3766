#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "pipelines/cases.h"
#include "pipelines/requests.h"
#include "velatura/generator.h"

namespace velatura::testing {
namespace {

/// Says that it has enough when it has been asked so often.
class Impatient : public Observer {
 public:
  explicit Impatient(int patience) : patience_(patience) {}
  void on_progress(const Progress& progress) override {
    if (progress.stage == Stage::denoise) ++steps;
  }
  bool cancelled() override { return ++asked > patience_; }

  int asked = 0, steps = 0;

 private:
  int patience_;
};

TEST(Interruption, IsAskedForAmidStepsAndWorkCanBeginAnew) {
  Generator generator({.model = VELATURA_FIXTURES "/models/tiny", .device = "cpu"});
  ImageToImage request;
  request.prompt = "a red cat";
  request.steps = 2;
  request.strength = 1;
  request.image = patterned(32, 32, 0);
  Impatient patient(1 << 30);
  const auto expected = generator.generate(request, &patient).front();
  EXPECT_GT(patient.asked, 100) << "between the parts of the networks";
  int amid_steps = 0;
  for (int patience = 0; patience < patient.asked; patience += 37) {
    Impatient impatient(patience);
    request.prompt = "a red cat, " + std::to_string(patience);  // which is not remembered
    EXPECT_THROW(generator.generate(request, &impatient), Interrupted) << patience;
    EXPECT_EQ(impatient.asked, patience + 1);
    amid_steps += impatient.steps == 1;
  }
  EXPECT_GE(amid_steps, 2);
  request.prompt = "a red cat";
  EXPECT_EQ(generator.generate(request).front().image.pixels, expected.image.pixels);
}

}  // namespace
}  // namespace velatura::testing
