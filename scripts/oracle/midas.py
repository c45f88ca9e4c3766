"""MiDaS' DPT-Hybrid (Ranftl et al. 2021) under the names it has in Stable Diffusion 2's depth model,
with timm's vision transformer inside as the original has: another implementation of what
transformers' DPTForDepthEstimation computes. Needs timm and torchvision."""

import timm
import torch
from torch import nn
from torch.nn.functional import interpolate

WIDTHS = (256, 512, 768, 768)  # of the maps that are fused, finest first


class Project(nn.Module):
    """Tokens, each joined to the one in front of them."""

    def __init__(self, width: int):
        super().__init__()
        self.project = nn.Sequential(nn.Linear(2 * width, width), nn.GELU())

    def forward(self, tokens):
        rest = tokens[:, 1:]
        joined = torch.cat([rest, tokens[:, :1].expand_as(rest)], dim=-1)
        return self.project(joined).transpose(1, 2)


class Residual(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.conv1 = nn.Conv2d(width, width, 3, padding=1)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1)

    def forward(self, x):
        return x + self.conv2(self.conv1(x.relu()).relu())


class Fusion(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.out_conv = nn.Conv2d(width, width, 1)
        self.resConfUnit1, self.resConfUnit2 = Residual(width), Residual(width)

    def forward(self, finer, coarser=None):
        x = finer if coarser is None else coarser + self.resConfUnit1(finer)
        return self.out_conv(interpolate(self.resConfUnit2(x), scale_factor=2, mode="bilinear",
                                         align_corners=True))


class Midas(nn.Module):
    def __init__(self, width: int = 256):
        super().__init__()
        nothing = nn.Identity  # places that other variants of the network fill
        self.pretrained, self.scratch = nn.Module(), nn.Module()
        self.pretrained.model = timm.create_model("vit_base_r50_s16_384", pretrained=False)
        self.pretrained.act_postprocess3 = nn.Sequential(
            Project(768), nothing(), nothing(), nn.Conv2d(768, WIDTHS[2], 1))
        self.pretrained.act_postprocess4 = nn.Sequential(
            Project(768), nothing(), nothing(), nn.Conv2d(768, WIDTHS[3], 1),
            nn.Conv2d(WIDTHS[3], WIDTHS[3], 3, stride=2, padding=1))
        for i, size in enumerate(WIDTHS, start=1):
            setattr(self.scratch, f"layer{i}_rn", nn.Conv2d(size, width, 3, padding=1, bias=False))
            setattr(self.scratch, f"refinenet{i}", Fusion(width))
        self.scratch.output_conv = nn.Sequential(
            nn.Conv2d(width, width // 2, 3, padding=1), nothing(),
            nn.Conv2d(width // 2, 32, 3, padding=1), nn.ReLU(), nn.Conv2d(32, 1, 1), nn.ReLU())

    def forward(self, pixels):
        """[B, 3, 384, 384] -> [B, 384, 384]"""
        kept = []
        vit = self.pretrained.model
        places = [*vit.patch_embed.backbone.stages[:2], vit.blocks[8], vit.blocks[11]]
        hooks = [place.register_forward_hook(lambda *seen: kept.append(seen[2])) for place in places]
        vit.forward_features(pixels)
        for hook in hooks:
            hook.remove()
        for i, post in ((2, self.pretrained.act_postprocess3), (3, self.pretrained.act_postprocess4)):
            kept[i] = post[3:](post[0](kept[i]).unflatten(2, (24, 24)))
        x = None
        for i in (4, 3, 2, 1):
            finer = getattr(self.scratch, f"layer{i}_rn")(kept[i - 1])
            x = getattr(self.scratch, f"refinenet{i}")(finer, x)
        x = self.scratch.output_conv[0](x)
        x = interpolate(x, scale_factor=2, mode="bilinear", align_corners=True)
        return self.scratch.output_conv[2:](x).squeeze(1)
