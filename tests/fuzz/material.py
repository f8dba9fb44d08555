"""Good files and requests, and strange values to put into them: for fuzzing, and for the tests that
change one value at a time."""

from __future__ import annotations

import io
import json

import numpy as np

VALUES = [
    None, True, False, 0, 1, -1, 2, 7, 3.5, 1e308, float("inf"), float("nan"), 10**12, 2**63, "",
    "a", "0", "²", "data:,x", "x" * 50, [], [1], [[1]], ["a"], [1, 2], [[1, 2], [3]], {}, {"a": 1},
    {"type": "text"}, {"tokenizer": "patch"}, {"modality": "series", "steps": 3},
]  # fmt: skip
"""What may stand anywhere in JSON, whatever is meant to be there."""

STRANGE = [
    *VALUES, 14, 10**9, -14, "x\"y\n", "\x1b[31m", "\ud800", [1, 2, 3], [0.5, 0.5, 0.5], [[0, 0]],
    {"height": 1, "width": 1}, {"height": 0, "width": 0}, {"shortest_edge": -5},
    "Qwen2VLImageProcessor", "BPE", "Unigram", "WordPiece", "WordLevel", "ByteLevel", "Sequence",
    {"type": "Sequence"}, {"type": "Sequence", "normalizers": 5}, {"Regex": "("},
    {"Regex": "(a+)+$"}, [["a", "b"]], ["a b"], [{"id": 0, "content": "a"}], [{"content": 5}],
    {"type": "NFC"}, {"type": "Metaspace"},
]  # fmt: skip
"""The same, and what means something in files beside the input."""

# --- files of columns --------------------------------------------------------------------------


def array_file(save, *arrays, **named):
    file = io.BytesIO()
    save(file, *arrays, **named)
    return file.getvalue()


COLUMNS = [
    ("csv", b"time,a,b\n2024-01-01,1,2\n2024-01-02,3,4\n"), ("csv", b"a;b\n1,5;2,5\n3,5;4\n"),
    ("csv", b'"a","b"\n"1","2"\n'), ("csv", b'"a;b\n3,5;4\n'),
    ("csv", b'"a\nb",c\n1,2\n'), ("csv", b"1 2 3\n4 5 6\n"), ("csv", b",a\n0,1\n1,3\n"),
    ("tsv", b"t\tx\n0\t1\n1\t2\n"), ("json", b"[[1,2],[3,4]]"), ("json", b'{"a":[1],"b":[3]}'),
    ("json", b'[{"a":1},{"a":2}]'), ("jsonl", b'{"start":"2024","target":[1,2]}\n' * 2),
    ("jsonl", b'{"target":[[1,2],[3,4]],"feat_dynamic_real":[[1,2]]}\n'),
    ("ts", b"@problemname x\n@timestamps false\n@classlabel true a b\n@data\n1,2,3:a\n4,5,6:b\n"),
    ("tsf", b"@attribute series_name string\n@frequency daily\n@data\nT1:1,2,?\n"),
    ("bvh", b"HIERARCHY\nROOT Hips\n{\nCHANNELS 1 Xposition\nEnd Site\n{\n}\n}\nMOTION\nFrames: 2\n"
     b"Frame Time: 0.1\n1\n4\n"),
    ("npy", array_file(np.save, np.arange(6.0).reshape(3, 2))),
    ("npz", array_file(np.savez, a=np.arange(3.0), b=np.ones((3, 2)))),
    ("npz", array_file(np.savez_compressed, a=np.arange(3.0))),
]  # fmt: skip


DESCRIPTIONS = [
    "'<f8'", "'<f0'", "'|O'", "'<f'", "'f8'", "'>i4'", "'|b1'", "'<U4'", "[('a','<f8')]", "'<f88'",
    "'i-1'", "8", "None", "'<m8'", "'<c8'", "'f1e3'", "''", "b'<f8'",
]  # fmt: skip
SHAPES = [
    "(3, 2)", "(3,)", "()", "(-1,2)", "(1<<62,2)", "('a',2)", "(3,0)", "[3,2]", "{}", "'ab'",
    "(3.0,2)", "(True,2)", "(None,)", "(0,)", "3",
]  # fmt: skip
ORDERS = ["True", "False", "1", "None", "'a'"]


