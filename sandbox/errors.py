"""Refusals in Stripe's shape: `{"error": {"type", "message", "code"?, "param"?}}`."""

from sandbox.books import Json


class ApiError(Exception):
    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        kind: str = "invalid_request_error",
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers or {}
        self.body: Json = {"error": {"message": message, "type": kind}}
        if code:
            self.body["error"]["code"] = code
        if param:
            self.body["error"]["param"] = param


def no_key() -> ApiError:
    return ApiError(
        401,
        "You did not provide an API key. You need to provide your API key in the Authorization "
        "header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
    )


def invalid_key(masked: str) -> ApiError:
    return ApiError(401, f"Invalid API Key provided: {masked}")


def expired_key(masked: str) -> ApiError:
    return ApiError(401, f"Expired API Key provided: {masked}", code="api_key_expired")


def forbidden(masked: str, account: str, permission: str) -> ApiError:
    return ApiError(
        403,
        f"The provided key '{masked}' does not have the required permissions for this endpoint on "
        f"account '{account}'. Having the '{permission}' permission would allow this request to "
        "continue.",
    )


def bad_request(message: str, param: str, code: str | None = None) -> ApiError:
    return ApiError(400, message, param=param, code=code)


def missing(kind: str, identifier: str, *, param: str = "id", status: int = 404) -> ApiError:
    message = f"No such {kind.replace('_', ' ')}: '{identifier}'"
    return ApiError(status, message, code="resource_missing", param=param)


def unknown_url(method: str, path: str) -> ApiError:
    return ApiError(404, f"Unrecognized request URL ({method}: {path}).")


def rate_limited(retry_after: int | None) -> ApiError:
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    message = "Too many requests hit the API too quickly. Try again with a growing wait."
    return ApiError(429, message, code="rate_limit", headers=headers)


def broken(status: int) -> ApiError:
    return ApiError(status, "An unknown error occurred.", kind="api_error")
