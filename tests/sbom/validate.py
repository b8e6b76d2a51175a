"""Holds a bill of materials against the JSON schema of the CycloneDX version that it names; says everything that the schema refuses."""

import json
import sys

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator


def main():
    (file,) = sys.argv[1:]
    with open(file, encoding="utf-8") as opened:
        text = opened.read()
    version = json.loads(text)["specVersion"]
    # The strict form takes no property that the schema does not name. It also looks at formats and at the list of licences.
    validator = JsonStrictValidator(SchemaVersion.from_version(version))
    refused = list(validator.validate_str(text, all_errors=True) or [])
    for error in refused:
        print(f"{error.data.json_path}: {error.data.message}")
    if refused:
        sys.exit(f"{file} is no CycloneDX {version}")
    print(f"{file}: as CycloneDX {version} wants it")


main()
