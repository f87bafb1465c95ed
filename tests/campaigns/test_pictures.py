"""Images of campaigns: known by their content, without metadata, in the widths that screens ask for."""

from __future__ import annotations

import io

import pytest
from PIL import Image, ImageCms

from app.campaigns.pictures import (
    BYTES_A_PIXEL_OF_WIDTH,
    LARGEST_FILE,
    WIDTHS,
    PictureRefusedError,
    _opened,
    check_picture,
    render_picture,
)
from tests.support.pictures import ARTIST, TURNED, drawing, encoded, opened, photograph


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_an_image_is_made_in_every_width_that_it_has_pixels_for(kind: str) -> None:
    made = render_picture(encoded(drawing(1600, 900), kind))
    assert [(one.width, one.height) for one in made] == [(400, 225), (800, 450), (1200, 675)]
    for one in made:
        image = opened(one.content)
        assert (image.format, image.size, one.content_type) == ("WEBP", (one.width, one.height), "image/webp")
        assert len(one.content) <= one.width * BYTES_A_PIXEL_OF_WIDTH
    assert len({one.digest for one in made}) == len(WIDTHS)


@pytest.mark.parametrize(("width", "widths"), [(400, [400]), (500, [400, 500]), (1200, [400, 800, 1200])])
def test_a_small_image_is_not_blown_up(width: int, widths: list[int]) -> None:
    assert [one.width for one in render_picture(encoded(drawing(width, 300)))] == widths


def test_noise_that_packs_badly_is_made_light_enough_all_the_same() -> None:
    noise = Image.effect_noise((1600, 1600), 90).convert("RGB")
    heaviest = max(len(one.content) / one.width for one in render_picture(encoded(noise, "PNG")))
    assert heaviest < 5 * BYTES_A_PIXEL_OF_WIDTH, "nothing packs worse"


def test_nothing_is_kept_of_who_took_a_photograph_and_where() -> None:
    before = photograph()
    assert opened(before).getexif()[ARTIST] == "Alice Adams"
    for one in render_picture(before):
        image = opened(one.content)
        assert not image.getexif()
        assert not {"exif", "xmp", "icc_profile", "comment"} & image.info.keys()
        assert not any(words in one.content for words in (b"Zedcam", b"Alice", b"EXIF", b"taken at home"))


def test_a_photograph_taken_on_its_side_stands_upright() -> None:
    before = photograph(900, 600, turned=6)
    assert opened(before).getexif()[TURNED] == 6
    last = render_picture(before)[-1]
    assert (last.width, last.height) == (600, 900)


def test_colours_of_another_profile_become_those_of_the_web() -> None:
    swapped = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    plain = render_picture(encoded(drawing(400, 300), "PNG"))
    same = render_picture(encoded(drawing(400, 300), "PNG", icc_profile=swapped.tobytes()))
    broken = render_picture(encoded(drawing(400, 300), "PNG", icc_profile=b"not a profile"))
    assert opened(plain[0].content).getpixel((150, 110)) == opened(broken[0].content).getpixel((150, 110))
    assert opened(same[0].content).size == (400, 300)


def test_what_is_transparent_stays_so() -> None:
    clear = Image.new("RGBA", (400, 400), (0, 0, 0, 0))
    assert opened(render_picture(encoded(clear, "PNG"))[0].content).mode == "RGBA"


def test_an_image_that_came_from_here_goes_through_unchanged() -> None:
    widest = render_picture(photograph())[-1].content
    assert render_picture(widest)[-1].content == widest
    trailed = widest + b"Alice Adams lives at home"
    assert render_picture(trailed)[-1].content != trailed


def animated() -> bytes:
    frames = [drawing(400, 300), drawing(400, 300).rotate(90)]
    return encoded(frames[0], "WEBP", save_all=True, append_images=frames[1:], duration=100)


def test_of_a_large_photograph_a_part_is_decoded_and_all_widths_are_made() -> None:
    large = encoded(drawing(6000, 4000), "JPEG")
    with _opened(large) as part:
        assert part.size == (3000, 2000), "half of it is enough, a quarter would be too low"
    assert [one.width for one in render_picture(large)] == list(WIDTHS)


def test_a_photograph_that_cannot_be_decoded_in_parts_may_have_fewer_pixels() -> None:
    buffer = io.BytesIO()
    Image.new("L", (5000, 4001)).save(buffer, "JPEG", progressive=True)
    with pytest.raises(PictureRefusedError, match="has more than 20 million pixels"):
        check_picture(buffer.getvalue())


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "is not a JPEG, PNG or WebP image, whatever its name says"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "is not a JPEG, PNG or WebP image, whatever its name says"),
        (encoded(drawing(400, 300), "GIF"), "is not a JPEG, PNG or WebP image, whatever its name says"),
        (photograph()[:-2000], "is damaged: it cannot be read to its end"),
        (encoded(drawing(399, 399)), "is 399 pixels wide; 400 are the least"),
        (encoded(drawing(400, 801)), "is more than twice as high as it is wide: a phone would show nothing else"),
        (animated(), "moves; a page shows still images only"),
        (encoded(Image.new("1", (10_000, 5_001)), "PNG"), "has more than 20 million pixels"),
        (encoded(Image.new("1", (20_000, 20_000)), "PNG"), "has more than 20 million pixels"),
        (bytes(LARGEST_FILE + 1), "is larger than 8 MB"),
    ],
    ids=["empty", "svg", "gif", "cut off", "narrow", "tall", "moving", "large", "bomb", "heavy"],
)
def test_what_cannot_be_used_is_refused_and_said_why(content: bytes, why: str) -> None:
    for use in (check_picture, render_picture):
        with pytest.raises(PictureRefusedError) as refused:
            use(content)
        assert str(refused.value) == why
