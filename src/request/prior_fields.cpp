#include "request/prior_fields.h"

#include "request/column.h"

namespace velatura::request {

void each_prior_field(PictureRequest& request, const Visit& visit) {
  visit({.name = "mix",
         .group = Group::prompt,
         .unit = "TEXT|IMAGE",
         .help = "Kandinsky: mix this with others in the place of the prompt, a text or, where it "
                 "names a file, a picture; TEXT:WEIGHT and IMAGE:WEIGHT say how much of it, else "
                 "all share equally; may be repeated",
         .recorded = Recorded::by_name,
         .special = true},
        column(request.mix));
  visit({.name = "prior-steps",
         .others = {"prior-num-inference-steps"},
         .group = Group::sampling,
         .unit = "N",
         .help = "Steps of Kandinsky's prior, which imagines the picture that is drawn",
         .shown_default = "25",
         .range = Range{2, 1000},
         .special = true},
        &request.prior_steps);
  visit({.name = "prior-guidance-scale",
         .group = Group::sampling,
         .unit = "X",
         .help = "How closely Kandinsky's prior follows the prompt; 1 and less turn that off",
         .shown_default = "4",
         .range = Range{0, 1000},
         .special = true},
        &request.prior_guidance_scale);
  visit(
      {.name = "image-embeds-in",
       .group = Group::sampling,
       .unit = "FILE",
       .help = "Draw what this .safetensors file holds in the place of what Kandinsky's prior "
               "would imagine: tensors 'image_embeds' [B, D] and 'negative_image_embeds', one row "
               "for all pictures or one each",
       .recorded = Recorded::by_name,
       .special = true},
      &request.image_embeds);
}

}  // namespace velatura::request
