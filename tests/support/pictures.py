"""Images as an organiser would bring them: drawn by a test, with what a camera writes into them."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image, ImageDraw

CAMERA, ARTIST, TURNED = 0x010F, 0x013B, 0x0112
"""Tags of EXIF: who made the camera, who took the picture, how the camera was held."""
GPS, LATITUDE = 0x8825, 2


def drawing(width: int, height: int, mode: str = "RGB") -> Image.Image:
    """Stripes and a circle: something that does not shrink to nothing."""
    image = Image.new(mode, (width, height))
    pen = ImageDraw.Draw(image)
    for x in range(0, width, 8):
        pen.line((x, 0, width - x, height), fill=(x * 255 // width, 90, 160), width=5)
    pen.ellipse((width // 4, height // 4, width // 2, height // 2), fill=(200, 30, 40))
    return image


def encoded(image: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def photograph(width: int = 1600, height: int = 900, *, turned: int = 1) -> bytes:
    """A JPEG that says who took it, and where."""
    exif = Image.Exif()
    exif[CAMERA], exif[ARTIST], exif[TURNED] = "Zedcam", "Alice Adams", turned
    exif.get_ifd(GPS)[LATITUDE] = (51.0, 30.0, 12.0)
    return encoded(drawing(width, height), exif=exif, comment=b"taken at home")


def opened(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content))
    image.load()
    return image
