"""YouTube's members and Twitch's subscribers: people, and neither money nor addresses.

- YouTube (7 columns, 9 with the price): the header is in the account's language; a member is the
  channel in the link to the profile. What they paid would be months × price, an estimate.
- Twitch: a subscriber is the user name; the date is that of the running subscription. `prime` and
  gifts are not paid by the viewer.
"""

import re
from collections.abc import Sequence
from typing import Annotated, NamedTuple

from django.utils.translation import gettext_lazy as _

from revenue.files.columns import Fit, date, text
from revenue.files.outcomes import Person, person
from revenue.files.platform import Platform
from revenue.files.sheet import Sheet, payer
from revenue.files.skipping import Skip, Why

CHANNEL = re.compile(r"youtube\.com/(?:channel/)?(UC[\w-]{3,}|@[\w.-]+)")
ADVICE = _(
    "This file names people and neither money nor addresses: it shows who they are and for how"
    " long, and counts as no payment."
)


class YouTubeCells(NamedTuple):
    name: Annotated[str, text("Member", "Miembro", "Mitglied", "Membre", "Membro", needed=True)]
    link: Annotated[
        str,
        text("Link to profile", "Enlace al perfil", "Vínculo al perfil", "Link zum Profil",
             "Lien vers le profil", "Link do perfil", "Link al profilo", needed=True),
    ]  # fmt: skip
    level: Annotated[
        str,
        text("Current level", "Nivel actual", "Aktuelle Stufe", "Niveau actuel", "Nível atual",
             "Livello attuale", needed=True),
    ]  # fmt: skip
    months_on_level: Annotated[str, text("Total time on level (months)")]
    months: Annotated[str, text("Total time as member (months)")]
    update: Annotated[str, text("Last update", "Última actualización")]
    updated: Annotated[str, date("Last update timestamp")]


def read_youtube(cells: YouTubeCells, sheet: Sheet, line: int) -> Person:
    channel = CHANNEL.search(cells.link)
    if channel is None:
        raise Skip(Why.NO_PERSON)
    who = payer("", cells.name, "", "youtube", channel[1])
    found = person(line, channel[1], who, product=cells.level.strip())
    return found._replace(is_paying=True)


def youtube_shape(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Fit | None:
    """YouTube's columns in any language: the second one links to channels."""
    if len(header) < 7 or not rows:
        return None
    links = sum(bool(CHANNEL.search(row[1])) for row in rows if len(row) == len(header))
    if links * 2 < len(rows):  # who left YouTube has none
        return None
    return Fit({field: place for place, field in enumerate(YouTubeCells._fields)}, 0, ())


class TwitchCells(NamedTuple):
    name: Annotated[str, text("Username", needed=True)]
    since: Annotated[str, date("Subscribe Date", needed=True)]
    tier: Annotated[str, text("Current Tier", needed=True)]
    tenure: Annotated[str, text("Tenure", needed=True)]
    streak: Annotated[str, text("Streak")]
    type: Annotated[str, text("Sub Type", needed=True)]
    founder: Annotated[str, text("Founder")]


def read_twitch(cells: TwitchCells, sheet: Sheet, line: int) -> Person:
    login = cells.name.strip().lower()
    who = payer("", cells.name, "", "twitch", login)
    since = sheet.optional_moment(cells.since)
    found = person(line, login, who, product=cells.tier.strip(), since=since)
    return found._replace(is_paying=cells.type.strip().lower() == "recurring")


YOUTUBE = Platform(
    slug="youtube",
    name="YouTube members",
    cells=YouTubeCells,
    read=read_youtube,
    shape=youtube_shape,
    advice=ADVICE,
)
TWITCH = Platform(
    slug="twitch", name="Twitch subscribers", cells=TwitchCells, read=read_twitch, advice=ADVICE
)
