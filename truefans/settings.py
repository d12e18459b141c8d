"""Settings: one file, everything that differs between installations comes from the environment.

Each name below may also be given as NAME_FILE, the path of a file that holds the value.
`.env.example` lists them all with their meaning.
"""

from pathlib import Path
from urllib.parse import urlsplit

import environ
import structlog
from celery.schedules import crontab
from csp.constants import NONCE, NONE, SELF
from django.utils.translation import gettext_lazy as _

from truefans.logs import where_it_broke

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.FileAwareEnv()
if env.bool("READ_ENV_FILE", True):
    environ.Env.read_env(BASE_DIR / ".env")

HOME = (BASE_DIR / env.str("TRUEFANS_HOME", "var")).resolve()
DEBUG = env.bool("DEBUG", False)
DEMO = env.bool("DEMO", False)
SECRET_KEY = env.str("SECRET_KEY")
FIELD_ENCRYPTION_KEYS = env.list("FIELD_ENCRYPTION_KEYS")
PORT = env.int("PORT", 8000)
PUBLIC_URL = env.str("PUBLIC_URL", f"http://127.0.0.1:{PORT}").rstrip("/")
ALLOWED_HOSTS = env.list(
    "ALLOWED_HOSTS", default=[urlsplit(PUBLIC_URL).hostname, "127.0.0.1", "localhost", "[::1]"]
)
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
CSRF_FAILURE_VIEW = "truefans.asides.form_is_old"

# Where Stripe's API is. Keys of the demo's sandbox always go to SANDBOX_URL, if there is one.
STRIPE_API_BASE = env.str("STRIPE_API_BASE", "https://api.stripe.com").rstrip("/")
# To each of its lists and for each account; 0: no limit. By default 25, more than which Stripe
# refuses, and no limit where a server on this machine stands for Stripe.
STRIPE_REQUESTS_PER_SECOND = env.float("STRIPE_REQUESTS_PER_SECOND", None)
SANDBOX_URL = env.str("SANDBOX_URL", "").rstrip("/")
if not SANDBOX_URL and (HOME / "sandbox.port").exists():
    # Beside a demo that runs, commands in the shell speak to its sandbox, too.
    SANDBOX_URL = f"http://127.0.0.1:{(HOME / 'sandbox.port').read_text().strip()}"

INSTALLED_APPS = [
    "fans",
    "revenue",
    "dashboard",
    "supporters",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "truefans.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "csp",
    "django_htmx",
    "django_structlog",
    "template_partials",
]

if DEMO:
    # One click enters as anybody: only ever for a demo.
    INSTALLED_APPS.insert(0, "demo")

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # Django pads what it compresses at random and masks its tokens (BREACH).
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "truefans.bodies.LargeBodies",  # before whoever reads a body
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "truefans.logs.RequestMiddleware",
    "truefans.privacy.private_pages_are_not_cached",
    "truefans.asides.forms_have_a_page",
]

ROOT_URLCONF = "truefans.urls"
WSGI_APPLICATION = "truefans.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "dashboard.context.room",
            ],
        },
    },
]

FORM_RENDERER = "truefans.forms.FormRenderer"

# Database. One engine everywhere: PostgreSQL, embedded or named by DATABASE_URL.
DATABASES = {"default": env.db_url("DATABASE_URL")}
DATABASES["default"]["CONN_MAX_AGE"] = 60
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASES["default"].setdefault("OPTIONS", {})
if "host" in DATABASES["default"]["OPTIONS"]:  # a socket; here `manage.py dbshell` finds it, too
    DATABASES["default"]["HOST"] = DATABASES["default"]["OPTIONS"].pop("host")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Valkey (or Redis): Celery's queue, and in another database of it the cache that the rate limits
