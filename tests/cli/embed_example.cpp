#include <iostream>

#include "velatura/error.h"
#include "velatura/generator.h"

int main(int argc, char** argv) try {
  if (argc != 4) throw velatura::UsageError("usage: embed_example MODEL PROMPT PICTURE");
  velatura::ModelOptions options;
  options.model = argv[1];
  velatura::Generator generator(options);

  velatura::TextToImage request;
  request.prompt = argv[2];
  request.steps = 25;
  request.seed = 7;
  for (const velatura::Picture& picture : generator.generate(request)) {
    velatura::write_image(argv[3], picture.image, picture.metadata);
  }
} catch (const velatura::Error& error) {
  std::cerr << error.what() << "\n";
  return static_cast<int>(error.kind());
}
