"""The pages of the settings."""

from fans.models import Creator

SETTINGS = "/studio/low-tide/settings"
WORDS = f"{SETTINGS}/words"
PLACE = f"{SETTINGS}/place"
SECURITY = f"{SETTINGS}/security"


def fresh(creator):
    """The creator as they are stored now."""
    return Creator.objects.get(pk=creator.pk)
