"""Snowflake's own description of its SQL API, to which requests and answers are held."""
import jsonschema
import yaml

from weir import SHARED

CONTRACT = SHARED / "conformance/snowflake-sqlapi.yaml"
STATEMENTS = "/api/v2/statements"


class Contract:
    """Snowflake's own description of the API, as JSON schemas."""

    def __init__(self, path=CONTRACT):
        self.document = self.translate(yaml.safe_load(path.read_text()))
        self.request = self.document["paths"][STATEMENTS]["post"]["requestBody"]["content"]["application/json"]["schema"]

    def translate(self, node):
        """OpenAPI 3.0 says nullable where JSON Schema has a type more."""
        if isinstance(node, list):
            return [self.translate(item) for item in node]
        if not isinstance(node, dict):
            return node
        made = {key: self.translate(value) for key, value in node.items()}
        if made.get("nullable") is True and isinstance(made.get("type"), str):
            made["type"] = [made["type"], "null"]
        return made

    def check(self, schema, body):
        jsonschema.Draft4Validator({**schema, "components": self.document["components"]},
                                   format_checker=jsonschema.FormatChecker()).validate(body)

    def check_request(self, body):
        self.check(self.request, body)

    def check_answer(self, status, body):
        name = {200: "ResultSet", 202: "QueryStatus", 422: "QueryFailureStatus"}.get(status)
        if name:
            self.check(self.document["components"]["schemas"][name], body)
