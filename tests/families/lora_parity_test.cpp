#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "families/lora_adapters.h"
#include "support/compare.h"
#include "weights/formats/safetensors.h"
#include "weights/layouts/model_files.h"
#include "weights/sources/patched_source.h"

namespace velatura::families {
namespace {

const std::string kFolder = VELATURA_FIXTURES "/adapters/";

/// A file of scripts/fixtures/make_adapter_fixtures.py, and what it is expected to add.
struct Case {
  std::string file;
  std::string expected;
  std::string model = "tiny";
};
void PrintTo(const Case& of, std::ostream* out) {
  *out << of.file;
}

class LoraParity : public ::testing::TestWithParam<Case> {
 protected:
  /// "SCALE|PART|PARAMETER": ΔW
  std::map<std::string, at::Tensor> expected() const {
    const weights::SafetensorsFile all(kFolder + "expected.safetensors");
    std::map<std::string, at::Tensor> found;
    const std::string begin = GetParam().expected + "|";
    for (const std::string& name : all.names()) {
      if (name.starts_with(begin)) found[name.substr(begin.size())] = all.load(name);
    }
    EXPECT_FALSE(found.empty());
    return found;
  }

  c10::InferenceMode inference_;
  weights::ModelFiles files_ = weights::open_model(VELATURA_FIXTURES "/models/" + GetParam().model);
  std::unique_ptr<const weights::AdaptedLayers> layers_ = adapted_layers(files_);
  weights::Adapter adapter_{kFolder + GetParam().file + ".safetensors", *layers_};
};

TEST_P(LoraParity, AddsWhatTheFormulaSaysAndNothingElse) {
  const auto wanted = expected();
  std::set<std::string> scales;
  for (const auto& [name, delta] : wanted) scales.insert(name.substr(0, name.find('|')));
  for (const std::string& scale : scales) {
    for (const std::string role : {"unet", "text_encoder"}) {
      const weights::Part& part = files_.part(role);
      const weights::PatchedSource patched(
          part.weights,
          adapter_.patches(role, [&](const std::string&) { return std::stod(scale); }));
      for (const std::string& name : part.weights->names()) {
        const at::Tensor base = part.weights->load(name);
        const at::Tensor found = patched.load(name);
        std::string key = scale;
        key += "|" + role + "|" + name;
        const auto delta = wanted.find(key);
        // An inpainting model has its own wider layer, expected by itself.
        if (GetParam().model != "tiny" && name != "conv_in.weight") continue;
        if (delta == wanted.end()) {
          EXPECT_TRUE(at::equal(found, base)) << key;
        } else {
          // The sum is rounded to float32: the weights are larger than what is added.
          EXPECT_TRUE(velatura::testing::all_near(found - base.to(at::kFloat), delta->second, 2e-6))
              << key;
        }
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Files, LoraParity,
    ::testing::Values(
        Case{"kohya", "plain"}, Case{"kohya_original", "plain"}, Case{"lycoris", "plain"},
        Case{"peft", "plain"}, Case{"peft_without_text_model", "plain"}, Case{"peft_bare", "plain"},
        Case{"peft_alpha", "plain"}, Case{"peft_default", "plain"}, Case{"peft_model", "plain"},
        Case{"peft_metadata", "plain"}, Case{"diffusers", "plain"},
        Case{"diffusers_linear_layer", "plain"}, Case{"diffusers_old", "plain_attention"},
        Case{"alpha_zero", "alpha_zero"}, Case{"alpha_none", "alpha_none"},
        Case{"rslora", "rslora"}, Case{"ones", "ones"}, Case{"locon_mid", "locon_mid"},
        Case{"loha", "loha"}, Case{"loha_cores", "loha_cores"}, Case{"lokr", "lokr"},
        Case{"differences", "differences"}, Case{"dora_rows", "dora_rows"},
        Case{"dora_columns", "dora_columns"}, Case{"dora_peft", "dora_peft"},
        Case{"dora_lokr", "dora_lokr"}, Case{"kohya", "plain_inpaint", "tiny-inpaint"}),
    [](const auto& info) { return info.param.expected + "_" + info.param.file; });

}  // namespace
}  // namespace velatura::families
