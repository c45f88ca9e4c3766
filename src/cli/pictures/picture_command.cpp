#include "cli/pictures/picture_command.h"

#include <array>

namespace velatura::cli {
namespace {

constexpr std::array<PictureTask, 5> kTasks{{{"txt2img", add_txt2img},
                                             {"img2img", add_img2img},
                                             {"inpaint", add_inpaint},
                                             {"depth2img", add_depth2img},
                                             {"upscale", add_upscale}}};

}  // namespace

std::span<const PictureTask> picture_tasks() {
  return kTasks;
}

}  // namespace velatura::cli
