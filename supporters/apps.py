from django.apps import AppConfig


class SupportersConfig(AppConfig):
    name = "supporters"
    verbose_name = "What fans see"

    def ready(self) -> None:
        from supporters import proving, second_step  # noqa: F401  (they listen from now on)