# count in, because to clear the cache is to empty its database.
REDIS_URL = env.str("REDIS_URL")
_beside = "/0" if urlsplit(REDIS_URL).path == "/1" else "/1"
CACHE_URL = env.str("CACHE_URL", urlsplit(REDIS_URL)._replace(path=_beside).geturl())
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": CACHE_URL}
}
CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# An import goes on while the queue restarts; every task may run twice.
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_TASK_DEFAULT_QUEUE = env.str("CELERY_QUEUE", "truefans")
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE_FILENAME = str(HOME / "beat-schedule")
CELERY_BEAT_SCHEDULE = {
    # The safety nets behind "enqueue on commit": what a crash left undone is found by these.
    "recompute": {"task": "revenue.tasks.figures.recompute", "schedule": 60},
    "summarise": {"task": "revenue.tasks.figures.summarise_due", "schedule": 20},
    "compare": {"task": "revenue.tasks.figures.compare_due", "schedule": 60},
    "resume-syncs": {"task": "revenue.tasks.resuming.resume_syncs", "schedule": 20},
    "resume-changes": {"task": "revenue.tasks.resuming.resume_changes", "schedule": 20},
    "sync-sources": {
        "task": "revenue.tasks.sources.sync_sources",
        "schedule": crontab(minute="*/15"),
    },
    "send-invitations": {"task": "fans.tasks.send_invitations", "schedule": 60},
    "tell-owners": {"task": "revenue.tasks.leaving.tell_all_owners", "schedule": 60},
    "delete-who-left": {
        "task": "revenue.tasks.leaving.delete_who_left",
        "schedule": crontab(hour=2, minute=23),
    },
    "work-off-nudges": {"task": "revenue.tasks.deliveries.work_off_what_is_left", "schedule": 60},
    "read-messages": {"task": "revenue.tasks.deliveries.read_what_is_left", "schedule": 60},
    "send-letters": {"task": "fans.tasks.send_letters", "schedule": 60},
    # Whatever the time zone, a day begins at a quarter of an hour; each is looked at four times.
    "open-days": {"task": "revenue.tasks.days.open_days", "schedule": crontab(minute="1,16,31,46")},
    "forget-nudges": {
        "task": "revenue.tasks.deliveries.forget_nudges",
        "schedule": crontab(hour=3, minute=41),
    },
    "forget-messages": {
        "task": "revenue.tasks.deliveries.forget_messages",
        "schedule": crontab(hour=3, minute=44),
    },
    "forget-runs": {
        "task": "revenue.tasks.sources.forget_runs",
        "schedule": crontab(hour=3, minute=47),
    },
    "forget-files": {
        "task": "revenue.tasks.files.forget_files",
        "schedule": crontab(hour=3, minute=53),
    },
    "forget-sessions": {
        "task": "supporters.tasks.forget_sessions",
        "schedule": crontab(hour=3, minute=56),
    },
    "forget-unconfirmed-accounts": {
        "task": "supporters.tasks.forget_unconfirmed_accounts",
        "schedule": crontab(minute=17),
    },
    # Every night the last days are read again, for lines that showed up late; on Sundays the last
    # weeks. When that is done, the proof: each source against its balance, then all the books.
    "look-back": {
        "task": "revenue.tasks.sources.look_back_sources",
        "schedule": crontab(hour=3, minute=0, day_of_week="1-6"),
        "args": [3],
    },
    "look-back-far": {
        "task": "revenue.tasks.sources.look_back_sources",
        "schedule": crontab(hour=3, minute=0, day_of_week=0),
        "args": [40],
    },
    "reconcile-sources": {
        "task": "revenue.tasks.sources.reconcile_sources",
        "schedule": crontab(hour=4, minute=0),
    },
    "check-all-books": {
        "task": "revenue.tasks.books.check_all_books",
        "schedule": crontab(hour=5, minute=0),
    },
}
# The bank publishes a day's rates at about 16:00 in Frankfurt. Empty: none are fetched.
ECB_RATES_URL = env.str(
    "ECB_RATES_URL", "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-hist.zip"
)
if ECB_RATES_URL:
    CELERY_BEAT_SCHEDULE["update-rates"] = {
        "task": "revenue.tasks.currencies.update_rates",
        "schedule": crontab(hour="2,17", minute=11),
    }

