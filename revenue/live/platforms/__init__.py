"""One module a platform; docs/webhooks.md says how each is set up."""

from revenue.live.platform import LivePlatform
from revenue.live.platforms import buymeacoffee, gumroad, kofi, patreon, shopify

#: In the order in which they are offered.
PLATFORMS: tuple[LivePlatform, ...] = (
    patreon.LIVE,
    kofi.LIVE,
    gumroad.LIVE,
    buymeacoffee.LIVE,
    shopify.LIVE,
)
BY_SLUG = {platform.slug: platform for platform in PLATFORMS}
BY_FILES = {platform.files.slug: platform for platform in PLATFORMS}
