"""A campaign's image: known by its content, freed of metadata, and scaled to the widths that screens ask for. Pure.

This is the only module that knows Pillow. A photograph from a phone says where and when it was taken: what is kept here
is made anew from its pixels.
"""

from __future__ import annotations

import hashlib
import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

WIDTHS = (400, 800, 1200)
"""Pixels: for a phone of few pixels, a phone of many, and a large screen."""
NARROWEST = WIDTHS[0]
LARGEST_FILE = 8_000_000
"""Bytes."""
MOST_PIXELS = 50_000_000
"""Of a JPEG that can be decoded at a part of its size, as phones make them."""
MOST_DECODED = 20_000_000
"""Of any other image, and of what is decoded: a pixel takes four bytes, more than once, in a process of the site."""
TALLEST = 2
"""How often its width may go into its height."""
BYTES_A_PIXEL_OF_WIDTH = 60
"""What a rendition may weigh, 24 kB for the narrowest one, unless it is a picture of noise."""

_KINDS = ("JPEG", "PNG", "WEBP")
_QUALITIES = (78, 65, 50, 35, 20, 5)
_MADE = "image/webp"
"""Every browser since 2020 reads it, and it weighs a third less than JPEG."""
_PLAIN_WEBP = b"WEBPVP8 "
_RIFF_HEAD = 20


class PictureRefusedError(ValueError):
    """The image cannot be used; the text says why, as the end of a sentence that begins with its name."""


@dataclass(frozen=True, slots=True)
class Rendition:
    """The image in one width."""

    width: int
    height: int
    content: bytes
    content_type: str = _MADE

    @property
    def digest(self) -> str:
        """SHA-256 of the content, in hexadecimal."""
        return digest_of(self.content)


def digest_of(content: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def check_picture(content: bytes) -> None:
    """Look whether a file can be a campaign's image, to its last byte.

    Raises:
        PictureRefusedError: it cannot.
    """
    with _opened(content):
        pass


def render_picture(content: bytes) -> list[Rendition]:
    """The image in every width that it has the pixels for, the narrowest first.

    An image that this function has made comes out of it unchanged in that width.

    Raises:
        PictureRefusedError: it cannot be a campaign's image.
    """
    with _opened(content) as opened:
        pixels = _pixels(opened)
    widest = min(pixels.width, WIDTHS[-1])
    widths = [width for width in WIDTHS if width < widest] + [widest]
    made = [_rendition(pixels, width) for width in widths]
    if _is_ours(content) and pixels.width == widest:
        made[-1] = Rendition(widest, pixels.height, content)
    return made


def kept_picture(content: bytes) -> bytes:
    """The image as it is kept to be published: what `render_picture` makes in the greatest width.

    Raises:
        PictureRefusedError: it cannot be a campaign's image.
    """
    return render_picture(content)[-1].content


@contextmanager
def _opened(content: bytes) -> Iterator[Image.Image]:
    """The image, decoded whole and turned the right way up."""
    if len(content) > LARGEST_FILE:
        raise PictureRefusedError(f"is larger than {LARGEST_FILE // 1_000_000} MB")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=_KINDS) as opened:
                _check_size(opened)
                # Half, a quarter or an eighth of a JPEG is all that is decoded, as long as no side is too short for us.
                opened.draft(opened.mode, (WIDTHS[-1], WIDTHS[-1]))
                if opened.width * opened.height > MOST_DECODED:
                    raise PictureRefusedError(_too_many_pixels(MOST_DECODED))
                opened.load()
                upright = ImageOps.exif_transpose(opened)
                _check_shape(upright)
                yield upright
    except UnidentifiedImageError:
        raise PictureRefusedError("is not a JPEG, PNG or WebP image, whatever its name says") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise PictureRefusedError(_too_many_pixels(MOST_DECODED)) from None
    except (OSError, SyntaxError, ValueError) as error:
        if isinstance(error, PictureRefusedError):
            raise
        raise PictureRefusedError("is damaged: it cannot be read to its end") from None


def _check_size(opened: Image.Image) -> None:
    width, height = opened.size
    in_parts = opened.format == "JPEG" and not opened.info.get("progressive")
    most = MOST_PIXELS if in_parts else MOST_DECODED
    if width * height > most:
        raise PictureRefusedError(_too_many_pixels(most))
    if getattr(opened, "is_animated", False):
        raise PictureRefusedError("moves; a page shows still images only")


def _check_shape(upright: Image.Image) -> None:
    if upright.width < NARROWEST:
        raise PictureRefusedError(f"is {upright.width} pixels wide; {NARROWEST} are the least")
    if upright.height > TALLEST * upright.width:
        raise PictureRefusedError("is more than twice as high as it is wide: a phone would show nothing else")


def _too_many_pixels(most: int) -> str:
    return f"has more than {most // 1_000_000} million pixels"


def _pixels(opened: Image.Image) -> Image.Image:
    """The image in the colours of the web, and with nothing about it but its pixels."""
    mode = "RGBA" if opened.has_transparency_data else "RGB"
    converted = _in_web_colours(opened).convert(mode)
    return Image.frombytes(mode, converted.size, converted.tobytes())


def _in_web_colours(image: Image.Image) -> Image.Image:
    """Phones take photographs in more colours than sRGB has, and say so in a profile that is not kept."""
    profile = image.info.get("icc_profile")
    if not profile or image.mode not in ("RGB", "CMYK"):
        return image
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError):
        return image
    return converted or image


def _rendition(pixels: Image.Image, width: int) -> Rendition:
    height = max(1, round(pixels.height * width / pixels.width))
    scaled = pixels if width == pixels.width else pixels.resize((width, height), Image.Resampling.LANCZOS)
    content = b""
    for quality in _QUALITIES:
        content = _encoded(scaled, quality)
        if len(content) <= width * BYTES_A_PIXEL_OF_WIDTH:
            break
    return Rendition(width, height, content)


def _encoded(pixels: Image.Image, quality: int) -> bytes:
    buffer = io.BytesIO()
    pixels.save(buffer, "WEBP", quality=quality, method=4)
    return buffer.getvalue()


def _is_ours(content: bytes) -> bool:
    """Whether it is a WebP file that holds one picture and nothing else: no metadata, nothing behind its end."""
    length = int.from_bytes(content[16:_RIFF_HEAD], "little")
    return (
        content[:4] == b"RIFF"
        and content[8:16] == _PLAIN_WEBP
        and len(content) == _RIFF_HEAD + length + length % 2
        and len(content) <= WIDTHS[-1] * BYTES_A_PIXEL_OF_WIDTH
    )
