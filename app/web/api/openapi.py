"""The document that says what programs can ask for: made from the tables' own declarations (OpenAPI 3.1)."""

from __future__ import annotations

import json
import re
from typing import Any

from flask import Response
from flask.typing import ResponseReturnValue

from app.staff.token_models import Scope
from app.web.api.problems import API_ROOT
from app.web.api.tables import CURSOR, MOST, USUAL, Schema, Single, Table, blueprint, declared
from app.web.platform import platform
from app.web.policy import Access, Csrf, policy

VERSION = "1.0"

_PART = re.compile(r"<(?:\w+:)?(\w+)>")

_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
    },
}
_PROBLEMS = {
    "400": "Something in the address cannot be read.",
    "401": "There is no token, or it is not good any more.",
    "403": "The token does not have the scope that this needs.",
    "404": "There is no such thing.",
    "405": "Only GET is answered.",
    "429": "The token has asked too often; `Retry-After` says how long to wait.",
}
_SCOPES = {
    Scope.REPORTS: "Campaigns and their figures.",
    Scope.SUPPORTERS: "The people who said that the organisers may write to them.",
}


@blueprint.get("/openapi.json")
@policy(Access.PUBLIC, Csrf.READ_ONLY)
def document() -> ResponseReturnValue:
    """Give the document; it says nothing that is not public."""
    config = platform().config
    return Response(json.dumps(openapi(config.organisation, config.base_url)) + "\n", content_type="application/json")


def openapi(organisation: str, base_url: str) -> dict[str, Any]:
    """The whole document."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"{organisation}: figures and supporters",
            "version": VERSION,
            "description": "Read only. Ask with a token that staff make at /organise/tokens.",
        },
        "servers": [{"url": base_url + API_ROOT.rstrip("/")}],
        "security": [{"token": []}],
        "paths": {_PART.sub(r"{\1}", table.path): {"get": _operation(table)} for table in declared()},
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "description": _scope_words()}},
            "schemas": {"Problem": _PROBLEM, **{_name(table): _schema(table) for table in declared()}},
        },
    }


def _operation(table: Table | Single) -> dict[str, Any]:
    record = {"$ref": f"#/components/schemas/{_name(table)}"}
    return {
        "operationId": table.name,
        "summary": table.summary,
        "description": f"Needs the scope `{table.scope}`.",
        "parameters": [*_path_parameters(table.path), *(_page_parameters(table) if isinstance(table, Table) else ())],
        "responses": {
            "200": {
                "description": table.summary,
                "content": {
                    "application/json": {"schema": _page(record) if isinstance(table, Table) else record},
                },
            },
            **{status: _problem(words) for status, words in _PROBLEMS.items()},
        },
    }


def _schema(table: Table | Single) -> dict[str, Any]:
    return {
        "type": "object",
        "required": list(table.columns),
        "properties": dict(table.columns),
        "additionalProperties": False,
    }


def _page(record: Schema) -> dict[str, Any]:
    following = {"type": ["string", "null"], "description": "The cursor of the next page; null on the last."}
    return {
        "type": "object",
        "required": ["items", "next"],
        "properties": {"items": {"type": "array", "items": record}, "next": following},
        "additionalProperties": False,
    }


def _problem(words: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": words, "content": {"application/problem+json": {"schema": schema}}}


def _path_parameters(path: str) -> list[dict[str, Any]]:
    schema = {"type": "string", "pattern": "^[a-z0-9-]{1,80}$"}
    return [{"name": name, "in": "path", "required": True, "schema": schema} for name in _PART.findall(path)]


def _page_parameters(table: Table) -> list[dict[str, Any]]:
    limit = {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL}
    cursor = {"type": "string", "pattern": f"^{CURSOR.pattern}$"}
    parameters = [
        {"name": "cursor", "in": "query", "schema": cursor, "description": "`next` of the page before."},
        {"name": "limit", "in": "query", "schema": limit, "description": "How many at a time."},
    ]
    if table.since:
        words = "Only what is new at this time or later; without an offset it is UTC."
        schema = {"type": "string", "format": "date-time"}
        parameters.append({"name": "since", "in": "query", "schema": schema, "description": words})
    return parameters


def _name(table: Table | Single) -> str:
    return "".join(part.capitalize() for part in table.name.split("_"))


def _scope_words() -> str:
    return " ".join(f"`{scope}`: {words}" for scope, words in _SCOPES.items())