# People sign in by a code that is sent to their address; no passwords are asked for.
AUTH_USER_MODEL = "fans.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "dashboard:entrance"
ACCOUNT_ADAPTER = "supporters.sign_in.AccountAdapter"
ACCOUNT_LOGOUT_REDIRECT_URL = "supporters:welcome"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_FORMS = {
    "login": "supporters.sign_in.SignInForm",
    "add_email": "supporters.sign_in.AddAddressForm",
    "reauthenticate": "supporters.second_step.PasswordForm",
}
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", 0)
MFA_ADAPTER = "supporters.sign_in.MFAAdapter"
MFA_FORMS = {
    "activate_totp": "supporters.second_step.SetUpAppForm",
    "add_webauthn": "supporters.second_step.AddKeyForm",
}
MFA_TOTP_ISSUER = "TrueFans"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
USERSESSIONS_TRACK_ACTIVITY = False

# E-mail. The demo keeps its mail in the cache and shows it on a page of its own.
EMAIL_URL = env.str("EMAIL_URL", "")
vars().update(env.email_url_config(EMAIL_URL or "consolemail://"))
if DEMO and not EMAIL_URL:
    EMAIL_BACKEND = "demo.mail.DemoMailBackend"
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "TrueFans <hello@truefans.example>")
EMAIL_TIMEOUT = 20  # seconds; a worker does not wait for ever
# Who is told when books turn out to be wrong.
ADMINS = [("", address) for address in env.list("ADMINS", default=[])]
SERVER_EMAIL = DEFAULT_FROM_EMAIL
EMAIL_SUBJECT_PREFIX = "[TrueFans] "

# Language and time. Everything is stored in UTC; pages show the creator's own time zone.
LANGUAGE_CODE = "en-gb"
# The languages that there are words in; `truefans.languages` knows what else can be written in.
LANGUAGES = [("en-gb", _("English"))]
FORMAT_MODULE_PATH = "truefans.formats"
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = env.path("STATIC_ROOT", default=HOME / "static")
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "truefans.static.Storage"},
}

# Safe by default. HTTPS is assumed wherever the public address says so.
HTTPS = PUBLIC_URL.startswith("https://")
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", HTTPS)
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
if HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
# Two installations on one machine differ by port only, and cookies do not know ports.
SESSION_COOKIE_NAME = f"truefans-{PORT}"
CSRF_COOKIE_NAME = f"truefans-csrf-{PORT}"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "manifest-src": [SELF],
    }
}

MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# Logs: one line an event, with request and task ids; never an address, a name or a key, and of an
# error where it was and what it is called, not what it says.
LOG_LEVEL = env.str("LOG_LEVEL", "INFO")
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "lines": {
            "()": structlog.stdlib.ProcessorFormatter,
            "processor": structlog.processors.LogfmtRenderer(
                key_order=["timestamp", "level", "event"], drop_missing=True
            ),
            "foreign_pre_chain": [
                structlog.contextvars.merge_contextvars,
                structlog.stdlib.add_log_level,
                structlog.processors.TimeStamper(fmt="iso"),
                where_it_broke,
                # Of what Django adds to a line, only this: a request would say what was typed.
                structlog.stdlib.ExtraAdder(allow=["status_code"]),
            ],
        }
    },
    "filters": {"addresses": {"()": "truefans.logs.WithoutAddresses"}},
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": "lines",
            "filters": ["addresses"],
        }
    },
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        name: {"level": LOG_LEVEL}
        for name in ("truefans", "fans", "revenue", "dashboard", "supporters")
    }
    # Django would mail every error to ADMINS, with all that its request held.
    | {"django": {"handlers": [], "level": "INFO"}},
}
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.filter_by_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
        where_it_broke,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
