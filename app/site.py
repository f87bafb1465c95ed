"""The site: Flask with everything that its pages and its commands need, put together."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import structlog
from babel.support import NullTranslations
from flask import Flask, g, request, url_for
from flask_babel import Babel, Domain
from werkzeug.middleware.proxy_fix import ProxyFix

from app.bootstrap import Platform, platform_from_environment
from app.cli import install_commands
from app.i18n import DEFAULT_LANGUAGE, TRANSLATIONS, direction, locale_of, translations
from app.logs import install_logs
from app.web import assets, breaks, errors, headers, metrics, outbox, policy, routing, webhooks
from app.web.api import blueprint as api
from app.web.api.door import guard as api_guard
from app.web.demo import demo_postcode
from app.web.organise import blueprint as organise
from app.web.organise.door import guard, who_is_there
from app.web.platform import install as install_platform
from app.web.policy import Access
from app.web.public import blueprint as public
from app.web.public import steps
from app.web.request import FormRequest

STATIC_MAX_AGE = timedelta(days=365)
"""The addresses of static files change with what is in them."""

LARGEST_REQUEST = 512 * 1024
"""Bytes. A letter at its longest takes half of it in any script; beyond it nothing is read."""


_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class Site(Flask):
    """Flask, with rules that are quick to add, and a log that holds no address of a page: some are somebody's key."""

    url_rule_class = routing.QuickRule

    def log_exception(self, exc_info: Any) -> None:
        """Log what went wrong, and in which endpoint."""
        _log.error("request failed", method=request.method, endpoint=request.endpoint, exc_info=exc_info)


def make_site(platform: Platform | None = None) -> Flask:
    """The site on `platform`, or on the one that the environment describes. Wiring only.

    Raises:
        ConfigError: a setting of the environment is missing or wrong.
    """
    install_logs()
    platform = platform or platform_from_environment()
    config = platform.config
    app = Site(__name__)
    app.request_class = FormRequest
    app.config.update(
        SECRET_KEY=config.secret_key,
        TRUSTED_HOSTS=config.hosts,
        SEND_FILE_MAX_AGE_DEFAULT=STATIC_MAX_AGE,
        MAX_CONTENT_LENGTH=LARGEST_REQUEST,
        MAX_FORM_MEMORY_SIZE=LARGEST_REQUEST,
        SESSION_COOKIE_SECURE=not config.development,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_NAME="session" if config.development else "__Host-session",
        BABEL_TRANSLATION_DIRECTORIES=str(TRANSLATIONS),
        BABEL_DEFAULT_TIMEZONE="Europe/London",
    )
    if config.trusted_proxies:
        hops = config.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign] # as Flask documents it
    install_platform(app, platform)
    steps.install(app, platform)
    babel = Babel(app, locale_selector=lambda: locale_of(g.get("language", DEFAULT_LANGUAGE)))
    babel.domain_instance = _Catalogues()
    guards = {Access.STAFF: guard, Access.HALF_WAY: guard, Access.API: api_guard}
    policy.install(app, development=config.development, guards=guards)
    routing.install(app)
    assets.install(app)
    breaks.install(app)
    headers.install(app, https=config.base_url.startswith("https://"))
    errors.install(app)
    app.register_blueprint(public)
    app.register_blueprint(organise)
    app.register_blueprint(outbox.blueprint)
    app.register_blueprint(webhooks.blueprint)
    app.register_blueprint(metrics.blueprint)
    app.register_blueprint(api)
    app.context_processor(lambda: _page_context(platform))
    install_commands(app, platform)
    return app


class _Catalogues(Domain):  # type: ignore[misc] # flask-babel is untyped
    """Finds the catalogue by the language of the page, in one look: a report says four hundred things."""

    def get_translations(self) -> NullTranslations:
        """The catalogue of the page's language."""
        return translations(g.get("language", DEFAULT_LANGUAGE) if g else DEFAULT_LANGUAGE)


def _page_context(platform: Platform) -> dict[str, object]:
    """What every page may use."""
    language = g.get("language", DEFAULT_LANGUAGE)
    development = platform.config.development
    return {
        "language": language,
        "direction": direction(language),
        "languages": routing.languages_of_page(),
        "organisation": platform.config.organisation,
        "development": development,
        "demo_postcode": demo_postcode(platform.sessions) if development else None,
        "outbox_url": url_for("outbox.index") if development else None,
        "confirm_days": platform.config.confirm_within.days,
        "staff": who_is_there(),
        "source_url": platform.config.source_url,
        "contact": platform.config.contact,
    }
