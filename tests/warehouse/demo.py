"""The demo site, read once."""

from functools import cache
from pathlib import Path

import warehouse
from warehouse.bins import Site
from warehouse.site_file import load_site

DEMO_SITE = Path(warehouse.__file__).parent / "demo_site.yaml"


@cache
def demo_site() -> Site:
    return load_site(DEMO_SITE)
