#include "models/ip_adapter/config.h"

namespace velatura::models {

IpAdapterConfig IpAdapterConfig::read(ConfigObject json) {
  IpAdapterConfig c;
  const auto projection = json.require<std::string>("projection");
  if (projection == "resampler") {
    c.projection = PictureProjection::resampler;
    c.hidden_dim = json.require<std::int64_t>("hidden_dim");
    c.attention_dim = json.require<std::int64_t>("attention_dim");
    c.feed_forward_dim = json.require<std::int64_t>("feed_forward_dim");
    c.layers = json.require<std::int64_t>("layers");
  } else if (projection == "full") {
    c.projection = PictureProjection::full;
  } else if (projection != "base") {
    json.reject("projection", "\"base\", \"resampler\" or \"full\"");
  }
  if (c.projection != PictureProjection::full) c.tokens = json.require<std::int64_t>("tokens");
  c.image_dim = json.require<std::int64_t>("image_dim");
  c.cross_attention_dim = json.require<std::int64_t>("cross_attention_dim");
  c.attention_widths = json.require<std::vector<std::int64_t>>("attention_widths");
  json.finish();
  return c;
}

}  // namespace velatura::models
