"""The page of one person."""

PEOPLE = "/studio/low-tide/people"


def at(fan, rest=""):
    """The address of the page of `fan`, or of something below it."""
    return f"{PEOPLE}/{fan.pk}{rest}"


def shown(client, fan, **query):
    """What stands there, on one line."""
    return " ".join(client.get(at(fan), query).text.split())


def kinds(page):
    """Of what kind each entry of the timeline is, from the top down."""
    return [entry.kind for entry in page.context["page"].entries]
