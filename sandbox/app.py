"""The server itself: a plain WSGI callable, from a request to a page of JSON."""

import base64
import binascii
import secrets
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from fnmatch import fnmatchcase
from http import HTTPStatus
from itertools import islice
from typing import Any
from urllib.parse import parse_qsl

import orjson

from sandbox import endpoints, errors
from sandbox.account import Account, Key
from sandbox.books import Books, Json, Shelf
from sandbox.errors import ApiError
from sandbox.expand import Expander, tree
from sandbox.faults import Fault, FaultPlan
from sandbox.query import Query
from sandbox.resources import BY_PATH, PERMISSION_OF, Resource

Environ = Mapping[str, Any]
StartResponse = Callable[[str, list[tuple[str, str]]], object]

_PAGING = {"limit", "starting_after", "ending_before", "created", "expand"}
_WORDS = {"true": True, "false": False}
#: Types of events in one question.
_MOST_TYPES = 20


class App:
    """Serves the accounts by the key that a request carries.

    `latency` (seconds) is added to every answer; `faults` strike as planned. `hits` counts the
    requests by path.
    """

    def __init__(
        self, accounts: Iterable[Account], *, latency: float = 0.0, faults: Iterable[Fault] = ()
    ) -> None:
        self.accounts = tuple(accounts)
        self.latency = latency
        self._faults = FaultPlan(faults)
        self._doors = {key.secret: (a, key) for a in self.accounts for key in a.keys}

    @property
    def hits(self) -> Counter[str]:
        return self._faults.hits

    def __call__(self, environ: Environ, start_response: StartResponse) -> list[bytes]:
        fault = self._faults.strike(environ["PATH_INFO"])
        if wait := self.latency + (fault.delay if fault else 0.0):
            time.sleep(wait)
        if fault and fault.hangs_up:
            return []
        if fault:
            environ = {**environ, "QUERY_STRING": fault.heard(environ["QUERY_STRING"])}
        status, payload, extra = self._answer(environ, fault)
        body = orjson.dumps(payload) if fault is None or fault.body is None else fault.body
        headers = {
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
            "Request-Id": f"req_{secrets.token_hex(7)}",
        }
        start_response(f"{status} {HTTPStatus(status).phrase}", [*headers.items(), *extra.items()])
        return [body[: len(body) // 2]] if fault and fault.cut else [body]

    def _answer(self, environ: Environ, fault: Fault | None) -> tuple[int, Json, dict[str, str]]:
        try:
            if fault and (refusal := fault.refusal()):
                raise refusal
            account, key = self._enter(environ)
            return 200, Visit(account, key).answer(environ), {}
        except ApiError as error:
            return error.status, error.body, error.headers

    def _enter(self, environ: Environ) -> tuple[Account, Key]:
        secret = _secret(environ.get("HTTP_AUTHORIZATION", ""))
        if not secret:
            raise errors.no_key()
        account, key = self._doors.get(secret) or self._open_door(secret)
        if key.state == "expired":
            raise errors.expired_key(key.masked)
        if key.state == "revoked":
            raise errors.invalid_key(key.masked)
        return account, key

    def _open_door(self, secret: str) -> tuple[Account, Key]:
        key = Key(secret)
        account = next((account for account in self.accounts if account.any_key), None)
        if account is None or not secret.startswith(("rk_", "sk_")):
            raise errors.invalid_key(key.masked)
        return account, key


def _secret(authorization: str) -> str:
    """The key in `Bearer KEY`, or in the user name of HTTP Basic."""
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(value, validate=True).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            return ""
    return ""


class Visit:
    """One request of one key to its account. The books are read once, so that a page never mixes
    two moments."""

    def __init__(self, account: Account, key: Key) -> None:
        self._account = account
        self._key = key
        self._books: Books = account.books

    def answer(self, environ: Environ) -> Json:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        query = Query(environ.get("QUERY_STRING", ""))
        if path == endpoints.PATH or path.startswith(f"{endpoints.PATH}/"):
            self._need("rak_webhook_read" if method == "GET" else "rak_webhook_write")
            return endpoints.answer(self._account, method, path, _form(environ))
        if method != "GET":
            raise errors.unknown_url(method, path)
        if path == "/v1/account":
            self._need("rak_accounts_kyc_basic_read")
            return self._account.profile
        if path == "/v1/balance":
            self._need("rak_balance_read")
            return self._books.balance
        return self._objects(path, query)

    def _objects(self, path: str, query: Query) -> Json:
        if resource := BY_PATH.get(path):
            self._need(resource.permission)
            return self._page(resource, path, query)
        parent, _, identifier = path.rpartition("/")
        if resource := BY_PATH.get(parent):
            self._need(resource.permission)
            return self._single(resource, identifier, query)
        raise errors.unknown_url("GET", path)

    def _single(self, resource: Resource, identifier: str, query: Query) -> Json:
        query.refuse_unknown({"expand"})
        row = self._books.find(identifier)
        if row is None or row["object"] != resource.kind:
            raise errors.missing(resource.kind, identifier)
        found: Json = self._expander.apply(row, tree(query.lists.get("expand", []), of_list=False))
        return found

    def _page(self, resource: Resource, path: str, query: Query) -> Json:
        query.refuse_unknown(_PAGING | {"types"} | {f.split("[")[0] for f in resource.filters})
        branches = tree(query.lists.get("expand", []), of_list=True)
        shelf = self._books.shelf(resource.kind)
        limit, forward = query.limit, query.text("ending_before") is not None
        rows = shelf.walk(
            _within(shelf, resource, query), _wanted(shelf, resource, query), forward=forward
        )
        page = list(islice(rows, limit + 1))
        has_more = len(page) > limit
        page = page[:limit]
        expander = self._expander
        data = [
            expander.apply(row, branches.get("data", {}))
            for row in (page[::-1] if forward else page)
        ]
        return {"object": "list", "url": path, "has_more": has_more, "data": data}

    @property
    def _expander(self) -> Expander:
        return Expander(self._books, self._allow)

    def _allow(self, row: Json) -> None:
        if permission := PERMISSION_OF.get(row["object"]):
            self._need(permission)

    def _need(self, permission: str) -> None:
        if permission in self._key.missing:
            raise errors.forbidden(self._key.masked, self._account.id, permission)


def _form(environ: Environ) -> dict[str, list[str]]:
    """The form of a POST: name -> values, `enabled_events[0]` and `enabled_events[]` alike."""
    length = int(environ.get("CONTENT_LENGTH") or 0)
    form: dict[str, list[str]] = {}
    for name, value in parse_qsl(environ["wsgi.input"].read(length).decode()):
        form.setdefault(name.partition("[")[0], []).append(value)
    return form


def _within(shelf: Shelf, resource: Resource, query: Query) -> range:
    """The places that `created` and the cursors leave over."""
    after, before = query.text("starting_after"), query.text("ending_before")
    if after is not None and before is not None:
        message = "You can pass only one of `starting_after` and `ending_before`."
        raise errors.bad_request(message, "starting_after")
    within = shelf.span(*query.created)
    low, high = within.start, within.stop
    if after is not None:
        high = min(high, _cursor(shelf, resource, after, "starting_after"))
    if before is not None:
        low = max(low, _cursor(shelf, resource, before, "ending_before") + 1)
    return range(low, max(low, high))


def _cursor(shelf: Shelf, resource: Resource, identifier: str, param: str) -> int:
    place = shelf.place.get(identifier)
    if place is None:
        raise errors.missing(resource.kind, identifier, param=param, status=400)
    return place


def _wanted(shelf: Shelf, resource: Resource, query: Query) -> dict[str, Collection[Any]]:
    """Field -> the values asked for."""
    wanted: dict[str, Collection[Any]] = {}
    for param, field in resource.filters.items():
        if (text := query.text(param)) is not None:
            wanted[field] = {_WORDS.get(text, text)}
    if resource.kind == "event":
        kinds = _event_kinds(shelf.index("type"), query)
        if kinds is not None:
            wanted["type"] = kinds
    if resource.kind == "subscription":
        wanted |= _subscription_status(shelf, query.text("status"))
    return wanted


def _event_kinds(known: Collection[str], query: Query) -> set[str] | None:
    """The types asked for; None: all. Only `type` takes a wildcard, as in `charge.*`."""
    types = query.lists.get("types", [])
    if len(types) > _MOST_TYPES:
        raise errors.bad_request(f"Array types exceeded maximum {_MOST_TYPES} elements.", "types")
    pattern = query.text("type")
    if pattern is not None:
        return {kind for kind in known if fnmatchcase(kind, pattern)}
    return {*types} if types else None


def _subscription_status(shelf: Shelf, asked: str | None) -> dict[str, Collection[Any]]:
    """Without a status, Stripe leaves out what has ended."""
    ended = {"canceled", "incomplete_expired"}
    known = set(shelf.index("status"))
    by_word = {None: known - ended, "ended": ended, "all": known}
    return {"status": by_word[asked]} if asked in by_word else {}
