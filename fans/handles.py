"""Naming a creator in the shell: the handle that every command takes."""

from argparse import ArgumentParser

from django.core.management.base import CommandError

from fans.models import Creator


def add_handle(parser: ArgumentParser, *, optional: bool = False) -> None:
    parser.add_argument("handle", nargs="?" if optional else None, help="the creator's handle")


def creator_by(handle: str) -> Creator:
    try:
        return Creator.objects.open().get(handle=handle.removeprefix("@"))
    except Creator.DoesNotExist:
        handles = Creator.objects.open().values_list("handle", flat=True)
        known = ", ".join(handles[:10]) or "none yet"
        raise CommandError(f"There is no creator “{handle}”. Known: {known}.") from None
