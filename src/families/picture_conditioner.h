#pragma once

#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/device.h"
#include "families/picture_parts.h"
#include "models/clip_vision/clip_vision_model.h"
#include "models/ip_adapter/ip_adapter.h"
#include "pipelines/conditioner.h"

namespace velatura::families {

/// Lets pictures speak beside what another conditioner makes of the prompt (IP-Adapter, Ye et al.
/// 2023). Adapters and image encoders are loaded when they are first needed and kept, and the latest
/// pictures are remembered.
class PictureConditioner : public pipelines::Conditioner {
 public:
  /// @param model  folder or file, which may bring an image encoder
  PictureConditioner(std::unique_ptr<pipelines::Conditioner> inner, models::UNetConfig unet,
                     Placement placement, std::filesystem::path model);
  ~PictureConditioner() override;

  /// @throws as the inner one; UsageError, InputError as find_picture_files and open_picture_parts
  pipelines::PromptConditioning encode(const PictureRequest& request,
                                       const pipelines::PictureFrame& frame, Progress progress,
                                       Observer& observer) override;

 private:
  struct Adapter;
  const Adapter& adapter_of(const PictureFiles& files);
  std::shared_ptr<models::ClipVisionModel> encoder_of(const std::filesystem::path& path,
                                                      const weights::Part& part);
  at::Tensor tokens_of(const PictureFiles& files, const Image& image);

  std::unique_ptr<pipelines::Conditioner> inner_;
  models::UNetConfig unet_;
  Placement placement_;
  std::filesystem::path model_;
  std::map<PictureFiles, std::unique_ptr<Adapter>> adapters_;
  std::map<std::filesystem::path, std::shared_ptr<models::ClipVisionModel>> encoders_;

  struct Entry {
    PictureFiles files;
    std::string picture;  ///< sha256
    at::Tensor tokens;    ///< [1, T, D]
  };
  std::deque<Entry> latest_;  // the newest last
};

}  // namespace velatura::families
