from django.apps import AppConfig


class FansConfig(AppConfig):
    name = "fans"
    verbose_name = "People"

    def ready(self) -> None:
        import truefans.lookups  # noqa: F401 - registers a lookup
        from truefans.forms import speak_plainly

        speak_plainly()
