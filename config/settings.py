"""All settings, read from the environment (README has the table).

Without `DATABASE_URL` and `REDIS_URL` this is the *embedded* set-up: SQLite, Celery's filesystem transport and
secrets of its own, all under `var/`. With either of them it is *production*, which refuses unsafe defaults.
"""

from email.utils import formataddr, parseaddr
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from config import embedded, logs
from config.origins import oidc_origins

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var")))
VAR_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)

DATABASE_URL = env.str("DATABASE_URL", default="")
REDIS_URL = env.str("REDIS_URL", default="")
EMBEDDED = not DATABASE_URL and not REDIS_URL
DEBUG = env.bool("DEBUG", default=False)


def _required(name: str) -> str:
    value: str = env.str(name, default="")
    if not value:
        raise ImproperlyConfigured(f"{name} must be set when DATABASE_URL or REDIS_URL is set (see README, Settings).")
    return value


if EMBEDDED:
    SECRET_KEY = env.str("SECRET_KEY", default="") or embedded.kept_secret(
        VAR_DIR, "secret_key", embedded.make_secret_key
    )
    ENCRYPTION_KEYS = env.list("ENCRYPTION_KEYS", default=[]) or [
        embedded.kept_secret(VAR_DIR, "encryption_key", embedded.make_encryption_key)
    ]
    ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
else:
    SECRET_KEY = _required("SECRET_KEY")
    _required("ENCRYPTION_KEYS")
    _required("ALLOWED_HOSTS")
    ENCRYPTION_KEYS = env.list("ENCRYPTION_KEYS")
    ALLOWED_HOSTS = env.list("ALLOWED_HOSTS")
    if DEBUG and set(ALLOWED_HOSTS) - {"127.0.0.1", "localhost", "[::1]"}:
        raise ImproperlyConfigured(
            "DEBUG shows settings to whoever meets an error: with it, ALLOWED_HOSTS is loopback."
        )
    if "*" in ALLOWED_HOSTS:
        raise ImproperlyConfigured("ALLOWED_HOSTS must name the panel's hosts; '*' lets anybody choose the host.")
if not embedded.are_encryption_keys(ENCRYPTION_KEYS):
    raise ImproperlyConfigured("ENCRYPTION_KEYS must be Fernet keys: 32 bytes each in url-safe base64.")

# Zadarma -----------------------------------------------------------------------------------------------------------
ZADARMA_API_URL = env.str("ZADARMA_API_URL", default="https://api.zadarma.com")
ZADARMA_API_KEY = env.str("ZADARMA_API_KEY", default="")
ZADARMA_API_SECRET = env.str("ZADARMA_API_SECRET", default="")
ZADARMA_LOOPBACK_ONLY = env.bool("ZADARMA_LOOPBACK_ONLY", default=False)
SIMULATOR_URL = env.str("SIMULATOR_URL", default="")
SIMULATOR_KEY = env.str("SIMULATOR_KEY", default="demo-key")
SIMULATOR_SECRET = env.str("SIMULATOR_SECRET", default="demo-secret")
# Calls a minute and key that Zadarma allows (NOTES: 100), shared by all processes.
ZADARMA_CALLS_A_MINUTE = env.int("ZADARMA_CALLS_A_MINUTE", default=100)
# The journal's clock (docs/configure.md). Seconds, all of them; the defaults suit the real API.
CHANGE_SECONDS = env.float("CHANGE_SECONDS", default=30.0)  # the one deadline of a changing call
LEASE_SECONDS = env.float("LEASE_SECONDS", default=120.0)  # after it a sent call without an answer is in doubt
SETTLE_AFTER_SECONDS = env.float("SETTLE_AFTER_SECONDS", default=900.0)  # "not done" is believed no earlier
LOOK_SECONDS = [float(wait) for wait in env.list("LOOK_SECONDS", default=[15, 60, 180, 600, 900, 1800, 3600, 7200])]
RETRY_SECONDS = env.float("RETRY_SECONDS", default=30.0)  # what could not be sent is tried again after this
SWEEP_SECONDS = env.float("SWEEP_SECONDS", default=30.0)

ADMIN_EMAIL = env.str("ADMIN_EMAIL", default="")
ADMIN_PASSWORD = env.str("ADMIN_PASSWORD", default="")

# Apps --------------------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",  # its widgets' templates, for FORM_RENDERER
    "js_lib_bootstrap5",
    "django_htmx",
    "django_countries",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "people",
    "sync",
    "documents",
    "direct_numbers.apps.DirectNumbersConfig",
    "notices",
    "panel",
]

MIDDLEWARE = [
    # First what is said with every answer, also those that a middleware below gives by itself.
    "people.middleware.HeadersMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "people.middleware.PersonMiddleware",
    "people.middleware.TimeZoneMiddleware",
    "people.mfa_required.SecondFactorMiddleware",
    "panel.middleware.OutageMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "panel.context.frame",
            ],
            "builtins": ["panel.templatetags.panel"],
        },
    }
]

