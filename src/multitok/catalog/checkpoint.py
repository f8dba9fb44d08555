"""The JSON files of a checkpoint folder, and what a rule asks of them.

A number that is not there is an error that names the key and the file, never a default.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

from multitok.core.errors import CatalogError
from multitok.core.schema import Within, misfit, parsed

PREPROCESSOR = "preprocessor_config.json"
VIDEO = "video_preprocessor_config.json"
PROCESSOR = "processor_config.json"
CONFIG = "config.json"

SOUND = ("feature_extractor", "audio_processor")
"""How processor_config.json names what reads sound."""

Params = dict[str, Any]
Share = Annotated[float, Within("a share above 0 and up to 1", 1e-6, 1)]

RESAMPLE = {1: "lanczos", 2: "bilinear", 3: "bicubic"}  # Pillow's numbers


class Folder:
    """The JSON files of a checkpoint, and errors that name what one of them lacks."""

    def __init__(self, path: Path) -> None:
        self.path = path
        if not path.is_dir():
            raise CatalogError(f"{path}: not a folder with a checkpoint", file=str(path))
        self.files = {name: self._read(name) for name in (PREPROCESSOR, VIDEO, PROCESSOR, CONFIG)}
        nests = [(PREPROCESSOR, key) for key in ("image_processor", *SOUND)]
        for name, key in (*nests, (VIDEO, "video_processor")):
            nested = self.files[PROCESSOR].get(key)
            if isinstance(
                nested, Mapping
            ):  # newer checkpoints keep it inside processor_config.json
                self.files[name] = {**self.files[name], **nested}
        if "candidate_resolutions" in self.files[PROCESSOR]:  # DeepSeek's has its pictures within
            self.files[PREPROCESSOR] |= self.files[PROCESSOR]
        if not self.files[PREPROCESSOR] and not self.files[VIDEO]:
            raise CatalogError(
                f"{path}: has neither {PREPROCESSOR} nor an image_processor or a feature_extractor"
                f" in {PROCESSOR}",
                file=str(path),
            )

    def _read(self, name: str) -> dict[str, Any]:
        file = self.path / name
        if not file.is_file():
            return {}
        try:
            data = parsed(file.read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise CatalogError(f"{file}: not JSON ({error})", file=str(file)) from error
        if not isinstance(data, dict):
            raise CatalogError(f"{file}: must be an object", file=str(file))
        return data

    def name(self) -> str:
        given = self.find(CONFIG, "_name_or_path")
        usable = isinstance(given, str) and given and not given.startswith((".", "/"))
        return str(given) if usable else self.path.resolve().name

    def processor(self) -> str:
        """The class of the image processor, without the back end in its name."""
        found = self.find(PREPROCESSOR, "image_processor_type")
        found = found or self.find(PREPROCESSOR, "feature_extractor_type")
        named = not found or str(found).startswith("CLIP")  # whose numbers they do not go by
        if named and self.find(CONFIG, "force_image_size"):
            return "InternVLChat"  # the original checkpoints keep theirs in config.json
        if not found and self.find(PREPROCESSOR, "candidate_resolutions"):
            found = self.find(PREPROCESSOR, "processor_class")
        if not found:  # code of the checkpoint's own: "its_file.ItsClass"
            mapped = self.find(PREPROCESSOR, "auto_map", "AutoImageProcessor")
            found = mapped.rpartition(".")[2] if isinstance(mapped, str) else None
        if not isinstance(found, str):
            raise self.lacks(PREPROCESSOR, "image_processor_type", "naming the rule")
        for ending in ("Fast", "Pil"):
            found = found.removesuffix(ending)
        return found.replace("FeatureExtractor", "ImageProcessor")

    def video_processor(self) -> str:
        """The class of the video processor, without the back end in its name."""
        found = self.find(VIDEO, "video_processor_type")
        if not isinstance(found, str):
            raise self.lacks(VIDEO, "video_processor_type", "naming the rule")
        return found.removesuffix("Fast")

    def model_type(self) -> str:
        return str(self.find(CONFIG, "model_type") or "")

    def error(self, name: str, what: str) -> CatalogError:
        return CatalogError(f"{self.path / name}: {what}", file=str(self.path / name))

    def lacks(self, name: str, key: str, rule: str) -> CatalogError:
        return self.error(name, f"lacks {key!r}, which {rule} needs")

    def unread(self, name: str, key: str, read: str) -> CatalogError:
        """A setting that changes the count, and that no rule here has."""
        given = self.find(name, key)
        return self.error(name, f"{key} {given!r} is not read here: a rule is known for {read}")

    def find(self, name: str, *keys: str) -> Any:
        """A nested value, or None."""
        value: Any = self.files[name]
        for key in keys:
            value = value.get(key) if isinstance(value, Mapping) else None
        return value

    def value(self, hint: Any, name: str, *keys: str) -> Any:
        """A nested value of this type, or None; CatalogError for one of another."""
        found = self.find(name, *keys)
        if found is not None and (why := misfit(found, hint, ".".join(keys))):
            raise self.error(name, why)
        return found

    def whole(self, rule: str, *places: tuple[str, ...]) -> int:
        """The first of these (file, key, ...) that is there, as a whole number."""
        for name, *keys in places:
            value = self.value(int, name, *keys)
            if value is not None:
                if value < 1:
                    raise self.error(name, f"{'.'.join(keys)} must be at least 1, got {value}")
                return int(value)
        name, *keys = places[0]
        others = "".join(f" or {n} {'.'.join(k)!r}" for n, *k in places[1:])
        raise self.error(name, f"lacks {'.'.join(keys)!r}{others}, which {rule} needs")

    def share(self, rule: str, *places: tuple[str, ...]) -> float:
        """The first of these (file, key, ...) that is there, as a share above 0 and up to 1."""
        for name, *keys in places:
            value = self.value(Share, name, *keys)
            if value is not None:
                return float(value)
        name, *keys = places[-1]
        raise self.lacks(name, ".".join(keys), rule)

    def flag(self, rule: str, key: str) -> bool:
        """True or false of the image processor."""
        value = self.find(PREPROCESSOR, key)
        if not isinstance(value, bool):
            raise self.lacks(PREPROCESSOR, key, rule)
        return value

    def side(self, rule: str, *keys: str, file: str = PREPROCESSOR) -> int:
        """A size written as a number, {height, width}, {shortest_edge} or {longest_edge}."""
        key = keys[0]
        value = self.find(file, key)
        if isinstance(value, int):
            return self.whole(rule, (file, key))
        height, width = self.find(file, key, "height"), self.find(file, key, "width")
        if height != width:
            raise self.error(file, f"{key} must be square, got {value!r}")
        edges = [(file, key, edge) for edge in keys[1:] or ("height", "shortest_edge")]
        return self.whole(rule, *edges)

    def limits(self, rule: str, file: str = PREPROCESSOR) -> Params:
        """Pixel limits under their old names or as size."""
        return {
            ours: self.whole(rule, (file, ours), (file, "size", theirs), (file, "size", ours))
            for ours, theirs in (("min_pixels", "shortest_edge"), ("max_pixels", "longest_edge"))
        }

    def patches(self, rule: str, file: str = PREPROCESSOR) -> Params:
        """The side of a patch, how many are merged, and how many frames."""
        keys = (
            ("patch", "patch_size"),
            ("merge", "merge_size"),
            ("temporal", "temporal_patch_size"),
        )
        return {ours: self.whole(rule, (file, theirs)) for ours, theirs in keys}

    def colors(self, file: str = PREPROCESSOR) -> Params:
        """Mean and standard deviation, as far as the file names them."""
        made: Params = {}
        for ours, theirs in (("mean", "image_mean"), ("std", "image_std")):
            if isinstance(self.find(file, theirs), list):
                made[ours] = list(self.value(tuple[float, float, float], file, theirs))
        return made

    def look(self) -> Params:
        """Mean, standard deviation and kernel, as far as the file names them."""
        kernel = RESAMPLE.get(self.value(int, PREPROCESSOR, "resample") or 0)
        return {**self.colors(), **({"resample": kernel} if kernel else {})}


Made = tuple[str, Params]
"""A tokenizer's name and its parameters."""
Readers = Mapping[str, Callable[[Folder], Made]]
"""By the class of the processor."""
