"""Settings: what is read, what is refused, and in which words."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from app.atlas_settings import AtlasSettings, PostcodeLookup
from app.config import (
    ROOT,
    AppEnv,
    Config,
    ConfigError,
    DkimSettings,
    MailTransport,
    SendGridSettings,
    SmtpSecurity,
    load_config,
)
from app.privacy.keys import FieldKeys, new_key
from app.roles import Role
from tests.conftest import FIELD_KEYS, INDEX_KEY, SECRET_KEY

SECRETS = {"SECRET_KEY": SECRET_KEY, "FIELD_KEYS": FIELD_KEYS, "INDEX_KEY": INDEX_KEY}
SMTP = {"MAIL_TRANSPORT": "smtp", "SMTP_HOST": "mail.example.org"}
SENDGRID = {"MAIL_TRANSPORT": "sendgrid", "SENDGRID_API_KEY": "SG.hunter8"}
PRODUCTION = {
    "APP_ENV": "production",
    "BASE_URL": "https://letters.example.org",
    "MAIL_FROM": "letters@example.org",
    "CONTACT_EMAIL": "help@example.org",
    "TRUSTED_PROXIES": "1",
    **SMTP,
    **SECRETS,
}


def load(**settings: str) -> Config:
    """A development configuration with its secrets given."""
    return load_config(SECRETS | settings)


def problems(environ: dict[str, str]) -> list[str]:
    """What the configuration is refused for, a sentence each."""
    with pytest.raises(ConfigError) as refused:
        load_config(environ)
    return str(refused.value).splitlines()


def test_a_developers_machine_needs_no_settings(tmp_path: Path) -> None:
    config = load_config({"INSTANCE_DIR": str(tmp_path)})
    assert config.env is AppEnv.DEVELOPMENT
    assert config.development
    assert config.base_url == "http://localhost:8000"
    assert config.mail_transport is MailTransport.OUTBOX
    assert config.outbox_dir == tmp_path / "outbox"
    assert config.database_url == f"sqlite:///{tmp_path}/solidarity.sqlite3"
    assert (config.content_dir, config.targets_dir) == (ROOT / "letter_templates", ROOT / "targets")
    assert (config.redis_url, config.smtp, config.source_url) == (None, None, "")
    assert config.confirm_within == timedelta(days=7)
    assert config.sweep_every == timedelta(seconds=15)
    assert config.trusted_proxies == 0
    assert set(config.hosts) == {"localhost", "127.0.0.1", "[::1]"}


def test_a_developers_machine_keeps_the_keys_that_it_made(tmp_path: Path) -> None:
    first, second = (load_config({"INSTANCE_DIR": str(tmp_path)}) for _ in range(2))
    assert first.secret_key == second.secret_key
    stored = first.field_keys.encrypt("action.name", "Alice Adams")
    assert second.field_keys.decrypt("action.name", stored) == "Alice Adams"


def test_production_reads_all_that_it_is_told() -> None:
    config = load_config(
        PRODUCTION
        | {
            "INSTANCE_DIR": "/srv/letters",
            "CONTENT_DIR": "/srv/content",
            "TARGETS_DIR": "/srv/targets",
            "DATABASE_URL": "postgresql://letters@db.internal/letters",
            "REDIS_URL": "rediss://redis.internal",
            "ORGANISATION": "Justice Now",
            "SOURCE_URL": "https://git.example.org/letters",
            "SMTP_PORT": "2525",
            "SMTP_USERNAME": "letters",
            "SMTP_PASSWORD": "hunter2",
            "SMTP_TIMEOUT_SECONDS": "7",
            "LIMIT_ADDRESS_PER_DAY": "1",
            "LIMIT_NETWORK_PER_HOUR": "2",
            "LIMIT_UNCONFIRMED_PER_HOUR": "3",
            "LIMIT_CORRECTIONS_PER_HOUR": "4",
            "CONFIRM_DAYS": "4",
            "SWEEP_SECONDS": "5",
            "TRUSTED_PROXIES": "2",
        }
    )
    assert not config.development
    assert (config.instance_dir, config.content_dir) == (Path("/srv/letters"), Path("/srv/content"))
    assert config.targets_dir == Path("/srv/targets")
    assert config.database_url == "postgresql+psycopg://letters@db.internal/letters"
    assert config.redis_url == "rediss://redis.internal"
    assert (config.organisation, config.source_url) == ("Justice Now", "https://git.example.org/letters")
    assert (config.base_url, config.hosts) == ("https://letters.example.org", ["letters.example.org"])
    assert (config.mail_from, config.contact) == ("letters@example.org", "help@example.org")
    assert config.smtp is not None
    assert (config.smtp.host, config.smtp.port, config.smtp.security) == (
        "mail.example.org",
        2525,
        SmtpSecurity.STARTTLS,
    )
    assert (config.smtp.username, config.smtp.password) == ("letters", "hunter2")
    assert config.smtp.timeout == timedelta(seconds=7)
    limits = config.limits
    assert (limits.address_per_day, limits.network_per_hour, limits.unconfirmed_per_hour) == (1, 2, 3)
    assert limits.corrections_per_hour == 4
    assert (config.confirm_within, config.sweep_every) == (timedelta(days=4), timedelta(seconds=5))
    assert config.trusted_proxies == 2


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("APP_ENV", "staging"),
        ("BASE_URL", "letters.example.org"),
        ("BASE_URL", "ftp://localhost"),
        ("BASE_URL", "http://"),
        ("BASE_URL", "http://localhost/letters"),
        ("BASE_URL", "http://localhost?x=1"),
        ("BASE_URL", "http://localhost#x"),
        ("BASE_URL", "http://[::1"),
        ("BASE_URL", "http://localhost:port"),
        ("BASE_URL", "http://localhost:99999"),
        ("BASE_URL", "http://alice:secret@localhost"),
        ("SOURCE_URL", "http://git.example.org"),
        ("SOURCE_URL", "javascript:alert(1)"),
        ("DATABASE_URL", "mysql://localhost/letters"),
        ("DATABASE_URL", "letters.sqlite3"),
        ("DATABASE_URL", "sqlite:///"),
        ("DATABASE_URL", "sqlite:///:memory:"),
        ("DATABASE_URL", "postgresql+psycopg2://localhost/letters"),
        ("DATABASE_URL", "postgresql://localhost:port/letters"),
        ("REDIS_URL", "localhost:6379"),
        ("REDIS_URL", "http://localhost:6379"),
        ("REDIS_URL", "redis://localhost:port"),
        ("MAIL_TRANSPORT", "pigeon"),
        ("MAIL_FROM", "letters"),
        ("MAIL_FROM", "@example.org"),
        ("MAIL_FROM", "letters@localhost"),
        ("MAIL_FROM", "létters@example.org"),
        ("MAIL_FROM", "Letters <letters@example.org>"),
        ("MAIL_FROM", "<letters@example.org>"),
        ("MAIL_FROM", "letters@team@example.org"),
        ("MAIL_FROM", "letters@example..org"),
        ("MAIL_FROM", "letters@exa_mple.org"),
        ("CONTACT_EMAIL", "help"),
        ("SECRET_KEY", "too short"),
        ("FIELD_KEYS", "no key at all"),
        ("INDEX_KEY", "no key either"),
        ("LIMIT_ADDRESS_PER_DAY", "0"),
        ("LIMIT_NETWORK_PER_HOUR", "-1"),
        ("LIMIT_UNCONFIRMED_PER_HOUR", "many"),
        ("LIMIT_CORRECTIONS_PER_HOUR", "0"),
        ("CONFIRM_DAYS", "1.5"),
        ("CONFIRM_DAYS", "99999999999"),
        ("SWEEP_SECONDS", "soon"),
        ("TRUSTED_PROXIES", "-1"),
        ("METRICS_TOKEN", "too short"),
        ("METRICS_TOKEN", "long enough, and with spaces and a comma"),
        ("REPLY_ADDRESS", "Answers <answers@ours.example>"),
        ("REPLY_ADDRESS", "Letters@solidarity-post.example"),
        ("REPLY_ADDRESS", f"{'a' * 29}@ours.example"),
        ("REPLY_SURVEY_DAYS", "91"),
        ("SECRET_KEY_FILE", "/nowhere/secret"),
        ("DATABASE_URL_FILE", "/nowhere/database"),
    ],
)
def test_a_wrong_value_is_one_sentence_that_names_the_setting(name: str, value: str) -> None:
    [sentence] = problems(SECRETS | {name: value})
    assert re.match(rf"Set (\w+ and )?{name}\b.*[.]$", sentence), sentence


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SMTP_PORT", "0"),
        ("SMTP_PORT", "65536"),
        ("SMTP_PORT", "smtp"),
        ("SMTP_SECURITY", "some"),
        ("SMTP_SECURITY", "none"),
        ("SMTP_TIMEOUT_SECONDS", "0"),
        ("SMTP_HOST", ""),
        ("SMTP_PASSWORD_FILE", "/nowhere/password"),
    ],
)
def test_a_wrong_value_of_smtp_is_named_too(name: str, value: str) -> None:
    [sentence] = problems(SECRETS | SMTP | {name: value})
    assert sentence.startswith(f"Set {name}")


def test_what_smtp_would_need_is_not_asked_of_the_outbox() -> None:
    assert load(SMTP_PORT="smtp", SMTP_SECURITY="some").smtp is None


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1"])
def test_a_relay_on_this_machine_may_go_without_tls(host: str) -> None:
    config = load(MAIL_TRANSPORT="smtp", SMTP_HOST=host, SMTP_SECURITY="none")
    assert config.smtp is not None
    assert config.smtp.security is SmtpSecurity.NONE


def test_the_port_follows_the_kind_of_tls() -> None:
    ports = {}
    for security in ("starttls", "tls"):
        smtp = load(**SMTP, SMTP_SECURITY=security).smtp
        assert smtp is not None
        ports[security] = smtp.port
    assert ports == {"starttls": 587, "tls": 465}


def test_sendgrid_is_read() -> None:
    assert load(**SENDGRID).sendgrid == SendGridSettings("https://api.sendgrid.com", "SG.hunter8")
    config = load(
        **SENDGRID, SENDGRID_REGION="eu", SENDGRID_TIMEOUT_SECONDS="7", SENDGRID_CONNECTIONS="64", SMTP_PORT="smtp"
    )
    assert config.sendgrid == SendGridSettings("https://api.eu.sendgrid.com", "SG.hunter8", timedelta(seconds=7), 64)
    assert config.smtp is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SENDGRID_API_KEY", ""),
        ("SENDGRID_API_KEY", "two words"),
        ("SENDGRID_API_KEY", "SG.ключ"),
        ("SENDGRID_API_KEY", "SG.a\r\nX-Header: b"),
        ("SENDGRID_REGION", "us"),
        ("SENDGRID_TIMEOUT_SECONDS", "0"),
        ("SENDGRID_CONNECTIONS", "0"),
        ("SENDGRID_CONNECTIONS", "65"),
        ("SENDGRID_URL", "https://api.sendgrid.com"),
        ("SENDGRID_URL", "http://localhost:8025/v3"),
        ("SENDGRID_URL", "http://user@localhost:8025/"),
        ("SENDGRID_URL", "http://localhost:99999"),
        ("SENDGRID_URL", "ftp://localhost"),
        ("SENDGRID_URL", "localhost"),
    ],
)
def test_a_wrong_value_of_sendgrid_is_named_too(name: str, value: str) -> None:
    [sentence] = problems(SECRETS | SENDGRID | {name: value})
    assert sentence.startswith(f"Set {name}")


DKIM = {"DKIM_PRIVATE_KEY": "-----BEGIN …", "DKIM_SELECTOR": "autumn", "MAIL_FROM": "letters@post.example.org"}


@pytest.mark.parametrize(
    ("given", "domain"),
    [("", "post.example.org"), ("post.example.org", "post.example.org"), ("Example.org", "example.org")],
)
def test_a_signature_is_our_domains_or_its_parents(given: str, domain: str) -> None:
    assert load(**SMTP, **DKIM, DKIM_DOMAIN=given).dkim == DkimSettings(domain, "autumn", "-----BEGIN …")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DKIM_PRIVATE_KEY", ""),
        ("DKIM_PRIVATE_KEY_FILE", "/nowhere/dkim.pem"),
        ("DKIM_SELECTOR", ""),
        ("DKIM_SELECTOR", "two words"),
        ("DKIM_SELECTOR", "autumn._domainkey"),
        ("DKIM_SELECTOR", "a;d=elsewhere.example"),
        ("DKIM_SELECTOR", "a" * 64),
        ("DKIM_DOMAIN", "elsewhere.example"),
        ("DKIM_DOMAIN", "ample.org"),
        ("DKIM_DOMAIN", "org"),
        ("DKIM_DOMAIN", ".example.org"),
        ("DKIM_DOMAIN", "other.example.org"),
    ],
)
def test_a_wrong_value_of_dkim_is_named_too(name: str, value: str) -> None:
    [sentence] = problems(SECRETS | SMTP | DKIM | {name: value})
    assert re.match(rf"Set {name}\b.*[.]$", sentence), sentence


@pytest.mark.parametrize("name", ["DKIM_PRIVATE_KEY", "DKIM_SELECTOR", "DKIM_DOMAIN"])
def test_sendgrid_signs_by_itself(name: str) -> None:
    [sentence] = problems(SECRETS | SENDGRID | {name: "example.org"})
    assert sentence.startswith("Set MAIL_TRANSPORT to smtp, or leave out DKIM_PRIVATE_KEY")


def test_a_relay_may_sign_and_the_outbox_need_not() -> None:
    assert load(**SMTP).dkim is None
    assert load(**DKIM).dkim is None


@pytest.mark.parametrize("url", ["http://localhost:8025", "https://127.0.0.1:8025/", "http://[::1]:8025"])
def test_only_this_machine_may_stand_in_for_sendgrid(url: str) -> None:
    sendgrid = load(**SENDGRID, SENDGRID_URL=url).sendgrid
    assert sendgrid is not None
    assert sendgrid.url == url.rstrip("/")


@pytest.mark.parametrize("name", ["BASE_URL", "MAIL_FROM", "CONTACT_EMAIL", "TRUSTED_PROXIES", "SMTP_HOST", *SECRETS])
def test_production_needs_to_be_told(name: str) -> None:
    environ = {setting: value for setting, value in PRODUCTION.items() if setting != name}
    [sentence] = problems(environ)
    assert sentence.startswith(f"Set {name}")


def test_production_makes_no_keys_of_its_own(tmp_path: Path) -> None:
    environ = {name: value for name, value in PRODUCTION.items() if name not in SECRETS}
    sentences = problems(environ | {"INSTANCE_DIR": str(tmp_path / "instance")})
    assert [sentence.split()[1] for sentence in sentences] == list(SECRETS)
    assert all("python -m app.privacy" in sentence for sentence in sentences)
    assert not (tmp_path / "instance").exists()


def test_production_sends_mail() -> None:
    [sentence] = problems(PRODUCTION | {"MAIL_TRANSPORT": "outbox"})
    assert sentence.startswith("Set MAIL_TRANSPORT to smtp or sendgrid")


def test_production_is_reached_by_https_only() -> None:
    [sentence] = problems(PRODUCTION | {"BASE_URL": "http://letters.example.org"})
    assert sentence.startswith("Set BASE_URL to an https:// address")


def test_development_is_not_for_the_public_internet() -> None:
    [sentence] = problems(SECRETS | {"BASE_URL": "https://letters.solidarity.org"})
    assert sentence.startswith("Set APP_ENV to production, or BASE_URL")


@pytest.mark.parametrize(
    ("given", "roles"),
    [
        ("none", set()),
        ("admin", {Role.ADMIN}),
        ("admin, organiser,partner", {Role.ADMIN, Role.ORGANISER, Role.PARTNER}),
        ("", {Role.ADMIN}),
    ],
)
def test_production_says_which_roles_must_have_a_second_factor(given: str, roles: set[Role]) -> None:
    assert load_config(PRODUCTION | {"STAFF_SECOND_FACTOR": given}).second_factor == roles
    assert load().second_factor == set()


@pytest.mark.parametrize("given", ["all", "admin organiser", "admin,", "none,admin"])
def test_a_role_that_nobody_has_is_named(given: str) -> None:
    with pytest.raises(ConfigError, match="Set STAFF_SECOND_FACTOR to none, or to roles separated by commas"):
        load(STAFF_SECOND_FACTOR=given)


def test_every_mistake_is_named_at_once() -> None:
    sentences = problems({"APP_ENV": "production", "CONFIRM_DAYS": "soon", "MAIL_TRANSPORT": "smtp"})
    named = {sentence.split()[1].rstrip(":") for sentence in sentences}
    assert named == {
        "BASE_URL",
        "CONFIRM_DAYS",
        "CONTACT_EMAIL",
        "FIELD_KEYS",
        "INDEX_KEY",
        "MAIL_FROM",
        "SECRET_KEY",
        "SMTP_HOST",
        "TRUSTED_PROXIES",
    }


@pytest.mark.parametrize(
    "name", ["SECRET_KEY", "FIELD_KEYS", "INDEX_KEY", "DATABASE_URL", "REDIS_URL", "SMTP_PASSWORD"]
)
def test_a_secret_may_stand_in_a_file(tmp_path: Path, name: str) -> None:
    given = PRODUCTION | {
        "DATABASE_URL": "postgresql://letters:hunter2@db.internal/letters",
        "REDIS_URL": "redis://:hunter2@redis.internal",
        "SMTP_PASSWORD": "hunter2",
    }
    file = tmp_path / name.lower()
    file.write_text(f"{given[name]}\n", encoding="utf-8")
    from_file = {setting: value for setting, value in given.items() if setting != name} | {f"{name}_FILE": str(file)}
    ours, theirs = load_config(given), load_config(from_file)
    keys = FieldKeys.parse(FIELD_KEYS, INDEX_KEY)
    for config in (ours, theirs):
        assert config.field_keys.decrypt("action.name", keys.encrypt("action.name", "Alice Adams")) == "Alice Adams"
        assert config.field_keys.index_key == keys.index_key
    assert (ours.secret_key, ours.database_url, ours.redis_url, ours.smtp) == (
        theirs.secret_key,
        theirs.database_url,
        theirs.redis_url,
        theirs.smtp,
    )


def test_the_token_of_the_metrics_may_stand_in_a_file_and_is_not_shown(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("hunter9-hunter9-hunter9-hunter9-\n", encoding="utf-8")
    config = load(METRICS_TOKEN_FILE=str(file))
    assert config.metrics_token == "hunter9-hunter9-hunter9-hunter9-"
    assert load().metrics_token is None
    assert "hunter9" not in repr(config)


def test_sendgrids_key_may_stand_in_a_file_and_is_not_shown(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("SG.hunter8\n", encoding="utf-8")
    config = load(MAIL_TRANSPORT="sendgrid", SENDGRID_API_KEY_FILE=str(file))
    assert config.sendgrid is not None
    assert config.sendgrid.key == "SG.hunter8"
    assert "hunter" not in repr(config)


def test_a_file_of_a_secret_that_is_not_text_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_bytes(b"\xff\xfe\x00")
    [sentence] = problems(SECRETS | {"SECRET_KEY_FILE": str(file)})
    assert sentence.startswith("Set SECRET_KEY_FILE")


def test_an_empty_file_of_a_secret_is_no_secret(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("\n", encoding="utf-8")
    [sentence] = problems(PRODUCTION | {"SECRET_KEY_FILE": str(file)})
    assert sentence.startswith("Set SECRET_KEY ")


def test_neither_configuration_nor_refusal_shows_a_secret() -> None:
    secrets = {
        "SECRET_KEY": "S" + new_key(),
        "FIELD_KEYS": f"a:{new_key()}",
        "INDEX_KEY": new_key(),
        "DATABASE_URL": "postgresql://letters:hunter2@db.internal/letters",
        "REDIS_URL": "redis://:hunter3@redis.internal",
        "SMTP_PASSWORD": "hunter4",
    }
    told = [repr(load_config(PRODUCTION | secrets))]
    told += problems(PRODUCTION | secrets | {"CONFIRM_DAYS": "soon"})
    for wrong in (
        {"DATABASE_URL": "mysql://letters:hunter2@db.internal"},
        {"REDIS_URL": "http://:hunter3@redis.internal"},
        {"SECRET_KEY": "hunter5"},
        {"FIELD_KEYS": "hunter6"},
        {"INDEX_KEY": "hunter7"},
    ):
        told += problems(PRODUCTION | secrets | wrong)
    for shown in told:
        assert "hunter" not in shown
        assert not any(secret in shown for secret in secrets.values())


def test_white_space_around_a_value_was_not_meant() -> None:
    assert load(ORGANISATION="  Justice Now \n", CONFIRM_DAYS=" 3 ").organisation == "Justice Now"


def test_an_empty_value_is_one_that_was_not_given() -> None:
    config = load(BASE_URL="", CONFIRM_DAYS="", REDIS_URL="", TRUSTED_PROXIES="")
    assert (config.base_url, config.confirm_within, config.redis_url) == (
        "http://localhost:8000",
        timedelta(days=7),
        None,
    )


def test_what_is_not_ours_in_the_environment_is_left_alone() -> None:
    assert load(HOME="/root", SECRET_KEYS="x", CONFIRM_DAYZ="soon").confirm_within == timedelta(days=7)


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("postgres://u@h/d", "postgresql+psycopg://u@h/d"),
        ("postgresql+psycopg://u@/d?host=/tmp/s", "postgresql+psycopg://u@/d?host=/tmp/s"),
        ("sqlite:////srv/letters.sqlite3", "sqlite:////srv/letters.sqlite3"),
    ],
)
def test_the_address_of_a_database_names_its_driver(given: str, read: str) -> None:
    assert load(DATABASE_URL=given).database_url == read


def test_a_slash_at_the_end_of_the_address_is_dropped() -> None:
    assert load(BASE_URL="http://localhost:8765/").base_url == "http://localhost:8765"


def test_postcodes_are_looked_up_nowhere_unless_it_is_said_where() -> None:
    assert load().atlas is None
    assert load(MAPIT_API_KEY="unused", POSTCODE_LOOKUP_URL="unused").atlas is None
    assert load(POSTCODE_LOOKUP="postcodesio").atlas == AtlasSettings(
        PostcodeLookup.POSTCODES_IO, "https://api.postcodes.io", None
    )
    own = {"POSTCODE_LOOKUP_URL": "https://mapit.example.org/under/", "MAPIT_API_KEY": "hunter8"}
    mapit = load(POSTCODE_LOOKUP="mapit", **own).atlas
    assert mapit == AtlasSettings(PostcodeLookup.MAPIT, "https://mapit.example.org/under", "hunter8")
    assert "hunter8" not in repr(mapit)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("POSTCODE_LOOKUP", "google"),
        ("POSTCODE_LOOKUP_URL", "http://api.postcodes.example"),
        ("POSTCODE_LOOKUP_URL", "https://user:password@api.postcodes.example"),
        ("POSTCODE_LOOKUP_URL", "https://api.postcodes.example/?key=1"),
        ("POSTCODE_LOOKUP_URL", "https://api.postcodes.example:99999"),
        ("POSTCODE_LOOKUP_URL", "api.postcodes.example"),
        ("MAPIT_API_KEY", "ключ"),
    ],
)
def test_a_service_for_postcodes_that_cannot_be_is_refused(name: str, value: str) -> None:
    [sentence] = problems(SECRETS | {"POSTCODE_LOOKUP": "mapit", name: value})
    assert sentence.startswith(f"Set {name}")
    assert value not in sentence