def npy(descr, shape, order, numbers=bytes(48)):
    """An .npy file whose header says this."""
    text = f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}}}".encode()
    return b"\x93NUMPY\1\0" + len(text).to_bytes(2, "little") + text + numbers


# --- requests ----------------------------------------------------------------------------------


PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJg"
    "gg=="
)
CALL = {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
SCHEMA = {
    "type": "object",
    "properties": {"a": {"type": "string", "enum": ["x"]}},
    "required": ["a"],
}
TOOL = {"type": "function", "function": {"name": "f", "description": "d", "parameters": SCHEMA}}
URL = f"data:image/png;base64,{PIXEL}"
REQUESTS = {
    "openai": {
        "model": "gpt-4o", "messages": [
            {"role": "user", "name": "n", "content": [
                {"type": "text", "text": "hi"},
                {"type": "image_url", "image_url": {"url": URL, "detail": "low"}},
                {"type": "input_audio", "input_audio": {"data": PIXEL, "format": "wav"}},
                {"type": "file", "file": {"file_data": "data:application/pdf;base64,JVBERi0="}}]},
            {"role": "assistant", "tool_calls": [CALL]},
            {"role": "tool", "tool_call_id": "1", "content": "r"}],
        "tools": [TOOL], "max_tokens": 5, "n": 2,
        "response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": SCHEMA}}},
    "responses": {
        "model": "gpt-5.4", "instructions": "x", "input": [
            {"role": "user", "content": [
                {"type": "input_text", "text": "a"}, {"type": "input_image", "image_url": URL}]},
            {"type": "function_call", "call_id": "1", "name": "f", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "1", "output": "x"},
            {"type": "reasoning", "summary": [{"type": "summary_text", "text": "t"}]}],
        "tools": [{"type": "function", "name": "f", "parameters": SCHEMA}, {"type": "web_search"}]},
    "anthropic": {
        "model": "claude-opus-5", "system": [
            {"type": "text", "text": "s", "cache_control": {"type": "ephemeral"}}],
        "messages": [
            {"role": "user", "content": [
                {"type": "image",
                 "source": {"type": "base64", "media_type": "image/png", "data": PIXEL}},
                {"type": "document", "title": "t",
                 "source": {"type": "text", "media_type": "text/plain", "data": "x"}},
                {"type": "tool_result", "tool_use_id": "1",
                 "content": [{"type": "text", "text": "t"}]}]},
            {"role": "assistant", "content": [
                {"type": "thinking", "thinking": "x", "signature": "s"},
                {"type": "tool_use", "id": "1", "name": "f", "input": {"a": 1}}]}],
        "tools": [{"name": "f", "input_schema": SCHEMA}], "max_tokens": 9},
    "gemini": {
        "model": "gemini-2.5-flash", "contents": [
            {"role": "user", "parts": [
                {"inlineData": {"mimeType": "image/png", "data": PIXEL},
                 "mediaResolution": {"level": "MEDIA_RESOLUTION_LOW"}},
                {"fileData": {"fileUri": "gs://x/y.mp4", "mimeType": "video/mp4"},
                 "videoMetadata": {"fps": 2, "startOffset": "1s", "endOffset": "2s"}},
                {"functionResponse": {"name": "f", "response": {"a": 1}}}]}],
        "systemInstruction": {"parts": [{"text": "s"}]},
        "tools": [{"functionDeclarations": [{"name": "f", "parameters": {"type": "OBJECT"}}]}],
        "generationConfig": {"maxOutputTokens": 5, "responseSchema": {"type": "OBJECT"}}},
    "mistral": {
        "model": "mistral-medium-latest", "messages": [
            {"role": "user", "content": [
                {"type": "text", "text": "x"}, {"type": "image_url", "image_url": URL},
                {"type": "document_url", "document_url": "https://x/y.pdf"},
                {"type": "input_audio", "input_audio": PIXEL}]},
            {"role": "assistant", "content": "", "tool_calls": [CALL]},
            {"role": "tool", "tool_call_id": "1", "name": "f", "content": "r"}],
        "tools": [TOOL], "prompt_mode": "reasoning"},
    "cohere": {
        "model": "command-a-vision-07-2025", "messages": [
            {"role": "system", "content": "s"},
            {"role": "user", "content": [
                {"type": "text", "text": "x"}, {"type": "image_url", "image_url": {"url": URL}}]},
            {"role": "assistant", "tool_plan": "p", "tool_calls": [CALL]},
            {"role": "tool", "tool_call_id": "1", "content": [
                {"type": "document", "document": {"id": "1", "data": {"a": "b"}}}]}],
        "tools": [TOOL], "documents": [{"id": "d", "data": {"text": "x", "title": "t"}}, "bare"]},
    "ollama": {
        "model": "qwen2.5vl:7b", "messages": [
            {"role": "user", "content": "x", "images": [PIXEL]},
            {"role": "assistant", "content": "", "thinking": "t",
             "tool_calls": [{"function": {"name": "f", "arguments": {"a": 1}}}]},
            {"role": "tool", "tool_name": "f", "content": "r"}],
        "tools": [TOOL], "options": {"num_ctx": 4096}, "format": SCHEMA, "keep_alive": "5m"},
    "bedrock": {
        "modelId": "amazon.nova-pro-v1:0", "system": [{"text": "s"}], "messages": [
            {"role": "user", "content": [
                {"text": "x"}, {"image": {"format": "png", "source": {"bytes": PIXEL}}},
                {"document": {"format": "txt", "name": "n", "source": {"text": "d"}}},
                {"video": {"format": "mp4", "source": {"s3Location": {"uri": "s3://x/y.mp4"}}}},
                {"toolResult": {"toolUseId": "1", "content": [{"json": {"a": 1}}]}},
                {"cachePoint": {"type": "default"}}]},
            {"role": "assistant", "content": [
                {"reasoningContent": {"reasoningText": {"text": "t", "signature": "s"}}},
                {"toolUse": {"toolUseId": "1", "name": "f", "input": {"a": 1}}}]}],
        "toolConfig": {"tools": [{"toolSpec": {"name": "f", "inputSchema": {"json": SCHEMA}}}]},
        "inferenceConfig": {"maxTokens": 5}, "additionalModelRequestFields": {"top_k": 5}},
    "titan": {"modelId": "amazon.titan-text-express-v1", "inputText": "x",
              "textGenerationConfig": {"maxTokenCount": 5}},
    "plain": [{"role": "user", "content": "hi"}, {"role": "assistant", "content": ["a"]}],
    "embeddings": {"model": "text-embedding-3-small", "input": ["a", "b"]},
    "tools": {"tools": [{"name": "f", "description": "d", "inputSchema": SCHEMA}]},
}  # fmt: skip
"""A request of each format, with each kind of block that its API has."""


