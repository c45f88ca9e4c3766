"""What is easily read wrongly of Kandinsky 2.1 and 2.2."""

from mutations import Mutation, of

FAMILIES = "src/families/"
PICTURES, NETS = "pipelines_parity_tests", "models_parity_tests"


def mutations() -> list[Mutation]:
    text = of("src/models/multilingual_clip/multilingual_clip.cpp", NETS)
    prior = of(FAMILIES + "kandinsky_prior.cpp", PICTURES)
    family = of(FAMILIES + "kandinsky_2.cpp", PICTURES)
    hole = of("src/pipelines/grown_inpaint.cpp", PICTURES)
    codec = of("src/models/vq_model/vq_model.cpp", NETS)
    noise = of("src/samplers/unclip.cpp", "samplers_parity_tests")
    return [
        text("Kandinsky: padding is masked", ".keys = mask", ".keys = at::ones_like(mask)"),
        text("Kandinsky: mean without padding", "(hidden * weights).sum(1) / weights.sum(1)", "hidden.mean(1)"),
        text("Kandinsky: positions behind the padding's", "* there + config_.pad_token_id", "* there"),
        prior("Kandinsky: mixing draws for its negative", "const auto last = imagined(negative, std::nullopt, run);",
              "const auto last = negative.empty() ? Vectors{networks_->seen(nullptr), networks_->seen(nullptr)} "
              ": imagined(negative, std::nullopt, run);"),
        prior("Kandinsky: a negative prompt is imagined, too", "{both.narrow(0, 0, 1), both.narrow(0, 1, 1)}",
              "{both.narrow(0, 0, 1), networks_->seen(nullptr)}"),
        prior("Kandinsky: both rows kept away from it", "{*negative, *negative}", "{\"\", *negative}"),
        prior("Kandinsky: the prior's guidance", "halves[0] + guidance * (halves[1] - halves[0])",
              "halves[1] + guidance * (halves[1] - halves[0])"),
        family("Kandinsky: 2.1's noise for pictures", "config.beta_end = 0.02;", "config.beta_end = 0.012;"),
        family("Kandinsky: 2.1's two steps less", "kTrainingSteps * strength) - 2", "kTrainingSteps * strength) - 0"),
        hole("Kandinsky: the hole grows", "{1, 1}});", "{1, -1}});"),
        hole("Kandinsky: 2.2 puts the known back", "if (!pastes)", "if (pastes)"),
        hole("Kandinsky: with its first noise", "add_noise(clean, epsilon, reached[step])",
             "add_noise(clean, epsilon * 0, reached[step])"),
        codec("Kandinsky: MoVQ's norms see the latents", "config_.spatial_norm ? latents : at::Tensor()",
              "config_.spatial_norm ? post_quant_conv_->forward(latents) : at::Tensor()"),
        noise("Kandinsky: the prior's timesteps", "std::nearbyint(i * stride)", "std::floor(i * stride)"),
        noise("Kandinsky: none drawn in the last step", "if (t > 0) {", "{"),
    ]
