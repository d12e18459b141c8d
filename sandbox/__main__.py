"""python -m sandbox: serves the demo's story, a recorded history or a big plain one, until it is
interrupted."""

import argparse
import sys
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path

from sandbox import directory, generate, story
from sandbox.account import Account
from sandbox.app import App
from sandbox.server import Server


def main(arguments: Sequence[str] | None = None) -> None:
    options = _parser().parse_args(arguments)
    accounts = _accounts(options)
    server = Server(App(accounts, latency=options.latency_ms / 1000), options.port)
    for account in accounts:
        sys.stdout.write(f"{_introduced(account)}\n")
    sys.stdout.write(f"Stripe sandbox on {server.url} (only this machine can reach it)\n")
    sys.stdout.flush()
    with suppress(KeyboardInterrupt):
        server.serve_forever()
    server.server_close()


def _introduced(account: Account) -> str:
    """One line about an account. Also reads its books once, so that no client waits for that."""
    name = account.profile["business_profile"]["name"]
    charges = len(account.books.shelf("charge").rows)
    keys = [key.secret for key in account.keys] or ["any key beginning with rk_ or sk_"]
    return f"{name}, {charges} charges: {', '.join(keys)}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="sandbox", description=__doc__)
    parser.add_argument(
        "--port", type=int, default=8790, help="0 takes any free one (default: %(default)s)"
    )
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--directory", type=Path, help="serve the recorded history in this folder")
    source.add_argument(
        "--history", type=int, metavar="N", help="serve a plain history of so many charges"
    )
    source.add_argument("--story", action="store_true", help="serve the demo's story (default)")
    parser.add_argument("--seed", type=int, default=story.DEFAULT_SEED)
    parser.add_argument(
        "--anchor",
        type=date.fromisoformat,
        help="the story up to the beginning of this day (UTC), standing still",
    )
    parser.add_argument(
        "--until-now", action="store_true", help="with --anchor: go on with the clock"
    )
    parser.add_argument(
        "--anchor-file",
        type=Path,
        default=Path("var/sandbox-anchor"),
        help="keeps the day of the first start, so that a later start tells the same story, only "
        "longer (used without --anchor; default: %(default)s)",
    )
    parser.add_argument("--latency-ms", type=int, default=0, help="added to every answer")
    return parser


def _accounts(options: argparse.Namespace) -> list[Account]:
    if options.directory:
        return [directory.load(options.directory)]
    if options.history is not None:
        return [generate.history(options.history)]
    if options.anchor and not options.until_now:
        return [
            story.build(account=name, seed=options.seed, anchor=options.anchor)
            for name in story.NAMES
        ]
    anchor = options.anchor or remembered_anchor(options.anchor_file, datetime.now(UTC).date())
    return story.going_on(seed=options.seed, anchor=anchor)


def remembered_anchor(path: Path, today: date) -> date:
    """The day that the file holds; without a file today, which it holds from now on."""
    if path.exists():
        return date.fromisoformat(path.read_text().strip())
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{today.isoformat()}\n")
    return today


if __name__ == "__main__":
    main()