# --- files beside the input --------------------------------------------------------------------


VOCABULARY = {"[UNK]": 0, "[CLS]": 1, "[SEP]": 2, "hello": 3, "world": 4, "h": 5, "##e": 6}
TEMPLATE = {
    "type": "TemplateProcessing",
    "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}},
               {"Sequence": {"id": "A", "type_id": 0}}],
    "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
    "special_tokens": {"[CLS]": {"id": "[CLS]", "ids": [1], "tokens": ["[CLS]"]}},
}  # fmt: skip
ADDED = {"id": 0, "content": "[UNK]", "single_word": False, "lstrip": False, "rstrip": False,
         "normalized": False, "special": True}  # fmt: skip
TOKENIZERS = [
    {"version": "1.0", "added_tokens": [ADDED], "normalizer": {"type": "Lowercase"},
     "pre_tokenizer": {"type": "Whitespace"}, "post_processor": TEMPLATE,
     "model": {"type": "WordLevel", "vocab": VOCABULARY, "unk_token": "[UNK]"}},
    {"version": "1.0", "added_tokens": [], "pre_tokenizer": {
        "type": "Sequence", "pretokenizers": [
            {"type": "Digits", "individual_digits": True},
            {"type": "Split", "pattern": {"String": " "}, "behavior": "Isolated",
             "invert": False}]},
     "model": {"type": "BPE", "vocab": {"h": 0, "e": 1, "he": 2, " ": 3}, "merges": [["h", "e"]]}},
]  # fmt: skip


