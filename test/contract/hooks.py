"""Fills what is valid by shape with what exists: a document cannot say which ids are there.

GRC_SEEDS is JSON: {"*": {field: [values]}, operationId: {field: [values]}}. In the parts of a request that are meant
to be valid, a field of that name (path parameter, query, or body at any depth) takes one of the values; an empty
list leaves an optional field out, and "+field" gives it to the body always. The choice follows from the value drawn, so that a case stays what it is.
"""

import hashlib
import json
import os

import schemathesis
from schemathesis.core.parameters import ParameterLocation

with open(os.environ["GRC_SEEDS"], encoding="utf-8") as file:
    SEEDS = json.load(file)


def choice(values, drawn):
    digest = hashlib.sha256(json.dumps(drawn, sort_keys=True, default=str).encode()).digest()
    return values[digest[0] % len(values)]


def settled(value, seeds):
    if isinstance(value, list):
        return [settled(item, seeds) for item in value]
    if not isinstance(value, dict):
        return value
    filled = {}
    for name, item in value.items():
        if name not in seeds:
            filled[name] = settled(item, seeds)
        elif seeds[name] and isinstance(item, list) and not isinstance(seeds[name][0], list):
            filled[name] = [choice(seeds[name], part) for part in item]
        elif seeds[name] and item is not None:
            filled[name] = choice(seeds[name], item)
        elif item is None:
            filled[name] = None
    return filled


@schemathesis.hook
def before_add_examples(context, examples):
    for case in examples:
        map_case(context, case)


@schemathesis.hook
def map_case(context, case):
    operation_id = context.operation.definition.raw.get("operationId")
    seeds = {**SEEDS["*"], **SEEDS.get(operation_id, {})}
    parts = {
        "path_parameters": ParameterLocation.PATH,
        "query": ParameterLocation.QUERY,
        "body": ParameterLocation.BODY,
    }
    for part, location in parts.items():
        value = getattr(case, part)
        meant_valid = case.meta is None or not case.meta.is_negative_at(location)
        if meant_valid and isinstance(value, dict):
            filled = settled(value, seeds)
            if part == "body":
                filled |= {name[1:]: choice(seeds[name], value) for name in seeds if name[0] == "+"}
            setattr(case, part, filled)
    return case


@schemathesis.hook
def before_call(context, case, kwargs):
    """What a link brought into a body need not fit the fields beside it."""
    path, query = case.path_parameters, case.query
    map_case(context, case)
    case.path_parameters, case.query = path, query
    if case.headers and (case.meta is None or not case.meta.is_negative_at(ParameterLocation.HEADER)):
        known_headers(case)


def known_headers(case):
    """Nobody has seen anything yet, and a key stands for one request."""
    given = {name.lower(): name for name in case.headers}
    request = json.dumps([case.path_parameters, case.query, case.body], sort_keys=True, default=str)
    known = {
        "if-match": "*",
        "if-none-match": '"unseen"',
        "idempotency-key": hashlib.sha256(request.encode()).hexdigest(),
    }
    for name, value in known.items():
        if name in given:
            case.headers[given[name]] = value


@schemathesis.hook
def filter_failure(context, failure, case, response):
    """A process that is short of time says so and is right: that says nothing about the call."""
    return not (response.status_code == 503 and b"overloaded" in response.content)
