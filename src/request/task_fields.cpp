#include "request/fields.h"

namespace velatura::request {
namespace {

constexpr Range kSides{8, 16384};
constexpr Range kPixels{0, 16384};

// "The picture to …"
Field picture(std::string_view help) {
  return {.name = "image",
          .others = {"init-image", "init-img"},
          .letter = 'i',
          .group = Group::input,
          .unit = "FILE",
          .help = help,
          .in_batch = InBatch::sizes,
          .recorded = Recorded::by_name};
}

// What image to image, inpainting and depth to image have in common, beside the picture.
template <class Task>
void each_start_field(Task& task, const Visit& visit) {
  visit({.name = "strength",
         .others = {"denoising-strength"},
         .group = Group::input,
         .unit = "X",
         .help = "How much may change: the share of the steps that are done, above 0 to 1",
         .range = Range{0, 1},
         .in_batch = InBatch::must_agree,
         .parameter = "Denoising strength"},
        &task.strength);
  visit({.name = "resize",
         .group = Group::input,
         .unit = "NAME",
         .help = "How the picture gets the size asked for; pad repeats its own edges"},
        &task.fit);
}

// @param own  the size that is taken where none is given
template <class Task>
void each_side(Task& task, std::string_view own, const Visit& visit) {
  visit({.name = "width",
         .others = {"W"},
         .letter = 'W',
         .group = Group::size,
         .unit = "PIXELS",
         .help = "Width in pixels, a multiple of 8 and of the VAE's factor",
         .shown_default = own,
         .range = kSides,
         .in_batch = InBatch::sizes,
         .recorded = Recorded::as_used},
        &task.width);
  visit({.name = "height",
         .others = {"H"},
         .letter = 'H',
         .group = Group::size,
         .unit = "PIXELS",
         .help = "Height in pixels, likewise",
         .shown_default = own,
         .range = kSides,
         .in_batch = InBatch::sizes,
         .recorded = Recorded::as_used},
        &task.height);
}

constexpr std::string_view kModelsSize = "the model's";
constexpr std::string_view kPicturesSize = "the picture's, floored to a multiple";

void each_mask_field(Inpaint& task, const Visit& visit) {
  visit({.name = "mask",
         .others = {"mask-image"},
         .group = Group::input,
         .unit = "FILE",
         .help = "What is white in this picture is repainted; any size, grey, palette or alpha",
         .recorded = Recorded::by_name,
         .tells_task = true},
        &task.mask);
  visit({.name = "invert-mask",
         .group = Group::input,
         .help = "Repaint what is black instead",
         .notation = Notation::inversion,
         .recorded = Recorded::never},
        &task.mask);
  visit({.name = "mask-blur",
         .group = Group::input,
         .unit = "PIXELS",
         .help = "Soften the mask's edge by this radius",
         .range = Range{0, 1024},
         .parameter = "Mask blur"},
        &task.mask_blur);
  visit({.name = "mask-crop",
         .others = {"padding-mask-crop"},
         .group = Group::input,
         .unit = "PIXELS",
         .help = "Paint only the masked region and this much around it, at full size, and put it "
                 "back",
         .shown_default = "the whole picture",
         .range = kPixels,
         .in_batch = InBatch::sizes,
         .tells_task = true},
        &task.mask_crop);
}

}  // namespace

void each_own_field(TextToImage& task, const Visit& visit) {
  each_side(task, kModelsSize, visit);
}

void each_own_field(ImageToImage& task, const Visit& visit) {
  Field image =
      picture("The picture to begin with: PNG, JPEG, WebP, GIF, BMP or TIFF; '-' is stdin");
  image.tells_task = true;
  visit(image, &task.image);
  each_start_field(task, visit);
  each_side(task, kPicturesSize, visit);
}

void each_own_field(Inpaint& task, const Visit& visit) {
  visit(picture("The picture to paint in: PNG, JPEG, WebP, GIF, BMP or TIFF; '-' is stdin"),
        &task.image);
  each_mask_field(task, visit);
  visit({.name = "extend",
         .group = Group::input,
         .unit = "SIDE=PIXELS,…",
         .help = "Grow the picture and paint what is new, such as left=128,right=64; its size is "
                 "then the grown picture's",
         .range = kPixels,
         .in_batch = InBatch::sizes,
         .tells_task = true},
        &task.extend);
  visit(
      {.name = "no-paste",
       .group = Group::input,
       .help = "Leave the pixels outside the mask as the model makes them, instead of the input's",
       .notation = Notation::off_switch,
       .key = "paste"},
      &task.paste);
  each_start_field(task, visit);
  each_side(task, kModelsSize, visit);
}

void each_own_field(DepthToImage& task, const Visit& visit) {
  visit(picture("The picture to begin with: PNG, JPEG, WebP, GIF, BMP or TIFF; '-' is stdin"),
        &task.image);
  visit({.name = "depth-map",
         .group = Group::input,
         .unit = "FILE",
         .help = "Its depth, 8 or 16 bits of grey, larger is nearer",
         .shown_default = "the model's own estimate",
         .recorded = Recorded::by_name,
         .tells_task = true},
        &task.depth_map);
  each_start_field(task, visit);
  each_side(task, kPicturesSize, visit);
}

void each_own_field(Upscale& task, const Visit& visit) {
  visit(picture("The picture to enlarge: PNG, JPEG, WebP, GIF, BMP or TIFF; '-' is stdin"),
        &task.image);
  visit(
      {.name = "resize",
       .group = Group::input,
       .unit = "NAME",
       .help = "What becomes of sides that the model cannot enlarge: pad draws out edges and cuts "
               "them off again, stretch (as diffusers) and crop make them shorter",
       .in_batch = InBatch::sizes},
      &task.fit);
  visit({.name = "noise-level",
         .group = Group::input,
         .unit = "N",
         .help = "Noise put on the input, up to the model's highest (350): more lets the model "
                 "invent more",
         .range = Range{0, 1000},
         .in_batch = InBatch::must_agree,
         .tells_task = true},
        &task.noise_level);
  visit({.name = "tile",
         .group = Group::input,
         .unit = "PIXELS",
         .help = "Denoise larger inputs in blended squares of this many pixels; auto does so, in "
                 "squares of 128, where the free memory does not allow the whole",
         .range = kPixels,
         .notation = Notation::tile,
         .in_batch = InBatch::must_agree},
        &task.tile);
  visit({.name = "tile-overlap",
         .group = Group::input,
         .unit = "PIXELS",
         .help = "Pixels that neighbouring squares share, at most half of --tile",
         .range = Range{0, 8192},
         .in_batch = InBatch::must_agree},
        &task.tile_overlap);
}

void each_own_field(Variations& task, const Visit& visit) {
  Field image = picture("The picture to vary: PNG, JPEG, WebP, GIF, BMP or TIFF; '-' is stdin");
  image.in_batch = InBatch::may_differ;
  visit(image, &task.image);
  each_side(task, kModelsSize, visit);
}

}  // namespace velatura::request