# Database, cache, broker -------------------------------------------------------------------------------------------
if DATABASE_URL:
    DATABASES = {"default": env.db_url_config(DATABASE_URL)}
else:
    DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(VAR_DIR / "numberdesk.sqlite3")}}
DATABASES["default"]["ATOMIC_REQUESTS"] = False
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # FULL: a claim that is committed before a call leaves must survive a power cut.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

if REDIS_URL:
    REDIS_PREFIX = env.str("REDIS_PREFIX", default="numberdesk:")
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": REDIS_URL,
            "KEY_PREFIX": REDIS_PREFIX,
        }
    }
    CELERY_BROKER_URL = REDIS_URL
    CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600, "global_keyprefix": REDIS_PREFIX}
else:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"}}
    # The default of 300 would let a flood of sign-ins push out the counters that slow it down.
    CACHES["default"]["OPTIONS"] = {"MAX_ENTRIES": 20_000}
    _broker = VAR_DIR / "broker"
    for _folder in ("messages", "control"):
        (_broker / _folder).mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_URL = "filesystem://localhost//"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(_broker / "messages"),
        "data_folder_out": str(_broker / "messages"),
        "control_folder": str(_broker / "control"),
        "polling_interval": 0.1,
    }
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_SOFT_TIME_LIMIT = 25 * 60
CELERY_TASK_TIME_LIMIT = 30 * 60
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# On a stop, running tasks get this long; a sync run that is cut off then closes itself as failed and is tried again.
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 5
CELERY_TIMEZONE = "UTC"
# One dispatcher looks every minute at what is due (numbers every 5 minutes, document groups every 15,
# the catalogue daily: sync.schedule), so that a run that found its connection busy is not lost until its next period.
CELERY_BEAT_SCHEDULE = {
    "start-due-sync-runs": {"task": "sync.start_due_runs", "schedule": 60.0, "options": {"expires": 55}},
    "delete-old-files": {"task": "documents.delete_old_files", "schedule": 3600.0, "options": {"expires": 3000}},
    "delete-old-imports": {"task": "sync.delete_old_imports", "schedule": 3600.0, "options": {"expires": 3000}},
    "sweep-operations": {
        "task": "sync.sweep_operations",
        "schedule": SWEEP_SECONDS,
        "options": {"expires": max(1.0, SWEEP_SECONDS * 0.9)},
    },
    "look-for-notices": {"task": "notices.scan", "schedule": 60.0, "options": {"expires": 55}},
    "send-notices": {"task": "notices.send", "schedule": 60.0, "options": {"expires": 55}},
    "seal-audit": {"task": "people.seal_audit", "schedule": 60.0, "options": {"expires": 55}},
    "sweep-askings": {"task": "numbers.sweep_askings", "schedule": 60.0, "options": {"expires": 55}},
}

# How many days after it was verified a file's content is kept here; "no": only until Zadarma has it.
_keep_files = env.str("KEEP_FILES_DAYS", default="14")
if not (_keep_files.isdigit() or _keep_files == "no"):
    raise ImproperlyConfigured("KEEP_FILES_DAYS is a number of days, or no.")
KEEP_FILES_DAYS = None if _keep_files == "no" else int(_keep_files)

# People ------------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
SESSION_ENGINE = "people.sessions"
# Messages end with the session: in a cookie they would be told to whoever signs in next.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
# How many days the link of an invitation works.
INVITATION_DAYS = env.int("INVITATION_DAYS", default=7)
if INVITATION_DAYS < 1:
    raise ImproperlyConfigured("INVITATION_DAYS is a number of days, 1 or more.")
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "sign-in"
SIGN_UP_OPEN = env.bool("SIGN_UP_OPEN", default=False)
STAFF_MFA_REQUIRED = env.bool("STAFF_MFA_REQUIRED", default=False)
# Where links in e-mails lead; empty: to the host that was asked, which ALLOWED_HOSTS limits.
BASE_URL = env.str("BASE_URL", default="").rstrip("/")

