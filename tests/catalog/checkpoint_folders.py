"""Checkpoint folders with their published values, written by hand."""

import json

CLIP = {
    "image_mean": [0.48145466, 0.4578275, 0.40821073],
    "image_std": [0.26862954, 0.26130258, 0.27577711],
}
HALF = {"image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5]}
QWEN = {"patch_size": 14, "merge_size": 2, "temporal_patch_size": 2}
PINPOINTS = [[336, 672], [672, 336], [672, 672], [1008, 336], [336, 1008]]

# name -> (the files, tokens of 1920 x 1080)
FOLDERS = {
    "qwen2-vl": (
        {
            "preprocessor_config.json": {
                "image_processor_type": "Qwen2VLImageProcessor",
                "min_pixels": 3136,
                "max_pixels": 12845056,
                **QWEN,
                **CLIP,
            },
            "config.json": {"model_type": "qwen2_vl", "max_position_embeddings": 32768},
        },
        2691,
    ),
    "qwen2.5-vl": (
        {
            "preprocessor_config.json": {
                "image_processor_type": "Qwen2VLImageProcessorFast",
                "size": {"shortest_edge": 3136, "longest_edge": 12845056},
                **QWEN,
                **CLIP,
            },
        },
        2691,
    ),
    "qwen3-vl": (
        {
            "preprocessor_config.json": {
                "image_processor_type": "Qwen2VLImageProcessorFast",
                "size": {"longest_edge": 16777216, "shortest_edge": 65536},
                "patch_size": 16,
                "merge_size": 2,
                "temporal_patch_size": 2,
                **HALF,
            },
        },
        2040,
    ),
    "glm-4.1v": (
        {
            "preprocessor_config.json": {
                "image_processor_type": "Glm4vImageProcessor",
                "size": {"shortest_edge": 12544, "longest_edge": 9633792},
                **QWEN,
                **CLIP,
            },
        },
        2691,
    ),
    "llava-next": (
        {
            "preprocessor_config.json": {
                "image_processor_type": "LlavaNextImageProcessor",
                "image_grid_pinpoints": PINPOINTS,
                "size": {"shortest_edge": 336},
                "crop_size": {"height": 336, "width": 336},
                "resample": 3,
                **CLIP,
            },
            "processor_config.json": {
                "patch_size": 14,
                "num_additional_image_tokens": 1,
                "vision_feature_select_strategy": "default",
            },
        },
        1948,
    ),
    "llava-onevision": (
        {
            "preprocessor_config.json": {
                "image_processor_type": "LlavaOnevisionImageProcessor",
                "image_grid_pinpoints": [
                    [384 * i, 384 * j] for i in range(1, 7) for j in range(1, 7)
                ],
                "size": {"height": 384, "width": 384},
                **HALF,
            },
            "processor_config.json": {
                "num_image_tokens": 729,
                "vision_feature_select_strategy": "full",
                "vision_aspect_ratio": "anyres_max_9",
            },
        },
        7269,
    ),
    "internvl-hf": (
        {
            "preprocessor_config.json": {
                "image_processor_type": "GotOcr2ImageProcessorFast",
                "size": {"height": 448, "width": 448},
                "crop_to_patches": False,
                "min_patches": 1,
                "max_patches": 12,
            },
            "processor_config.json": {"image_seq_length": 256},
            "config.json": {"model_type": "internvl"},
        },
        2306,
    ),
    "internvl-chat": (
        {
            "preprocessor_config.json": {
                "feature_extractor_type": "CLIPFeatureExtractor",
                "do_center_crop": True,
                "crop_size": 448,
                "size": 448,
            },
            "config.json": {
                "model_type": "internvl_chat",
                "force_image_size": 448,
                "downsample_ratio": 0.5,
                "dynamic_image_size": True,
                "use_thumbnail": True,
                "min_dynamic_patch": 1,
                "max_dynamic_patch": 6,
                "vision_config": {"patch_size": 14},
            },
        },
        770,
    ),
    "pixtral": (
        {
            "preprocessor_config.json": {
                "image_processor_type": "PixtralImageProcessor",
                "patch_size": {"height": 16, "width": 16},
                "size": {"longest_edge": 1024},
                **CLIP,
            },
            "config.json": {"model_type": "llava"},
        },
        2340,
    ),
    "mistral-small-3.1": (
        {
            "processor_config.json": {
                "image_processor": {
                    "image_processor_type": "PixtralImageProcessorFast",
                    "patch_size": 14,
                    "size": {"longest_edge": 1540},
                    **CLIP,
                },
                "spatial_merge_size": 2,
            },
            "config.json": {"model_type": "mistral3"},
        },
        1736,
    ),
    "llama-3.2-vision": (
        {
            "preprocessor_config.json": {
                "image_processor_type": "MllamaImageProcessor",
                "size": {"height": 560, "width": 560},
                "max_image_tiles": 4,
            },
            "config.json": {"model_type": "mllama", "vision_config": {"patch_size": 14}},
        },
        1,
    ),
    "llama-4": (
        {
            "preprocessor_config.json": {
                "image_processor_type": "Llama4ImageProcessorFast",
                "size": {"height": 336, "width": 336},
                "max_patches": 16,
                "resample": 2,
                **HALF,
            },
            "processor_config.json": {"patch_size": 14, "pixel_shuffle_ratio": 0.5},
            "config.json": {
                "model_type": "llama4",
                "text_config": {"max_position_embeddings": 10485760},
            },
        },
        2322,
    ),
    "gemma-3": (
        {
            "preprocessor_config.json": {
                "image_processor_type": "Gemma3ImageProcessor",
                "size": {"height": 896, "width": 896},
                "image_seq_length": 256,
                "do_pan_and_scan": None,
                "resample": 2,
                **HALF,
            },
        },
        258,
    ),
    "idefics3": (
        {
            "preprocessor_config.json": {
                "image_processor_type": "Idefics3ImageProcessor",
                "size": {"longest_edge": 1456},
                "max_image_size": {"longest_edge": 364},
                "do_image_splitting": True,
                "resample": 1,
                **HALF,
            },
            "processor_config.json": {"image_seq_len": 169},
        },
        2224,
    ),
    "smolvlm": (
        {
            "preprocessor_config.json": {
                "image_processor_type": "SmolVLMImageProcessor",
                "size": {"longest_edge": 2048},
                "max_image_size": {"longest_edge": 512},
                "do_image_splitting": True,
                **HALF,
            },
            "processor_config.json": {"image_seq_len": 64},
        },
        859,
    ),
    "siglip2-naflex": (
        {
            "preprocessor_config.json": {
                "image_processor_type": "Siglip2ImageProcessor",
                "patch_size": 16,
                "max_num_patches": 256,
                **HALF,
            },
        },
        252,
    ),
    "clip": (
        {
            "preprocessor_config.json": {
                "feature_extractor_type": "CLIPFeatureExtractor",
                "do_center_crop": True,
                "size": 224,
                "crop_size": 224,
                **CLIP,
            },
            "config.json": {"model_type": "clip", "vision_config": {"patch_size": 32}},
        },
        50,
    ),
    "llava-1.5": (
        {
            "preprocessor_config.json": {
                "image_processor_type": "CLIPImageProcessor",
                "do_center_crop": True,
                "size": {"shortest_edge": 336},
                "crop_size": {"height": 336, "width": 336},
                **CLIP,
            },
            "processor_config.json": {
                "patch_size": 14,
                "vision_feature_select_strategy": "default",
            },
            "config.json": {"model_type": "llava"},
        },
        576,
    ),
    "vit": (
        {
            "preprocessor_config.json": {
                "image_processor_type": "ViTImageProcessor",
                "size": 224,
                "resample": 2,
                **HALF,
            },
            "config.json": {"model_type": "vit", "patch_size": 16},
        },
        197,
    ),
    "qwen2.5-vl, an older file": (
        {
            "preprocessor_config.json": {
                "image_processor_type": "Qwen2_5_VLImageProcessor",
                "min_pixels": 3136,
                "max_pixels": 12845056,
                **QWEN,
                **CLIP,
            },
        },
        2691,
    ),
    "aya-vision": (
        {
            "preprocessor_config.json": {
                "image_processor_type": "GotOcr2ImageProcessor",
                "size": {"height": 364, "width": 364},
                "min_patches": 1,
                "max_patches": 12,
                **CLIP,
            },
            "processor_config.json": {"patch_size": 14, "downsample_factor": 2},
            "config.json": {"model_type": "aya_vision"},
        },
        9 * 170 + 2,  # 4 x 2 tiles and the overview, each behind its name
    ),
    "paligemma": (
        {
            "preprocessor_config.json": {
                "image_processor_type": "SiglipImageProcessor",
                "size": {"height": 224, "width": 224},
                **HALF,
            },
            "config.json": {"model_type": "paligemma", "vision_config": {"patch_size": 14}},
        },
        256,
    ),
    "gemma-3n": (
        {
            "preprocessor_config.json": {
                "image_processor_type": "SiglipImageProcessorFast",
                "size": {"height": 768, "width": 768},
                "resample": 2,
            },
            "processor_config.json": {"image_seq_length": 256},
            "config.json": {"model_type": "gemma3n"},
        },
        258,
    ),
    "dinov2": (
        {
            "preprocessor_config.json": {
                "image_processor_type": "BitImageProcessor",
                "do_center_crop": True,
                "size": {"shortest_edge": 256},
                "crop_size": {"height": 224, "width": 224},
                "resample": 3,
            },
            "config.json": {"model_type": "dinov2", "patch_size": 14},
        },
        257,
    ),
    "phi-3.5-vision": (
        {
            "preprocessor_config.json": {
                "image_processor_type": "Phi3VImageProcessor",
                "num_crops": 16,
                "num_img_tokens": 144,
                **CLIP,
            },
            "config.json": {"model_type": "phi3_v"},
        },
        2353,
    ),
    "minicpm-v-2.6": (
        {
            "preprocessor_config.json": {
                "image_processor_type": "MiniCPMVImageProcessor",
                "max_slice_nums": 9,
                "scale_resolution": 448,
                "patch_size": 14,
                "use_image_id": True,
                "image_feature_size": 64,
                "slice_mode": True,
                "version": 2.6,
            },
        },
        9 * (64 + 2) + 2,  # the overview and 2 x 4 slices; <image_id> and </image_id>
    ),
    "glm-ocr": (
        {
            "preprocessor_config.json": {
                "image_processor_type": "Glm46VImageProcessor",
                "size": {"shortest_edge": 12544, "longest_edge": 9633792},
                **QWEN,
                **CLIP,
            },
        },
        2691,
    ),
    "minicpm-v-2.5": (
        {
            "preprocessor_config.json": {
                "image_processor_type": "MiniCPMVImageProcessor",
                "max_slice_nums": 9,
                "scale_resolution": 448,
                "patch_size": 14,
                "image_feature_size": 96,
                "version": 2.5,
            },
        },
        9 * (96 + 2) + 2,  # <slice> and </slice> around 2 x 4 slices
    ),
    "minicpm-v-4.6": (
        {
            "preprocessor_config.json": {
                "image_processor_type": "MiniCPMV4_6ImageProcessor",
                "max_slice_nums": 9,
                "scale_resolution": 448,
                "patch_size": 14,
                "use_image_id": True,
                "slice_mode": True,
            },
        },
        596 + 2,
    ),
    "kimi-k2.5": (
        {
            "preprocessor_config.json": {
                "auto_map": {
                    "AutoProcessor": "kimi_k25_processor.KimiK25Processor",
                    "AutoImageProcessor": "kimi_k25_vision_processing.KimiK25VisionProcessor",
                },
                "media_proc_cfg": {
                    "in_patch_limit": 16384,
                    "patch_size": 14,
                    "merge_kernel_size": 2,
                    "fixed_output_tokens": None,
                    "patch_limit_on_one_side": 512,
                },
            },
        },
        2691,
    ),
    "molmo-7b-d": (
        {
            "preprocessor_config.json": {
                "image_processor_type": "MolmoImageProcessor",
                "base_image_input_size": [336, 336],
                "image_patch_size": 14,
                "image_token_length_h": 12,
                "image_token_length_w": 12,
                "max_crops": 12,
                "overlap_margins": [4, 4],
                **CLIP,
            },
        },
        1196,
    ),
    "deepseek-vl2": (
        {
            "processor_config.json": {
                "candidate_resolutions": [
                    [wide * 384, tall * 384]
                    for wide in range(1, 10)
                    for tall in range(1, 10)
                    if wide * tall <= 9
                ],
                "downsample_ratio": 2,
                "patch_size": 14,
                "processor_class": "DeepseekVLV2Processor",
                **HALF,
            },
            "config.json": {"model_type": "deepseek_vl_v2"},
        },
        14 * 15 + 1 + 2 * 14 * (4 * 14 + 1),  # 4 x 2 tiles
    ),
    "deepseek-ocr": (
        {
            "processor_config.json": {
                "candidate_resolutions": [[1024, 1024]],
                "downsample_ratio": 4,
                "patch_size": 16,
                "processor_class": "DeepseekVLV2Processor",
                **HALF,
            },
            "config.json": {"model_type": "deepseek_vl_v2"},
        },
        483,
    ),
    "kimi-vl": (
        {
            "preprocessor_config.json": {
                "image_processor_type": "KimiVLImageProcessor",
                "in_token_limit": 4096,
                "patch_size": 14,
                "merge_kernel_size": [2, 2],
                "pad_input": True,
                **HALF,
            },
        },
        1032,
    ),
}


def written(tmp_path, name, files):
    folder = tmp_path / name
    folder.mkdir()
    for file, data in files.items():
        (folder / file).write_text(json.dumps(data), "utf-8")
    return folder
