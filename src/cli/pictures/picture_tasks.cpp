#include "cli/pictures/picture_tasks.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "request/words.h"
#include "velatura/error.h"

namespace velatura::cli {
namespace {

constexpr auto kTasks = std::to_array<PictureTask>({
    {"txt2img", "Make pictures from a prompt", "demo",
     R"(Examples:
  velatura txt2img "a red circle on a white background" -o circle.png
  velatura txt2img "a blue star" --seed 7 -n 4 -o 'stars/{seed}.png'
  velatura txt2img "a harbour in oil" -m stable-diffusion-2-1 -W 768 -H 768 \
      --sampler "DPM++ 2M Karras" --steps 25 --negative-prompt "blurry"
  echo "a green ring" | velatura txt2img - -o - | display
  velatura txt2img "a red heart" --config defaults.toml --json)"},
    {"img2img", "Change a picture as a prompt says", "demo",
     R"(Examples:
  velatura img2img "a blue star on a black background" \
      --image star.png -o blue.png
  velatura img2img "an oil painting" -m sd15.safetensors --image photo.jpg \
      --strength 0.55 -W 768 -H 512 --resize crop -n 4 -o 'oil/{seed}.png'
  velatura txt2img "a red ring" -o - | velatura img2img "a red ring at sunset" \
      --image - --strength 0.5 -o sunset.png

The number of steps done is steps x strength, rounded down.)"},
    {"inpaint", "Paint a part of a picture anew", "demo-inpaint",
     R"(Examples:
  velatura inpaint "a green heart" --image in.png --mask hole.png -o out.png
  velatura inpaint "a wooden door" -m sd15-inpainting --image house.jpg \
      --mask door.png --mask-crop 32 -o house.png
  velatura inpaint "a wide valley" -m sd15-inpainting --image valley.png \
      --extend left=128,right=128 -o wide.png

Models with channels for it (9) and ordinary ones (4) can be used.)"},
    {"depth2img", "Make a picture with the depth of another", "demo-depth",
     R"(Examples:
  velatura depth2img "a yellow ring" --image in.png \
      --depth-map depth.png --strength 1 -o ring.png
  velatura depth2img "a marble statue" -m stable-diffusion-2-depth \
      --image me.jpg --save-depth depth.png -o statue.png)"},
    {"upscale", "Make a picture four times as large on each side", "demo-upscale",
     R"(Examples:
  velatura upscale "a red circle on a white background" \
      --image small.png -o big.png
  velatura upscale "a white cat" -m stable-diffusion-x4-upscaler \
      --image cat.png --noise-level 10 --dtype bfloat16 -o large.png
  velatura txt2img "a red ring" -o - | velatura upscale "a red ring" \
      --image - -o big.png

Every side becomes four times as long. Tiles take less memory and see less.)"},
    {"variations", "Make pictures that show what another shows", "demo-kandinsky",
     R"(Examples:
  velatura variations --image star.png -o again.png
  velatura variations -m kandinsky-2-2-decoder --image cat.png -o again.png
  velatura variations -m kandinsky-2-2-decoder --image cat.png -n 4 \
      -o 'cats/{seed}.png'

For Kandinsky's models with their priors: CLIP sees what the picture shows, and
that is drawn anew. What keeps its looks is img2img.)"},
});

}  // namespace

std::span<const PictureTask> picture_tasks() {
  return kTasks;
}

const PictureTask& picture_task(std::string_view name) {
  const auto found =
      std::ranges::find_if(kTasks, [name](const auto& task) { return task.name == name; });
  if (found != kTasks.end()) return *found;
  std::vector<std::string> names;
  for (const PictureTask& task : kTasks) names.emplace_back(task.name);
  throw UsageError("task '" + std::string(name) + "': expected " + request::either(names));
}

}  // namespace velatura::cli