# Sign-in (django-allauth). Guessing passwords and codes is counted by people.throttle, not by allauth's own limits.
ACCOUNT_ADAPTER = "people.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_METHODS = ["password", "mfa"]
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_REDIRECT_URL = "sign-in"
ACCOUNT_EMAIL_CONFIRMATION_AUTHENTICATED_REDIRECT_URL = "/account/"
ACCOUNT_RATE_LIMITS = {
    "login": None,
    "login_failed": None,
    "change_password": "8/900s/user",
    "manage_email": "10/900s/user",
    "reauthenticate": "20/900s/user",
    "reset_password": "20/900s/ip,5/900s/key",
    "reset_password_from_key": "20/900s/ip",
    "signup": "10/900s/ip",
}
ACCOUNT_FORMS = {
    "login": "people.sign_in_forms.SignInForm",
    "signup": "people.sign_in_forms.SignUpForm",
    "add_email": "people.sign_in_forms.ChangeEmailForm",
    "change_password": "people.sign_in_forms.ChangePasswordForm",
    "set_password": "people.sign_in_forms.SetPasswordForm",
    "reset_password": "people.sign_in_forms.ForgottenPasswordForm",
    "reset_password_from_key": "people.sign_in_forms.NewPasswordForm",
    "reauthenticate": "people.sign_in_forms.ReauthenticateForm",
}
MFA_ADAPTER = "people.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_TOLERANCE = 1
MFA_ALLOW_UNVERIFIED_EMAIL = True  # nobody signs in before their address is confirmed; a new one may still wait
MFA_RATE_LIMITS = {"webauthn_login": "40/900s/ip"}
MFA_FORMS = {
    "authenticate": "people.factor_forms.CodeForm",
    "reauthenticate": "people.factor_forms.CodeAgainForm",
    "activate_totp": "people.factor_forms.FirstCodeForm",
    "authenticate_webauthn": "people.factor_forms.PasskeyForm",
    "reauthenticate_webauthn": "people.factor_forms.PasskeyAgainForm",
    "login_webauthn": "people.factor_forms.PasskeySignInForm",
    "add_webauthn": "people.factor_forms.NewPasskeyForm",
}
OIDC_NAME = env.str("OIDC_NAME", default="Single sign-on")
OIDC_SERVER_URL = env.str("OIDC_SERVER_URL", default="")
SOCIALACCOUNT_ADAPTER = "people.adapters.SingleSignOnAdapter"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True  # verified ones only
SOCIALACCOUNT_LOGIN_ON_GET = False
SOCIALACCOUNT_REQUESTS_TIMEOUT = 10
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "sso",
                "name": OIDC_NAME,
                "client_id": env.str("OIDC_CLIENT_ID", default=""),
                "secret": env.str("OIDC_CLIENT_SECRET", default=""),
                "settings": {"server_url": OIDC_SERVER_URL},
            }
        ]
        if OIDC_SERVER_URL
        else [],
    }
}

# Whose panel it is: the name on its pages and in its e-mails, and a picture (SVG, PNG or WebP) beside it.
PARTNER_NAME = " ".join(env.str("PARTNER_NAME", default="").split()) or "Numberdesk"
PARTNER_LOGO = env.str("PARTNER_LOGO", default="")

# Language and time -------------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("de", _("German"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = env.str("TIME_ZONE", default="Europe/Berlin")
USE_TZ = True
USE_THOUSAND_SEPARATOR = True
FORMAT_MODULE_PATH = "config.formats"

# Static files ------------------------------------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(VAR_DIR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# Security ----------------------------------------------------------------------------------------------------------
HTTPS = env.bool("HTTPS", default=not EMBEDDED)
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if HTTPS else "http"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS  # http://localhost: browsers hold passkeys to their host themselves
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
# Believe what a proxy before the panel says: X-Forwarded-Proto, and the last entry of X-Forwarded-For.
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        # The form of single sign-on is answered with a redirect to the provider.
        "form-action": [SELF, *oidc_origins(OIDC_SERVER_URL)],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
# Uploaded files never touch the disk unencrypted. What DATA_UPLOAD_MAX_MEMORY_SIZE counts are the other fields.
FILE_UPLOAD_HANDLERS = ["documents.upload_handler.InMemoryUploadHandler"]
UPLOAD_MAX_MB = env.int("UPLOAD_MAX_MB", default=10)  # one file; all of a request together: five times that
UPLOAD_MAX_PAGES = env.int("UPLOAD_MAX_PAGES", default=30)
UPLOAD_MAX_MEGAPIXELS = env.int("UPLOAD_MAX_MEGAPIXELS", default=40)
# Send pictures as they are, with the place and camera that they name, rather than written anew without.
UPLOAD_KEEP_METADATA = env.bool("UPLOAD_KEEP_METADATA", default=False)
UPLOAD_CHECK_SECONDS = env.int("UPLOAD_CHECK_SECONDS", default=30)  # after which a file counts as unreadable
CSRF_FAILURE_VIEW = "panel.errors.csrf_failure"
DEFAULT_EXCEPTION_REPORTER_FILTER = "panel.reporting.SilentReporterFilter"

vars().update(env.email_url_config(env.str("EMAIL_URL", default="") or "consolemail://"))
_from_name, _from_address = parseaddr(env.str("DEFAULT_FROM_EMAIL", default="numberdesk@localhost"))
DEFAULT_FROM_EMAIL = formataddr((_from_name or PARTNER_NAME, _from_address))

LOGGING = logs.to_console(env.str("LOG_LEVEL", default="INFO"))
