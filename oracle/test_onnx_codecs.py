"""A published codec as ONNX: EnCodec's encoder, with weights by chance, and its own ids."""

import numpy as np
import pytest
import torch
from transformers import EncodecConfig, EncodecModel

import multitok
from multitok import Audio

RATE, BOOKS = 24_000, 8


@pytest.fixture(scope="module")
def encodec():
    """EnCodec's own layers, narrower than published, with codes that lie apart."""
    torch.manual_seed(0)
    config = EncodecConfig(num_filters=8, hidden_size=32, codebook_dim=32, codebook_size=256)
    model = EncodecModel(config).eval()
    for layer in model.quantizer.layers:
        layer.codebook.embed.normal_(std=0.3)
    return model


@pytest.fixture(scope="module")
def exported(encodec, tmp_path_factory):
    """The encoder as ONNX, for any number of samples, and the codebooks beside it."""
    folder = tmp_path_factory.mktemp("encodec")
    torch.onnx.export(
        encodec.encoder, (torch.zeros(1, 1, 24_000),), folder / "enc.onnx", dynamo=False,
        input_names=["sound"], output_names=["vectors"],
        dynamic_axes={"sound": {2: "samples"}, "vectors": {2: "frames"}},
    )  # fmt: skip
    books = [layer.codebook.embed.numpy() for layer in encodec.quantizer.layers[:BOOKS]]
    np.savez(folder / "codes.npz", codebooks=np.stack(books))
    return folder


@pytest.mark.parametrize("seconds", [0.2, 1, 10])
def test_encodec_s_encoder_gives_the_ids_that_it_gives_in_torch(seconds, encodec, exported):
    samples = int(seconds * RATE)
    noise = np.random.default_rng(0).normal(0, 0.1, samples)
    wave = (0.5 * np.sin(np.arange(samples) / 30) + noise).astype(np.float32)
    codec = multitok.get_tokenizer(
        "onnx-codec", encoder=str(exported / "enc.onnx"), codebook=str(exported / "codes.npz"),
        sample_rate=RATE, hop=encodec.config.hop_length,
    )  # fmt: skip
    with torch.no_grad():
        vectors = encodec.encoder(torch.from_numpy(wave)[None, None])
        theirs = encodec.quantizer.encode(vectors)[:BOOKS, 0]
    ids = codec.encode(Audio(wave, RATE)).ids.reshape(-1, BOOKS)
    codes = ids - np.arange(BOOKS) * encodec.config.codebook_size
    assert codes.shape == (samples // encodec.config.hop_length, BOOKS)
    assert np.array_equal(codes.T, theirs.numpy())
