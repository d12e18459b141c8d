"""Whether the web of this container does its work: asks /healthz as PUBLIC_URL would be asked."""

import os
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

host = urlsplit(os.environ.get("PUBLIC_URL", "")).netloc or "127.0.0.1"
urlopen(Request("http://127.0.0.1:8000/healthz", headers={"Host": host}), timeout=4)
