#include "cli/verifier.h"

#include <span>
#include <utility>

#include "cli/recipe_job.h"
#include "cli/report/failure.h"
#include "core/config_object.h"
#include "core/read_file.h"
#include "core/sha256.h"
#include "image/formats.h"
#include "image/picture_kind.h"
#include "image/read_metadata.h"
#include "recipe/programs.h"
#include "velatura/error.h"

namespace velatura::cli {
namespace {

// Null if there is none that can be read.
nlohmann::json receipt_of(const PictureTexts& texts) {
  const auto text = texts.find(kReceiptKey);
  if (text == texts.end()) return nullptr;
  try {
    recipe::from_receipt(text->second);
    return parse_json(text->second, "the receipt");
  } catch (const InputError&) {
    return nullptr;
  }
}

std::string without_receipt(const recipe::Recipe& recipe) {
  const bool foreign = !recipe.made_by.empty() && !recipe.made_by.starts_with("velatura");
  return foreign ? "made by " + recipe.made_by + ": it can be replayed, not verified"
                 : std::string(recipe::kSaysNothing) +
                       ": its texts were removed, or velatura did not make it";
}

// How many pictures a sheet shows, which --grid has written; 0 for one picture.
std::size_t pictures_on_sheet(const nlohmann::json& receipt) {
  const auto seeds = receipt.find("seeds");
  return seeds == receipt.end() || !seeds->is_array() ? 0 : seeds->size();
}

// As it comes back from a file of that format.
Image as_stored(const Image& image, ImageFormat format) {
  return decode_image(encode_image(image, format, {}), "the picture made again");
}

}  // namespace

bool is_about_the_picture(const Error& error) {
  return error.kind() == ErrorKind::input || error.kind() == ErrorKind::usage;
}

Verification Verifier::verify(const std::filesystem::path& picture) {
  const std::string file = read_file(picture, kLargestFile);
  const ByteView bytes = as_byte_view(file);
  const Image image = decode_image(bytes, picture.string(), &observer_);
  const auto format = recognise_picture(bytes, picture.string()).written_as;
  const PictureTexts texts = read_picture_texts(bytes, picture.string());
  const recipe::Recipe recipe = recipe::recipe_of(texts);
  const nlohmann::json receipt = receipt_of(texts);

  Verification found;
  found.picture = picture;
  if (receipt.is_null() || !format) {
    found.obstacle = without_receipt(recipe);
    return found;
  }
  found.on_sheet = pictures_on_sheet(receipt);
  if (found.on_sheet > 0) return found;
  found.lossy = format != ImageFormat::png;
  if (!found.lossy && receipt.contains("pixels"))
    found.edited = receipt["pixels"] != sha256(std::as_bytes(std::span(image.pixels)));
  try {
    make(picture, recipe);
  } catch (const Error& error) {
    if (!is_about_the_picture(error) || !found.edited.value_or(false)) throw;
    found.obstacle = "it cannot be made again: " + told(error);
    return found;
  }
  const Image again = found.lossy ? as_stored(made_.image, *format) : made_.image;
  found.same_size = image.width == again.width && image.height == again.height;
  if (found.same_size) found.difference = difference(image, again);
  const auto now = nlohmann::json::parse(made_.metadata.receipt);
  found.tolerance = tolerance_.value_or(usual_tolerance(receipt, now));
  found.changed = changed_between(receipt, now);
  return found;
}

void Verifier::make(const std::filesystem::path& picture, const recipe::Recipe& recipe) {
  const RecipeJob again = recipe_job(picture, recipe, overrides_);
  for (const std::string& warning : again.warnings) observer_.on_warning(warning);
  ModelOptions machine = again.job.options.machine;
  machine.model = again.job.options.model;
  machine.vae = again.job.options.vae;
  machine.refiner = again.job.options.machine.refiner;
  machine.prior = again.job.options.machine.prior;
  check_.check(machine, again.job.request, 1, generator_.holds(machine));
  Generator& generator = generator_.of(machine, observer_);
  made_ = std::move(generator.generate(again.job.request, &observer_).at(0));
}

}  // namespace velatura::cli
