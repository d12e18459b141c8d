from django.apps import AppConfig


class SupportersConfig(AppConfig):
    name = "supporters"
    verbose_name = "What fans see"

    def ready(self) -> None:
        from supporters import proving  # noqa: F401  (listens from now on)