CHECKPOINTS = [
    {"preprocessor_config.json": {
        "feature_extractor_type": "Wav2Vec2FeatureExtractor", "sampling_rate": 16000},
     "config.json": {
        "model_type": "wav2vec2", "conv_kernel": [10, 3, 2], "conv_stride": [5, 2, 2],
        "add_adapter": True, "adapter_stride": 2, "num_adapter_layers": 3}},
    {"processor_config.json": {
        "max_audio_len": 655,
        "feature_extractor": {
            "feature_extractor_type": "WhisperFeatureExtractor", "sampling_rate": 16000,
            "chunk_length": 30, "feature_size": 128}},
     "config.json": {"model_type": "glmasr"},
     "video_preprocessor_config.json": {
        "video_processor_type": "MiniCPMV4_6VideoProcessor", "scale_resolution": 448,
        "patch_size": 14, "max_slice_nums": 9, "max_num_frames": 128, "downsample_mode": "16x"}},
    {"preprocessor_config.json": {
        "image_processor_type": "Qwen2VLImageProcessor", "patch_size": 14, "merge_size": 2,
        "temporal_patch_size": 2, "min_pixels": 3136, "max_pixels": 12845056,
        "image_mean": [0.5, 0.5, 0.5], "resample": 3},
     "video_preprocessor_config.json": {
        "video_processor_type": "Qwen2VLVideoProcessor", "patch_size": 14, "merge_size": 2,
        "temporal_patch_size": 2, "min_pixels": 100352, "max_pixels": 602112, "fps": 2}},
    {"preprocessor_config.json": {
        "image_processor_type": "LlavaNextImageProcessor", "size": {"shortest_edge": 336},
        "crop_size": {"height": 336, "width": 336},
        "image_grid_pinpoints": [[336, 672], [672, 336]]},
     "processor_config.json": {"patch_size": 14, "vision_feature_select_strategy": "default",
                               "num_additional_image_tokens": 1}},
    {"preprocessor_config.json": {
        "image_processor_type": "Llama4ImageProcessor", "size": {"height": 336, "width": 336},
        "max_patches": 16},
     "processor_config.json": {"patch_size": 14, "pixel_shuffle_ratio": 0.5}},
    {"preprocessor_config.json": {
        "image_processor_type": "GotOcr2ImageProcessor", "size": {"height": 448, "width": 448},
        "min_patches": 1, "max_patches": 12},
     "processor_config.json": {"image_seq_length": 256}, "config.json": {"model_type": "internvl"}},
    {"video_preprocessor_config.json": {
        "video_processor_type": "SmolVLMVideoProcessor", "max_image_size": {"longest_edge": 384},
        "video_sampling": {"fps": 1, "max_frames": 64, "video_size": {"longest_edge": 384}}},
     "processor_config.json": {"image_seq_len": 64}},
    {"preprocessor_config.json": {
        "image_processor_type": "VivitImageProcessor", "size": {"shortest_edge": 256},
        "crop_size": {"height": 224, "width": 224}, "rescale_factor": 0.0078},
     "config.json": {"model_type": "vivit", "tubelet_size": [2, 16, 16], "num_frames": 32}},
]  # fmt: skip


OWN = {
    "provider": "acme",
    "rules": {"tiles": {"tokenizer": "openai-tile", "kind": "documented", "source": "a page",
                        "params": {"base": 10, "tile": 20}, "options": {
                            "detail": {"default": "high", "high": {}, "low": {
                                "tokenizer": "image-flat", "params": {"tokens": 10}}},
                            "size": {"default": 512, "param": "tile", "type": "int", "min": 1}}}},
    "model": [{"id": "acme-1", "aliases": ["a"], "context_window": 1000, "image": "tiles",
               "text": {"tokenizer": "o200k_base", "kind": "exact", "source": "a page"}}],
}  # fmt: skip


def toml(value):
    """A document as inline TOML: null, which TOML has not, is left out."""
    if isinstance(value, dict):
        return "\n".join(
            f"{json.dumps(k)} = {inline(v)}" for k, v in value.items() if v is not None
        )
    return ""


def inline(value):
    if isinstance(value, dict):
        inner = (f"{json.dumps(k)} = {inline(v)}" for k, v in value.items() if v is not None)
        return "{" + ", ".join(inner) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(inline(item) for item in value if item is not None) + "]"
    if isinstance(value, float):
        return repr(value)
    return json.dumps(value)
