"""LoRA's family, embeddings, ControlNet, T2I-Adapter, IP-Adapter, GLIGEN."""

from mutations import Mutation, of

ADAPTERS = "src/weights/adapters/"
LORA, NETS, STEPS = "families_parity_tests", "models_parity_tests", "pipelines_unit_tests"


def mutations() -> list[Mutation]:
    low_rank = of(ADAPTERS + "low_rank_product.cpp", LORA)
    kron = of(ADAPTERS + "kronecker_product.cpp", LORA)
    dora = of(ADAPTERS + "weight_decomposition.cpp", LORA)
    adapter = of(ADAPTERS + "adapter.cpp", LORA, "weights_unit_tests")
    names = of(ADAPTERS + "adapted_layers.cpp", LORA)
    factor = of(ADAPTERS + "factor.cpp", LORA)
    inversion = of(ADAPTERS + "textual_inversion.cpp", "weights_unit_tests")
    net = of("src/models/controlnet/controlnet_model.cpp", NETS)
    control = of("src/families/controlnet_control.cpp", STEPS, NETS, "families_unit_tests")
    steered = of("src/pipelines/denoisers/controlled_denoiser.cpp", STEPS)
    gate = of("src/layers/gated_self_attention.cpp", NETS)
    place = of("src/models/unet/position_net.cpp", NETS)
    steps = of("src/pipelines/denoisers/adapter_steps.cpp", STEPS)
    words = of("src/families/learned_words.cpp", "families_unit_tests")
    t2i = of("src/models/t2i_adapter/config.h", NETS)
    canny = of("src/image/canny.cpp", "image_parity_tests", "image_unit_tests")
    return [
        low_rank("LoRA: scale", "rest, 1, scale)", "rest, 1, scale * 1.01)"),
        low_rank("LoCon: the core's places", "mid.flatten(2).permute", "mid.flatten(2).flip(2).permute"),
        of(ADAPTERS + "hadamard_product.cpp", LORA)("LoHa: both sides", "side(kSides[1])", "side(kSides[0])"),
        of(ADAPTERS + "tucker_product.cpp", LORA)("LoHa, LoKr: the core's places", "middle.flatten(2).permute",
                                                  "middle.flatten(2).flip(2).permute"),
        kron("LoKr: order of the sides", "at::kron(left, right)", "at::kron(right, left)"),
        kron("LoKr: alpha of whole sides", "return std::nullopt;", "return 2;"),
        dora("DoRA: rows or columns", "weight[0] != 1;", "weight[0] == 1;"),
        dora("DoRA: PEFT's at a scale", "peft ? scale : 1.0)", "1.0)"),
        of(ADAPTERS + "whole_difference.cpp", LORA)("differences: sign", "view_as(sum), scale)", "view_as(sum), -scale)"),
        adapter("differences of biases", "view_as(sum), strength)", "view_as(sum), 2 * strength)"),
        adapter("alpha 0 is the rank", "if (*alpha == 0)", "if (*alpha == -1)"),
        adapter("changes of fewer channels", "factor[1] == 4) shape[1] = 4", "factor[1] == 5) shape[1] = 4"),
        of(ADAPTERS + "peft_scaling.cpp", LORA)("rsLoRA", "network.rslora ? std::sqrt(r) : r", "r"),
        factor("PEFT: name of the adapter", "return std::string(layer) + std::string(rest.substr(dot + 1));",
               "return std::string(key);"),
        names("original block names", "add_underscored(*layer->second, original, {\"lora_unet_\"});", ""),
        names("old attention processors", "old_projection(layer->name, \".processor.\")", "std::string()"),
        inversion("embeddings: their width", "reshape({-1, width})", "reshape({-1, width}).flip(1)"),
        net("ControlNet: order of the colours", "config_.bgr ? hint.flip(1)", "!config_.bgr ? hint.flip(1)"),
        control("ControlNet: guess mode's scales", "at::logspace(-1, 0, count)", "at::logspace(0, -1, count)"),
        control("ControlNet: pooling", "addition.mean(at::IntArrayRef{2, 3}", "addition.mean(at::IntArrayRef{2}"),
        control("ControlNet: the middle", "i < count; ++i", "i + 1 < count; ++i"),
        t2i("T2I-Adapter XL: where it halves", "level == 2", "level == 1"),
        control("T2I-Adapter XL: the middle", "residuals.levels.pop_back();", ""),
        words("embedding: of one encoder alone", "if (!known) refuse", "if (false) refuse"),
        control("T2I-Adapter: scale", "feature * strength.scale", "feature"),
        steered("controls: the guided half", "at::cat({at::zeros_like(x), x})", "at::cat({x, at::zeros_like(x)})"),
        steered("controls: their part of a tile", "region.x * factor", "region.y * factor"),
        gate("GLIGEN: gates", "alpha_dense_.tanh()", "alpha_dense_.sin()"),
        place("GLIGEN: frequencies", "at::pow(100, order)", "at::pow(10, order)"),
        place("GLIGEN: what stands for nothing", "(1 - present) * null", "(0 - present) * null"),
        of("src/models/ip_adapter/ip_adapter.cpp", NETS)("IP-Adapter: numbers of the layers", "2 * all.size() + 1",
                                                         "2 * all.size()"),
        of("src/models/ip_adapter/image_projection.cpp", NETS)("IP-Adapter: norm of the tokens", "norm_->forward(proj_", "(proj_"),
        canny("canny: threshold of the seeds", "std::floor(high)", "std::floor(low)"),
        steps("controls, adapters: first step", "i / n < start", "(i + 1) / n < start"),
        steps("controls, adapters: last step", "(i + 1) / n > end", "i / n > end"),
        steps("GLIGEN: last step", "if (step >= grounded)", "if (step > grounded)"),
    ]
