"""The text of a disk: NAME:key=value,... of --disk and of lab-disk."""

import dataclasses
import re

from .service_model import MODELS, Parameters

NAME = re.compile(r"[a-z][a-z0-9-]{0,19}")  # an NVMe serial number has room for 20
NUMBER = re.compile(r"([0-9]+(?:\.[0-9]+)?)([KMGT]?)(?:i?B)?")
UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
DEFAULT_SIZE = 1 << 30
LARGEST_SIZE = 1 << 44

# The keys of a throttle, and QEMU's names for them (ThrottleLimits in its QMP reference).
THROTTLE = {
    "iops": "iops-total",
    "iops-read": "iops-read",
    "iops-write": "iops-write",
    "iops-burst": "iops-total-max",
    "iops-size": "iops-size",
    "bps": "bps-total",
    "bps-read": "bps-read",
    "bps-write": "bps-write",
    "bps-burst": "bps-total-max",
}
MODEL_FIELDS = {field.name.replace("_", "-"): field for field in dataclasses.fields(Parameters)}


@dataclasses.dataclass(frozen=True)
class DiskOptions:
    """One disk as asked for: `limits` are QEMU's; `parameters` is None for a disk without a service model."""

    name: str
    size: int
    limits: dict
    parameters: Parameters | None


def parse_disk(text):
    """The disk that TEXT asks for; ValueError says what is wrong with it."""
    name, _, rest = text.partition(":")
    if not NAME.fullmatch(name):
        raise ValueError(f"'{name}' can't be a disk's name: a letter, then at most 19 of a-z, 0-9 and -")
    values = parse_pairs(rest.split(",") if rest else [])
    size = number("size", values.pop("size", str(DEFAULT_SIZE)))
    if not 1 << 20 <= size <= LARGEST_SIZE or size % 4096:
        raise ValueError("size must be at least 1M, at most 16T, and a multiple of 4096")
    model = values.pop("model", None)
    if model is not None and model not in MODELS:
        raise ValueError(f"there is no model '{model}': known are {', '.join(MODELS)}")
    limits, changes = parse_change(values, with_model=model is not None)
    parameters = dataclasses.replace(MODELS[model], **changes).checked() if model else None
    return DiskOptions(name, int(size), limits, parameters)


def parse_pairs(words):
    """{key: value} of words like key=value; each key may come once."""
    values = {}
    for word in words:
        key, separator, value = word.partition("=")
        if not separator or not key or not value:
            raise ValueError(f"'{word}' is not KEY=VALUE")
        if key in values:
            raise ValueError(f"{key} is given twice")
        values[key] = value
    return values


def parse_change(values, with_model):
    """(QEMU's throttle limits, fields of the model's Parameters) that VALUES set."""
    limits, changes = {}, {}
    for key, value in values.items():
        if key in THROTTLE:
            limits[THROTTLE[key]] = int(number(key, value))
        elif key in MODEL_FIELDS and with_model:
            exact = number(key, value)
            changes[MODEL_FIELDS[key].name] = int(exact) if MODEL_FIELDS[key].type is int else exact
        elif key in MODEL_FIELDS:
            raise ValueError(f"{key} is a service model's; this disk has none (model=ssd or model=hdd)")
        else:
            known = ["size", "model", *THROTTLE, *MODEL_FIELDS]
            raise ValueError(f"there is no key '{key}': known are {', '.join(known)}")
    return limits, changes


def number(key, text):
    """A number with an optional binary unit: 800, 1.5, 80M, 2GiB."""
    match = NUMBER.fullmatch(text)
    if not match:
        raise ValueError(f"{key}={text} is no number (K, M, G and T are powers of 1024)")
    value = float(match[1]) * UNITS[match[2]]
    return int(value) if value.is_integer() else value
