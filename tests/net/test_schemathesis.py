"""Requests made out of the OpenAPI document: no answer is a fault, and none is undocumented."""

from contextlib import suppress

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.net.conftest import sign_up_person

NEGATIVE = schemathesis.GenerationMode.NEGATIVE
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]


@pytest.fixture(scope="module")
def operations(app):
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", app)
    return [found.ok() for found in schema.get_all_operations()]


def call_many_times(operation, fitting, unfitting, headers):
    """Send requests that fit the description, and some that do not; every answer must be a described one."""

    def send(case):
        case.headers = {**(case.headers or {}), **headers}
        case.validate_response(case.call(), checks=CHECKS, headers=headers)

    def times(count):
        return settings(
            max_examples=count,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )

    times(fitting)(given(case=operation.as_strategy())(send))()
    with suppress(Unsatisfiable):  # an operation that reads nothing cannot be asked wrongly
        times(unfitting)(given(case=operation.as_strategy(generation_mode=NEGATIVE))(send))()


def test_every_operation_is_asked(operations):
    assert len(operations) > 20


def test_answers_of_somebody_with_every_right_are_documented(operations, stores, subtests):
    for operation in operations:
        person = sign_up_person(stores, is_admin=True, is_superuser=True, is_seller=True)
        with subtests.test(operation.label):
            call_many_times(operation, 6, 3, person.headers)


def test_answers_of_visitors_are_documented(operations, subtests):
    for operation in operations:
        with subtests.test(operation.label):
            call_many_times(operation, 2, 1, {})
