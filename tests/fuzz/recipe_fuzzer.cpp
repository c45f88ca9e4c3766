#include <array>

#include "fuzz/fuzzer.h"
#include "recipe/recipe.h"

using namespace velatura;

// The first byte chooses the key that the rest is the text of.
void fuzz(testing::Input input) {
  constexpr std::array<const char*, 8> kKeys{"velatura",          "parameters",         "prompt",
                                             "invokeai_metadata", "sd-metadata",        "Dream",
                                             "Comment",           "num_inference_steps"};
  const auto [kind, text] = input.split();
  const recipe::Recipe recipe =
      recipe::recipe_of({{kKeys[kind % kKeys.size()], std::string(text.text())}});
  if (recipe.unmapped.size() > 64) std::abort();
}
