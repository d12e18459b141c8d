"""What can go wrong with a source, each with the state that it puts the source into.

The message is for the creator: what happened, what was kept, what to do. Anything that is not
foreseen here propagates.
"""

from typing import ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from revenue.models import Source

State = Source.State


class SourceProblem(Exception):
    """A foreseen failure to read a source; `state` is what becomes of the source."""

    state: ClassVar[Source.State]


class KeyProblem(SourceProblem):
    """What only another key, or a better one, mends; `without_books` says it to who has imported
    nothing yet."""

    def __init__(self, what: str, advice: str) -> None:
        self.without_books = f"{what} {advice}"
        kept = _("Everything imported so far is kept.")
        super().__init__(f"{what} {kept} {advice}")


class KeyRefused(KeyProblem):
    state = State.KEY_REFUSED

    def __init__(self) -> None:
        super().__init__(
            _("Stripe refuses this key: it is mistyped, expired or revoked."),
            _("Make a new restricted key in your Stripe dashboard and paste it."),
        )


class PermissionMissing(KeyProblem):
    state = State.PERMISSION_MISSING

    def __init__(self, permission: str) -> None:
        self.permission = permission
        super().__init__(
            _("This key may not read “%(permission)s”.") % {"permission": permission},
            _(
                "Give the key that permission (Read) in your Stripe dashboard, or paste another"
                " key."
            ),
        )


class PassingProblem(SourceProblem):
    """What may be over when one asks again; `what` says only what happened, for who reads nothing
    and tries nothing again."""

    state = State.UNREACHABLE

    def __init__(self, what: str) -> None:
        self.what = what
        kept = _("Everything read so far is kept; TrueFans tries again by itself.")
        super().__init__(f"{what} {kept}")


class Unreachable(PassingProblem):
    """No answer, or none but faults of the provider's, however often it was asked."""

    def __init__(self, reason: str) -> None:
        super().__init__(_("Stripe cannot be reached right now (%(reason)s).") % {"reason": reason})


class UnexpectedAnswer(PassingProblem):
    words = _lazy("Stripe answered in a way that TrueFans does not understand (%(detail)s).")

    def __init__(self, detail: str) -> None:
        super().__init__(self.words % {"detail": detail})


class NotGiven(UnexpectedAnswer):
    """The provider answers, but never to this one question."""

    words = _lazy("Stripe answers, but does not give all that it was asked for (%(detail)s).")


class NotExpandable(UnexpectedAnswer):
    """The provider does not give with an object what was asked for beside it."""


class CursorGone(UnexpectedAnswer):
    """The object after which a list was to go on was deleted meanwhile."""


class NotThere(UnexpectedAnswer):
    """The provider knows no such object, or no such list."""

    def __init__(self, path: str) -> None:
        super().__init__(f"HTTP 404 at {path}")


class Unforeseen(PassingProblem):
    """Stands for any other exception, which goes on to the log."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "Reading stopped at something that TrueFans did not expect; the log of this"
                " installation says what."
            )
        )


class NotConnectable(ValueError):
    """What cannot be connected, now or at all; the message says why and what to do instead."""
