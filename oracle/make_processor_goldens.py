"""tests/golden/processors.json: what transformers saves of its picture processors, and counts.

Each image processor is built with the numbers of its class, or of a published config where it
needs them. Its files are kept as far as they hold numbers of pictures. What it counts stands in
image.jsonl where it names a family; else the processor around it writes the text of a picture
here, at each of SIZES, and the special tokens in it are counted. It takes no weights and no
vocabulary.

    python oracle/make_processor_goldens.py        # with what oracle/requirements.txt names
"""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from PIL import Image

OUT = Path(__file__).parent.parent / "tests" / "golden" / "processors.json"
SIZES = (
    (2, 2), (30, 20), (64, 900), (224, 224), (336, 500), (640, 480), (1000, 300), (700, 1500),
    (1280, 720), (1920, 1080), (1654, 2339),
)  # fmt: skip
FLAGS = ("do_convert_rgb", "do_normalize", "do_rescale", "do_resize", "rescale_image_frac")


NOTHING: Mapping[str, Any] = MappingProxyType({})


class Case(NamedTuple):
    """module: of transformers.models. name: the image processor's, without ImageProcessor.
    sets: its numbers where they are not the class's. words: of processor_config.json.
    config: of config.json. family: in image.jsonl. around: module and name of the processor that
    writes the text, without Processor. tokens: patterns of what counts in it. text: how the
    processor writes a picture, where no method of it does. asks: what it asks of the image
    processor, writes: what it is told when it writes. row: the catalogue's that counts so.
    """

    module: str
    name: str
    config: Mapping[str, Any] = NOTHING
    sets: Mapping[str, Any] = NOTHING
    words: Mapping[str, Any] = NOTHING
    family: str = ""
    around: tuple[str, str] | None = None
    tokens: tuple[str, ...] = ("<image>",)
    text: Callable[[Any, Any], str] | None = None
    asks: Mapping[str, Any] = NOTHING
    writes: Mapping[str, Any] = NOTHING
    row: str = ""


def typed(kind: str, **more: Any) -> dict[str, Any]:
    return {"model_type": kind, **more}


def limits(low: int, high: int) -> dict[str, Any]:
    return {"size": {"shortest_edge": low, "longest_edge": high}}


