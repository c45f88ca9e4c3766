#include "inspection/single_file_check.h"

#include <gmock/gmock.h>

#include "velatura/error.h"

namespace velatura::inspection {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

class SingleFileCheck : public ::testing::Test {
 protected:
  void set(ConfigObject& config, const std::string& key, const nlohmann::json& value) {
    config = config.with(key, value);
  }
  const weights::ModelFiles model =
      weights::open_model(VELATURA_FIXTURES "/models/tiny-depth-estimator");
  weights::ModelFiles read = model;
};

TEST_F(SingleFileCheck, TheSameModelComesBack) {
  set(read.part("unet").config, "sample_size", 96);  // changes nothing in what is computed
  EXPECT_NO_THROW(check_comes_back(model, read));
  EXPECT_EQ(lost_settings(model, read), "");
}

TEST_F(SingleFileCheck, ATextsEndMayBeNamedOrTheVocabularysLast) {
  const auto of_text = [](auto& files) -> auto& {
    return files.part("text_encoder").config;
  };
  weights::ModelFiles named = model;
  const auto last = of_text(named).json().at("vocab_size").get<std::int64_t>() - 1;
  set(of_text(named), "eos_token_id", last);
  set(of_text(read), "eos_token_id", 2);
  EXPECT_NO_THROW(check_comes_back(named, read));
  auto unsaid = of_text(model).json();  // as transformers leaves out what is its default
  unsaid.erase("eos_token_id");
  unsaid.erase("vocab_size");
  auto said = unsaid;
  said["eos_token_id"] = 2;
  weights::ModelFiles short_one = model, read_one = model;
  of_text(short_one) = ConfigObject("c", unsaid);
  of_text(read_one) = ConfigObject("c", said);
  EXPECT_NO_THROW(check_comes_back(short_one, read_one));
  set(of_text(named), "eos_token_id", last - 1);
  EXPECT_THAT([&] { check_comes_back(named, read); },
              ThrowsMessage<InputError>(HasSubstr("eos_token_id is " + std::to_string(last - 1))));
}

TEST_F(SingleFileCheck, NamesThePartAndTheSettingsThatWouldDiffer) {
  set(read.part("vae").config, "scaling_factor", 0.25);
  EXPECT_THAT([&] { check_comes_back(model, read); },
              ThrowsMessage<InputError>(AllOf(HasSubstr("vae/config.json: a single file cannot"),
                                              HasSubstr("cannot hold this VAE, whose settings"),
                                              HasSubstr(", not 0.25"))));
  read = model;
  set(read.part("depth_estimator").config, "layer_norm_eps", 0.5);
  EXPECT_THAT([&] { check_comes_back(model, read); },
              ThrowsMessage<InputError>(HasSubstr("cannot hold this depth estimator")));
}

TEST_F(SingleFileCheck, NamesAPredictionThatWouldDiffer) {
  set(read.configs.at("scheduler"), "prediction_type", "sample");
  EXPECT_THAT([&] { check_comes_back(model, read); },
              ThrowsMessage<InputError>(HasSubstr("cannot say that the model predicts")));
}

TEST_F(SingleFileCheck, NamesWhatTheSchedulerLoses) {
  weights::ModelFiles trained = model;
  set(trained.configs.at("scheduler"), "beta_end", 0.02);
  set(trained.configs.at("scheduler"), "rescale_betas_zero_snr", true);
  EXPECT_EQ(lost_settings(trained, read), "beta_end 0.02, rescale_betas_zero_snr true");
}

}  // namespace
}  // namespace velatura::inspection
