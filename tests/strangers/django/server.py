"""django-scim2 in the least Django project that it runs in: `python server.py PORT TOKEN FOLDER`.

What django-scim2 leaves to the application is here: models, where requests come in, a token, and groups found by name. Its own adapters
do the rest, unchanged.
"""

import sys
from pathlib import Path
from types import SimpleNamespace

import django
from django.conf import settings
from django.core.management import call_command
from django.urls import include, path

PORT, TOKEN, FOLDER = sys.argv[1], sys.argv[2], Path(sys.argv[3])


def authenticated(get_response):
    """A middleware: whoever has the token is somebody."""

    def answer(request):
        is_known = request.headers.get("Authorization") == f"Bearer {TOKEN}"
        request.user = SimpleNamespace(is_authenticated=is_known, is_anonymous=not is_known)
        return get_response(request)

    return answer


settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    APPEND_SLASH=False,
    AUTH_USER_MODEL="people.User",
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(FOLDER / "people.sqlite3")}},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django_scim", "people"],
    MIDDLEWARE=["__main__.authenticated"],
    ROOT_URLCONF="__main__",
    SCIM_SERVICE_PROVIDER={
        "NETLOC": f"127.0.0.1:{PORT}",
        "SCHEME": "http",
        "AUTHENTICATION_SCHEMES": [{"type": "oauthbearertoken", "name": "Token", "description": "A bearer token"}],
        "GROUP_MODEL": "people.models.Group",
        "GROUP_FILTER_PARSER": "people.filters.GroupFilter",
        "EXPOSE_SCIM_EXCEPTIONS": True,
    },
    SECRET_KEY="not kept beyond this run",
    USE_TZ=True,
)
django.setup()
urlpatterns = [path("scim/v2/", include("django_scim.urls"))]
call_command("migrate", run_syncdb=True, verbosity=0)
call_command("runserver", f"127.0.0.1:{PORT}", use_reloader=False, skip_checks=True)
