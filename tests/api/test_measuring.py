"""Measurements and photos by HTTP."""

import base64
import hashlib
import io
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from PIL import Image

from api.errors import PhotoRefused
from api.photos import look_of_photo, media_type, read_photo, save_photo
from api.serving import Serving
from api.tables import Role
from inventory.work.product_needs import needs_of
from tests.api.counting import do
from tests.api.picking import new_id
from tests.api.test_handheld_receiving import PNG
from warehouse.errors import NotFound


def test_a_photo_is_kept_once_by_its_content_and_shown_to_pickers(picker: httpx.Client, serving: Serving) -> None:
    product = picker.get("/api/v1/products").json()[0]["code"]
    sent = do(picker, "/photos", image=base64.b64encode(PNG).decode(), product=product)
    name = hashlib.sha256(PNG).hexdigest()
    assert (sent["photo"], sent["product"]) == (name, product)
    assert do(picker, "/photos", image=base64.b64encode(PNG).decode())["photo"] == name
    assert [file.name for file in (serving.settings.home / "photos" / name[:2]).iterdir()] == [name]
    shown = picker.get(picker.get(f"/api/v1/products/{product}").json()["picture"])
    assert shown.content == PNG
    assert shown.headers["content-type"] == "image/png"
    assert "immutable" in shown.headers["cache-control"]
    assert shown.headers["content-security-policy"] == "default-src 'none'; sandbox"
    for image in ("not base64 at all", base64.b64encode(b"<svg onload=alert(1)>").decode()):
        refused = picker.post("/api/v1/photos", json={"client_id": new_id(), "image": image})
        assert refused.status_code == 422
        assert refused.json()["type"] == "urn:onward:photo-refused"
    assert picker.get(f"/api/v1/photos/{'0' * 64}").status_code == 404


def test_only_pictures_of_a_bearable_size_are_kept(tmp_path: Path) -> None:
    assert [media_type(each) for each in (b"\xff\xd8\xff\xe0", b"RIFF0000WEBPVP8 ", b"GIF89a", b"")] == [
        "image/jpeg",
        "image/webp",
        None,
        None,
    ]
    with pytest.raises(PhotoRefused, match="larger than 700 kB"):
        save_photo(tmp_path, b"\xff\xd8\xff" + bytes(700_000))
    with pytest.raises(NotFound):
        read_photo(tmp_path, "0" * 64)
    assert list(tmp_path.iterdir()) == []


def test_a_machine_posts_its_record_and_is_told_what_is_doubted(picker: httpx.Client) -> None:
    product = picker.get("/api/v1/products").json()[0]
    size = {name: product[name] for name in ("length_mm", "width_mm", "height_mm")}
    record = {"product": product["code"], "measured_by": "machine", "device": "cubiscan-1"}
    assert do(picker, "/measurements", **record, **size, weight_g=product["weight_g"])["applied"]
    doubted = do(picker, "/measurements", **record, **size, weight_g=5_000_000)
    assert not doubted["applied"]
    assert doubted["doubts"]
    latest = picker.get(f"/api/v1/products/{product['code']}/measurements").json()[0]
    assert (latest["applied"], latest["device"]) == (False, "cubiscan-1")


def picture(shade: Callable[[int, int], int], size: int = 64, kind: str = "PNG") -> bytes:
    """A grey picture, its shade by column and row."""
    image = Image.new("L", (size, size))
    image.putdata([shade(at % size * 64 // size, at // size * 64 // size) for at in range(size * size)])
    file = io.BytesIO()
    image.save(file, kind)
    return file.getvalue()


def differing(one: bytes, other: bytes) -> int:
    return (int(look_of_photo(one), 16) ^ int(look_of_photo(other), 16)).bit_count()


def test_photos_of_the_same_thing_look_alike_and_of_another_do_not() -> None:
    mug = picture(lambda column, row: (column * column + 3 * row) % 97 + 60)
    again = picture(lambda column, row: (column * column + 3 * row) % 97 + 90, size=256, kind="JPEG")
    plate = picture(lambda column, row: (5 * column + row * row) % 89 + 60)
    assert differing(mug, again) <= 6 < differing(mug, plate)
    assert len(look_of_photo(mug)) == 16


def test_the_look_of_a_products_photo_is_what_keeps_it_from_its_like(
    picker: httpx.Client, serving: Serving, signed_in: Callable[[Role], httpx.Client]
) -> None:
    product = picker.get("/api/v1/products").json()[0]["code"]
    photo = picture(lambda column, row: (column * column + 3 * row) % 97 + 60)
    do(picker, "/photos", image=base64.b64encode(photo).decode(), product=product)
    with serving.database.read() as session:
        assert needs_of(session, product).picture_hash == look_of_photo(photo)
    needs = f"/api/v1/products/{product}/needs"
    for hazard, sent, kept in (("acid", {}, look_of_photo(photo)), ("", {"picture_hash": ""}, "")):
        body = {"client_id": new_id(), "hazard": hazard, **sent}
        answer = signed_in(Role.MANAGER).put(needs, json=body).json()
        assert (answer["hazard"], answer["picture_hash"]) == (hazard, kept)


def test_what_cannot_be_read_as_a_picture_and_what_would_fill_the_memory_are_not_kept(tmp_path: Path) -> None:
    flood = io.BytesIO()
    Image.new("1", (8_000, 8_000)).save(flood, "PNG")
    for data, why in ((PNG[:40], "cannot be read"), (flood.getvalue(), "40 million pixels")):
        with pytest.raises(PhotoRefused, match=why):
            save_photo(tmp_path, data)
    assert list(tmp_path.iterdir()) == []
