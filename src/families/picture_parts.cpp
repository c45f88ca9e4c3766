#include "families/picture_parts.h"

#include <string>
#include <utility>

#include "models/catalogue.h"
#include "models/unet/cross_attentions.h"
#include "velatura/error.h"
#include "weights/layouts/image_encoder.h"
#include "weights/layouts/ip_adapter.h"
#include "weights/load_strict.h"

namespace velatura::families {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFolder = "image_encoder";

void check_unet(const weights::Part& adapter, const models::IpAdapterConfig& config,
                const models::UNetConfig& unet) {
  const auto widths = models::cross_attention_widths(unet);
  const std::int64_t text = unet.levels.front().cross_attention_dim;
  if (config.cross_attention_dim == text && config.attention_widths == widths) return;
  throw InputError(adapter.weights->where() + ": is " + weights::describe_ip_adapter(adapter) +
                   ", but this model has a UNet with " + std::to_string(widths.size()) +
                   " cross-attention layers and a text " + std::to_string(text) + " wide");
}

void check_encoder(const PictureParts& parts) {
  const bool base = parts.config.projection == models::PictureProjection::base;
  const std::int64_t width =
      base ? parts.image_config.projection_dim : parts.image_config.hidden_size;
  if (width == parts.config.image_dim) return;
  throw InputError(parts.adapter.weights->where() + ": takes pictures " +
                   std::to_string(parts.config.image_dim) + " wide, but the image encoder " +
                   parts.image_encoder.weights->where() + " gives " + std::to_string(width));
}

}  // namespace

PictureFiles find_picture_files(const fs::path& adapter, const PictureRequest& request,
                                const fs::path& model) {
  if (!request.image_encoder.empty()) return {adapter, request.image_encoder};
  for (const fs::path& folder : {adapter.parent_path() / kFolder, model / kFolder}) {
    if (fs::is_directory(folder)) return {adapter, folder};
  }
  weights::open_ip_adapter(adapter);  // says so if it is something else
  throw InputError(adapter.string() + ": there is no image encoder for it: looked for " +
                       (adapter.parent_path() / kFolder).string() + " and " +
                       (model / kFolder).string() + "; image-encoder MODEL gives one",
                   {"image-encoder"});
}

PictureParts open_picture_parts(const PictureFiles& files, const models::UNetConfig& unet) {
  auto adapter = weights::open_ip_adapter(files.adapter);
  const auto config = models::IpAdapterConfig::read(adapter.config);
  check_unet(adapter, config, unet);
  auto image_encoder = weights::open_image_encoder(files.image_encoder);
  const auto image_config = models::ClipVisionConfig::read(image_encoder.config);
  PictureParts parts{std::move(adapter), std::move(image_encoder), config, image_config};
  check_encoder(parts);
  for (const weights::Part* part : {&parts.adapter, &parts.image_encoder}) {
    weights::check_strict(models::network_parameters(part->class_name, part->config),
                          *part->weights);
  }
  return parts;
}

}  // namespace velatura::families
