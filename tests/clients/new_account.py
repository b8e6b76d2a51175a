"""Makes an account and an admin app over the management API, and prints the app's API key.

usage: new_account.py SERVER OPERATOR_KEY_FILE NAME POLICY

POLICY is the name of a preset, or a document in JSON.
"""

import json
import sys
import urllib.request
from pathlib import Path


def post(server: str, key: str, path: str, body: dict) -> dict:
    """Sends `body` and returns the answer, which must be 201."""
    request = urllib.request.Request(
        f"{server}/api/v1{path}",
        data=json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        assert answer.status == 201, f"POST {path}: {answer.status}"
        return json.load(answer)


def main() -> None:
    server, key_file, name, policy = sys.argv[1:]
    key = Path(key_file).read_text().strip()
    policy = json.loads(policy) if policy.startswith("{") else policy
    account = post(server, key, "/accounts", {"name": name, "policy": policy})
    app = post(server, key, f"/accounts/{account['id']}/admin-apps", {"name": "Directory"})
    print(app["api_key"])


if __name__ == "__main__":
    main()