TILED = [384, 768, 1152, 1536, 1920, 2304, 2688, 3072, 3456, 3840]
GRANITE = [
    *([384, n] for n in TILED), *([768, n] for n in TILED[:5]), *([1152, n] for n in TILED[:3]),
    *([1536, n] for n in TILED[:2]), *([1920, n] for n in TILED[:2]),
    *([n, 384] for n in TILED[5:]),
]  # fmt: skip
CLIP_PATCH = {"vision_config": {"patch_size": 14}}
HALF = {"image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5]}

CASES = (
    # counts are in image.jsonl
    Case("kimi_k25", "Kimi_K25", family="kimi-k25"),
    Case("cohere2_vision", "Cohere2Vision", sets={"patch_size": 16}, family="cohere2-vision"),
    Case(
        "deepseek_ocr2",
        "DeepseekOcr2",
        words={"patch_size": 16, "downsample_ratio": 4},
        family="deepseek-ocr2",
    ),
    Case(
        "deepseek_vl",
        "DeepseekVL",
        typed("deepseek_vl"),
        words={"num_image_tokens": 576},
        family="deepseek-vl",
    ),
    Case("janus", "Janus", typed("janus"), words={"num_image_tokens": 576}, family="janus"),
    Case("gemma4", "Gemma4", family="gemma4/280"),
    Case("gemma4", "Gemma4", sets={"max_soft_tokens": 1120}, family="gemma4/1120"),
    Case("idefics2", "Idefics2", words={"image_seq_len": 64}, family="idefics2/split=False"),
    Case(
        "idefics2",
        "Idefics2",
        sets={"do_image_splitting": True},
        words={"image_seq_len": 64},
        family="idefics2/split=True",
    ),
    Case("phi4_multimodal", "Phi4Multimodal", family="phi4-multimodal"),
    Case("minicpmv4_6", "MiniCPMV4_6", sets={"use_image_id": False}, family="minicpm-v-4.6/16x"),
    Case(
        "minicpmv4_6",
        "MiniCPMV4_6",
        sets={"use_image_id": False, "downsample_mode": "4x"},
        family="minicpm-v-4.6/4x",
    ),
    Case("molmo2", "Molmo2", family="molmo2"),
    Case("lfm2_vl", "Lfm2Vl", family="lfm2-vl"),
    Case(
        "perception_lm",
        "PerceptionLM",
        words={"patch_size": 14, "pooling_ratio": 2},
        family="perception-lm",
    ),
    Case(
        "ovis2",
        "Ovis2",
        sets={"size": {"height": 448, "width": 448}, "crop_to_patches": True, "max_patches": 9},
        words={"image_seq_length": 256},
        family="ovis2",
    ),
    Case("fuyu", "Fuyu", family="fuyu"),
    Case("chameleon", "Chameleon", words={"image_seq_length": 1024}, family="chameleon"),
    Case("emu3", "Emu3", family="emu3"),
    Case("step3p7", "Step3p7", family="step3p7/default"),
    Case("nemotron_h_omni", "NemotronH_Omni_Reasoning_V3", family="nemotron-h-omni/default"),
    Case("cosmos3_edge", "Cosmos3Edge", family="cosmos3-edge/default"),
    Case("minimax_m3_vl", "MiniMaxM3VL", family="minimax-m3-vl/default"),
    Case("ernie4_5_vl_moe", "Ernie4_5_VLMoe", family="ernie4.5-vl-moe/default"),
    Case("ernie4_5_vl_moe", "Ernie4_5_VL_Moe", family="ernie4.5-vl-moe/default"),
    Case("paddleocr_vl", "PaddleOCRVL", family="paddleocr-vl/default"),
    Case("hunyuan_vl", "HunYuanVL", family="hunyuan-vl/default"),
    Case("muse_glimmer", "MuseGlimmer", family="muse-glimmer/default"),
    Case("glm5_next", "Glm5Next", family="glm5-next/default"),
    Case("video_llama_3", "VideoLlama3", family="video-llama-3/default"),
    Case("cohere_compass", "CohereCompass", family="cohere-compass/default"),
    Case(
        "dinov3_vit",
        "DINOv3ViT",
        typed("dinov3_vit", patch_size=16, num_register_tokens=4),
        family="dinov3-vit-16",
    ),
    Case("deit", "DeiT", typed("deit", patch_size=16), family="deit-224"),
    Case(
        "blip",
        "Blip",
        typed("blip-2", **CLIP_PATCH),
        sets={"size": {"height": 224, "width": 224}},
        family="blip2-224",
    ),
    Case(
        "eomt",
        "Eomt",
        {"patch_size": 16},
        sets={"size": {"shortest_edge": 512}, "do_split_image": True},
        family="eomt/semantic-512-split",
    ),
    Case(
        "eomt",
        "Eomt",
        {"patch_size": 16},
        sets={"do_pad": True},
        family="eomt/panoptic-640-pad",
    ),
    # counts are made here
    Case(
        "deepseek_vl_hybrid",
        "DeepseekVLHybrid",
        typed("deepseek_vl_hybrid"),
        words={"num_image_tokens": 576},
        around=("deepseek_vl_hybrid", "DeepseekVLHybrid"),
        row="deepseek-ai/deepseek-vl-7b-chat",
    ),
    Case(
        "gemma4_unified",
        "Gemma4Unified",
        around=("gemma4_unified", "Gemma4Unified"),
        tokens=("<image>", "<boi>", "<eoi>"),
    ),
    Case(
        "glmga",
        "Glmga",
        sets={"patch_expand_factor": 1},
        text=lambda made, image: "<image>" * (int(made["image_grid_thw"][0].prod()) // 4),
    ),
    Case(
        "unlimited_ocr",
        "UnlimitedOcr",
        words={"patch_size": 16, "downsample_ratio": 4},
        around=("unlimited_ocr", "UnlimitedOcr"),
        row="PaddlePaddle/Unlimited-OCR",
    ),
    Case(
        "aria",
        "Aria",
        typed("aria", **CLIP_PATCH),
        words={"size_conversion": {"490": 128, "980": 256}},
        text=lambda made, image: "<image>" * (256 * int(made["num_crops"])),
        row="rhymes-ai/Aria",
    ),
    Case(
        "llava",
        "Llava",
        typed("llava", **CLIP_PATCH),
        sets={"do_pad": True, "size": {"shortest_edge": 336}, "crop_size": 336},
        words={
            "patch_size": 14,
            "num_additional_image_tokens": 1,
            "vision_feature_select_strategy": "default",
        },
        around=("llava", "Llava"),
    ),
    Case(
        "video_llava",
        "VideoLlava",
        typed("video_llava", **CLIP_PATCH),
        words={
            "patch_size": 14,
            "num_additional_image_tokens": 1,
            "vision_feature_select_strategy": "default",
        },
        text=lambda made, image: "<image>" * (made["pixel_values_images"][0].shape[-1] // 14) ** 2,
    ),
    Case(
        "clip",
        "CLIP",
        typed("kosmos-2", latent_query_num=64, **CLIP_PATCH),
        text=lambda made, image: "<image>" + "<s>" * 64 + "</image>",
        tokens=("</?image>", "<s>"),
        row="microsoft/kosmos-2-patch14-224",
    ),
    Case(
        "clip",
        "CLIP",
        typed("florence2"),
        sets={
            "size": {"height": 768, "width": 768},
            "do_center_crop": False,
            "image_seq_length": 577,
        },
        text=lambda made, image: "<image>" * 577,
        row="microsoft/Florence-2-large",
    ),
    Case(
        "blip",
        "Blip",
        typed("instructblip", num_query_tokens=32, **CLIP_PATCH),
        sets={"size": {"height": 224, "width": 224}},
        text=lambda made, image: "<image>" * 32,
        row="Salesforce/instructblip-vicuna-7b",
    ),
    Case(
        "pixtral",
        "Pixtral",
        typed("lighton_ocr"),
        sets={"size": {"longest_edge": 1540}, "patch_size": {"height": 14, "width": 14}},
        words={"spatial_merge_size": 2},
        text=lambda made, image: "<image>" * cells(made["image_sizes"][0], 28),
        asks={"patch_size": {"height": 28, "width": 28}},  # as its processor does
        row="lightonai/LightOnOCR-1B-1025",
    ),
    Case(
        "got_ocr2",
        "GotOcr2",
        typed("got_ocr2"),
        sets={"size": {"height": 1024, "width": 1024}},
        text=lambda made, image: "<img>" + "<image>" * 256 * int(made["num_patches"][0]) + "</img>",
        tokens=("<image>", "</?img>"),
        row="stepfun-ai/GOT-OCR-2.0-hf",
    ),
    Case(
        "got_ocr2",
        "GotOcr2",
        typed("qianfan_ocr"),
        sets={"size": {"height": 448, "width": 448}, "crop_to_patches": True},
        words={"image_seq_length": 256},
        text=lambda made, image: "<img>" + "<image>" * 256 * int(made["num_patches"][0]) + "</img>",
        tokens=("<image>", "</?img>"),
        row="baidu/Qianfan-OCR",
    ),
    Case(
        "qwen2_vl",
        "Qwen2VL",
        typed("exaone4_5"),
        around=("exaone4_5", "Exaone4_5_"),
        row="LGAI-EXAONE/EXAONE-4.5-33B",
    ),
    Case(
        "qwen2_vl",
        "Qwen2VL",
        typed("hyperclovax_vision_v2"),
        around=("hyperclovax_vision_v2", "HyperCLOVAXVisionV2"),
        row="naver-hyperclovax/HyperCLOVAX-SEED-Think-32B",
    ),
    Case(
        "qwen2_vl",
        "Qwen2VL",
        typed("lfm3_vl"),
        sets={"patch_size": 16},
        around=("lfm3_vl", "Lfm3Vl"),
        row="LiquidAI/LFM3-VL-2B",
    ),
    Case(
        "cohere_compass",
        "CohereCompass",
        typed("cohere_compass"),
        around=("cohere_compass", "CohereCompass"),
        row="CohereLabs/North-Micro-Vision-Instruct",
    ),
    Case(
        "muse_glimmer",
        "MuseGlimmer",
        typed("muse_spark"),
        around=("muse_spark", "MuseSpark"),
        tokens=("<image>", "<image_start>", "<image_end>"),
        row="meta-models/Muse-Spark-Open-816B-A42B",
    ),
    Case(
        "paddleocr_vl",
        "PaddleOCRVL",
        typed("paddleocr_vl"),
        sets=limits(147384, 2822400),
        around=("paddleocr_vl", "PaddleOCRVL"),
        row="PaddlePaddle/PaddleOCR-VL",
    ),
    Case(
        "paddleocr_vl",
        "PaddleOCRVL",
        typed("paddleocr_vl"),
        sets=limits(112896, 1003520),
        around=("paddleocr_vl", "PaddleOCRVL"),
        row="PaddlePaddle/PaddleOCR-VL-1.5",
    ),
    Case(
        "qwen2_vl",
        "Qwen2VL",
        typed("dots_ocr"),
        sets={**limits(3136, 11289600), "temporal_patch_size": 1},
        text=lambda made, image: "<image>" * (int(made["image_grid_thw"][0].prod()) // 4),
        row="rednote-hilab/dots.ocr",
    ),
    Case(
        "llava_next",
        "LlavaNext",
        typed("granite4_vision"),
        sets={
            "size": {"shortest_edge": 384},
            "crop_size": {"height": 384, "width": 384},
            "image_grid_pinpoints": GRANITE,
            **HALF,
        },
        words={
            "patch_size": 16,
            "downsample_rate": "4/8",
            "vision_feature_select_strategy": "full",
        },
        around=("granite4_vision", "Granite4Vision"),
        row="ibm-granite/granite-vision-4.1-4b",
    ),
    Case(
        "idefics3",
        "Idefics3",
        typed("idefics3"),
        sets={"size": {"longest_edge": 2048}, "max_image_size": {"longest_edge": 512}},
        words={"image_seq_len": 64},
        around=("idefics3", "Idefics3"),
        tokens=("<image>", "<fake>", "<global-img>", r"<row_\d+_col_\d+>"),
        asks={"return_row_col_info": True},
        row="ibm-granite/granite-docling-258M",
    ),
    Case(
        "minicpm_ocr",
        "MiniCPMOcr",
        typed("minicpm_ocr"),
        sets={"use_image_id": False},
        around=("minicpm_ocr", "MiniCPMOcr"),
        tokens=("<image>", "<image_start>", "<image_end>", "<slice_start>", "<slice_end>"),
        writes={"image_token_divisor": 4},
        row="openbmb/MiniCPM-OCR-1.0",
    ),
    Case(
        "minicpmv4_6",
        "MiniCPMV4_6",
        typed("minicpmv4_7"),
        sets={"use_image_id": False},
        around=("minicpmv4_7", "MiniCPMV4_7"),
        tokens=("<image>", "<image_start>", "<image_end>", "<slice_start>", "<slice_end>"),
        writes={"image_token_divisor": 16},
        row="openbmb/MiniCPM-V-4.7-1B",
    ),
    Case(
        "inkling",
        "Inkling",
        typed("inkling"),
        around=("inkling", "Inkling"),
        row="thinkingmachines/Inkling",
    ),
    Case(
        "inkling2",
        "Inkling2",
        typed("inkling2"),
        around=("inkling2", "Inkling2"),
        row="thinkingmachines/Inkling-2-Small-MXFP8",
    ),
    Case(
        "kosmos2_5",
        "Kosmos2_5",
        typed("kosmos-2.5"),
        words={"num_image_tokens": 2048},
        text=lambda made, image: "<image>" + "<s>" * 2048 + "</image>",
        tokens=("</?image>", "<s>"),
        row="microsoft/kosmos-2.5",
    ),
    Case(
        "granite_docling",
        "GraniteDocling",
        typed("granite_docling"),
        words={"image_seq_len": 64},
        around=("granite_docling", "GraniteDocling"),
        tokens=("<image>", "<fake>", "<global-img>", r"<row_\d+_col_\d+>"),
        row="ibm-granite/granite-for-docling-500m",
    ),
    Case(
        "granite_docling",
        "GraniteDocling",
        typed("granite_docling"),
        sets={
            "max_patches": 8,
            "dense_max_patches": 24,
            "dense_max_scale": 1.2,
            "dense_min_aspect": 1.1,
            "dense_max_aspect": 3.0,
        },
        words={"image_seq_len": 64},
        around=("granite_docling", "GraniteDocling"),
        tokens=("<image>", "<fake>", "<global-img>", r"<row_\d+_col_\d+>"),
    ),
    Case(
        "lfm2_vl",
        "Lfm2Vl",
        typed("lfm2_vl"),
        sets={"use_thumbnail": False},
        around=("lfm2_vl", "Lfm2Vl"),
        tokens=("<image>", "<image_start>", "<image_end>", r"<\|img_row_\d+_col_\d+\|>"),
        asks={"return_row_col_info": True},
        writes={"use_image_special_tokens": True},
        row="LiquidAI/LFM2-VL-450M",
    ),
    Case(
        "lfm2_vl",
        "Lfm2Vl",
        typed("lfm2_vl"),
        sets={"max_pixels_tolerance": 1.5},
        around=("lfm2_vl", "Lfm2Vl"),
        tokens=("<image>", "<image_start>", "<image_end>", r"<\|img_.+?\|>"),
        asks={"return_row_col_info": True},
        writes={"use_image_special_tokens": True},
        row="LiquidAI/LFM2-VL-1.6B",
    ),
    Case(
        "glm_image",
        "GlmImage",
        typed("glm_image"),
        text=lambda made, image: "<image>" * (int(made["image_grid_thw"][0].prod()) // 4),
        row="zai-org/GLM-Image",
    ),
)


def cells(size: Any, side: int) -> int:
    height, width = (int(n) for n in size)
    return (height // side) * (width // side)


def written(case: Case, processor: Any) -> Callable[[Any, Any], str]:
    """What stands for a picture: the processor's own method, its tokens named here."""
    if case.around is None:
        assert case.text is not None
        return case.text
    module, name = case.around
    around = getattr(
        import_module(f"transformers.models.{module}.processing_{module}"), f"{name}Processor"
    )
    bare = around.__new__(around)
    named = {
        "image_token": "<image>", "boi_token": "<boi>", "eoi_token": "<eoi>",
        "image_start_token": "<image_start>", "image_end_token": "<image_end>",
        "slice_start_token": "<slice_start>", "slice_end_token": "<slice_end>",
        "fake_image_token": "<fake>", "global_image_tag": "<global-img>",
        "num_additional_image_tokens": 0, "image_processor": processor, "slice_mode": True,
        "image_thumbnail_token": "<|img_thumbnail|>",
    }  # fmt: skip
    for key, value in {**named, **case.words}.items():
        setattr(bare, key, value)
    return lambda made, image: bare.replace_image_token(made, 0, **case.writes)


def counted(case: Case, processor: Any) -> list[list[Any]]:
    """Width, height and tokens for each size; None where the reference refuses it."""
    write, rows = written(case, processor), []
    for width, height in SIZES:
        image = Image.new("RGB", (width, height))
        try:
            text = write(processor([image], return_tensors="pt", **case.asks), image)
        except (ValueError, ZeroDivisionError) as error:
            print(f"  {width}x{height}: {error}")
            rows.append([width, height, None])
            continue
        rows.append([width, height, sum(len(re.findall(name, text)) for name in case.tokens)])
    return rows


def golden(case: Case) -> dict[str, Any]:
    module = import_module(f"transformers.models.{case.module}.image_processing_{case.module}")
    processor = getattr(module, f"{case.name}ImageProcessor")(**dict(case.sets))
    saved = {key: value for key, value in processor.to_dict().items() if key not in FLAGS}
    files = {"preprocessor_config.json": saved}
    for name, values in (("processor_config.json", case.words), ("config.json", case.config)):
        if values:
            files[name] = dict(values)
    told = {"family": case.family} if case.family else {"counts": counted(case, processor)}
    around = {"processor": case.around[0]} if case.around else {}
    row = {"row": case.row} if case.row else {}
    return {"module": case.module, **around, **row, "files": files, **told}


def main() -> None:
    warnings.filterwarnings("ignore")
    lines = []
    for case in CASES:
        print(case.name, case.config.get("model_type", ""))
        lines.append(json.dumps(golden(case), default=dict))
    OUT.write_text("[\n" + ",\n".join(lines) + "\n]\n", "utf-8")


if __name__ == "__main__":
    main()
