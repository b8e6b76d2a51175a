"""The full life of a user and of a group, driven by the stock library `scim2-client` with nothing of ours in it (F-2.0-2, F-1.0-8).

usage: full_life.py BASE_URL standard|dsm, with the API key in the environment variable SCIM_TOKEN

The library builds its models from the server's own discovery and checks every answer against them, so an answer that
discovery does not announce fails here. Prints each step, and ends with status 1 at the first that does not hold.
"""

import os
import sys
from collections.abc import Callable
from typing import Any

from httpx2 import Client
from scim2_client import SCIMClientException
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_models import Error, ListResponse, PatchOp, PatchOperation, Resource, SCIMException, SearchRequest

NOWHERE = "00000000-0000-7000-8000-000000000000"


class Life:
    """One client, and the steps that held so far."""

    def __init__(self, base_url: str, token: str) -> None:
        http = Client(base_url=base_url, headers={"Authorization": f"Bearer {token}"}, timeout=30)
        self.scim = SyncSCIMClient(http)
        self.scim.discover()
        self.user_model: Any = self.scim.get_resource_model("User")
        self.group_model: Any = self.scim.get_resource_model("Group")
        assert self.user_model is not None, "discovery does not announce User"
        self.held = 0

    def step(self, name: str, holds: bool, shown: Any) -> None:
        """Prints the step, and ends the program when it does not hold."""
        print(f"  {'held  ' if holds else 'FAILED'} {name}")
        if not holds:
            print(f"         {shown!r}")
            sys.exit(1)
        self.held += 1

    def create(self, **attributes: Any) -> Any:
        """POST of a user."""
        return self.scim.create(self.user_model(**attributes), raise_scim_errors=False)

    def get(self, user_id: str) -> Any:
        """GET by id."""
        return self.scim.query(self.user_model, user_id, raise_scim_errors=False)

    def find(self, user_name: str) -> list[Resource]:
        """GET by the filter that every client uses to match."""
        search = SearchRequest(filter=f'userName eq "{user_name}"')
        answer = self.scim.query(self.user_model, query_parameters=search)
        assert isinstance(answer, ListResponse), answer
        assert answer.total_results == len(answer.resources or []), answer
        return answer.resources or []

    def patch(self, user_id: str, **attributes: Any) -> Any:
        """PATCH with one `replace` for each attribute."""
        operations = [
            PatchOperation(op=PatchOperation.Op.replace_, path=path, value=value) for path, value in attributes.items()
        ]
        patch = PatchOp[self.user_model](operations=operations)
        return self.scim.modify(self.user_model, user_id, patch, raise_scim_errors=False)

    def raw(self, method: str, path: str, body: Any = None) -> tuple[int, dict]:
        """A request that the library's own checks would not let out."""
        answer = self.scim.client.request(method, path, json=body)
        return answer.status_code, answer.json() if answer.content else {}


def refused(answer: Any, status: int, scim_type: str | None = None) -> bool:
    """Whether the answer is a SCIM error with this status, and this `scimType` if one is named."""
    return isinstance(answer, Error) and answer.status == status and scim_type in (None, answer.scim_type)


def shared_steps(life: Life, user_name: str, **attributes: Any) -> str:
    """What every policy allows: create, find, disable, enable. Returns the user's id."""
    life.step("nobody has the name yet", life.find(user_name) == [], user_name)
    created = life.create(user_name=user_name, external_id="directory-1", active=True, **attributes)
    life.step("create", not isinstance(created, Error) and created.active is True, created)
    life.step("the answer says where the user is", str(created.meta.location).endswith(f"/Users/{created.id}"), created)
    life.step("find by userName", [one.id for one in life.find(user_name)] == [created.id], life.find(user_name))
    life.step("find by userName in another case", len(life.find(user_name.upper())) == 1, user_name.upper())
    life.step("get", life.get(created.id).external_id == "directory-1", life.get(created.id))
    twice = life.create(user_name=user_name, external_id="directory-2", active=True)
    life.step("a second user of that name is refused", refused(twice, 409, "uniqueness"), twice)
    for active, name in [(False, "disable"), (True, "enable"), (False, "disable again")]:
        life.patch(created.id, active=active)
        life.step(name, life.get(created.id).active is active, life.get(created.id))
    life.patch(created.id, externalId="directory-9")
    life.step("replace externalId", life.get(created.id).external_id == "directory-9", life.get(created.id))
    return created.id


def last_steps(life: Life, user_id: str, user_name: str) -> None:
    """Errors, and the end of the user."""
    for name, (status, body), expected in [
        ("no userName is refused", life.raw("POST", "/Users", {"schemas": [USER]}), 400),
        ("a userName that is no string is refused", life.raw("POST", "/Users", {"schemas": [USER], "userName": [1]}), 400),
        ("a filter that is none is refused", life.raw("GET", "/Users?filter=userName+eq"), 400),
        ("a PATCH without operations is refused", life.raw("PATCH", f"/Users/{user_id}", {"schemas": [PATCH]}), 400),
    ]:
        life.step(name, status == expected and body["status"] == str(expected) and body["detail"] != "", (status, body))
    missing = life.get(NOWHERE)
    life.step("nobody is at an unknown id", refused(missing, 404), missing)
    life.scim.delete(life.user_model, user_id)
    life.step("delete", refused(life.get(user_id), 404), life.get(user_id))
    life.step("the name is free again", life.find(user_name) == [], user_name)
    again = life.scim.delete(life.user_model, user_id, raise_scim_errors=False)
    life.step("nobody is deleted twice", refused(again, 404), again)


def group_steps(life: Life, user_id: str) -> None:
    """A group with members who come and go, found by name and by member."""
    group_model = life.group_model
    life.step("discovery announces Group", group_model is not None, None)
    other = life.create(user_name="menabrea@example.com")
    nobody = life.scim.create(group_model(display_name="Nobody", members=[{"value": NOWHERE}]), raise_scim_errors=False)
    life.step("a member who is nobody is refused", refused(nobody, 400, "invalidValue"), nobody)
    created = life.scim.create(group_model(display_name="Engines", members=[{"value": user_id}]))
    life.step("create a group with a member", [one.value for one in created.members] == [user_id], created)
    twice = life.scim.create(group_model(display_name="ENGINES"), raise_scim_errors=False)
    life.step("a second group of that name is refused", refused(twice, 409, "uniqueness"), twice)

    def inside() -> list[str]:
        return sorted(one.value for one in life.scim.query(group_model, created.id).members or [])

    def change(operation: PatchOperation) -> list[str]:
        life.scim.modify(group_model, created.id, PatchOp[group_model](operations=[operation]))
        return inside()

    add = PatchOperation(op=PatchOperation.Op.add, path="members", value=[{"value": other.id}])
    life.step("add a member", change(add) == sorted([user_id, other.id]), inside())
    remove = PatchOperation(op=PatchOperation.Op.remove, path=f'members[value eq "{user_id}"]')
    life.step("remove a member", change(remove) == [other.id], inside())
    life.step("the user shows the group", [one.value for one in life.get(other.id).groups] == [created.id], other)
    rename = PatchOperation(op=PatchOperation.Op.replace_, path="displayName", value="Analytical Engines")
    life.step("rename", change(rename) == [other.id], inside())
    for name, text in [("name", 'displayName eq "analytical engines"'), ("member", f'members.value eq "{other.id}"')]:
        found = life.scim.query(group_model, query_parameters=SearchRequest(filter=text)).resources or []
        life.step(f"find by {name}", [one.id for one in found] == [created.id], found)
    without = SearchRequest(excluded_attributes=["members"])
    found = life.scim.query(group_model, created.id, query_parameters=without)
    life.step("without its members", found.members is None and found.display_name == "Analytical Engines", found)
    life.scim.delete(life.user_model, other.id)
    life.step("who is deleted leaves", inside() == [], inside())
    life.scim.delete(group_model, created.id)
    gone = life.scim.query(group_model, created.id, raise_scim_errors=False)
    life.step("delete", refused(gone, 404), gone)
    life.step("a member outlives the group", not isinstance(life.get(user_id), Error), user_id)


USER = "urn:ietf:params:scim:schemas:core:2.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


def standard(life: Life) -> None:
    """An account under the policy `standard`: the whole User schema, and groups."""
    user_name = "ada@example.com"
    user_id = shared_steps(life, user_name, display_name="Ada", name={"givenName": "Ada", "familyName": "Lovelace"})
    life.patch(user_id, displayName="Ada L.", title="Countess")
    changed = life.get(user_id)
    life.step("replace two attributes in one PATCH", (changed.display_name, changed.title) == ("Ada L.", "Countess"), changed)
    life.patch(user_id, userName="lovelace@example.com")
    life.step("change the name", len(life.find("lovelace@example.com")) == 1 and life.find(user_name) == [], user_id)
    group_steps(life, user_id)
    last_steps(life, user_id, "lovelace@example.com")


def dsm(life: Life) -> None:
    """An account under the policy `dsm`: four attributes, one system role, a name that stays."""
    user_name = "ada@example.com"
    user_id = shared_steps(life, user_name, roles=[{"value": "ACCOUNTMEMBER"}])
    life.patch(user_id, roles=[{"value": "ACCOUNTAUDITOR"}])
    roles = [one.value for one in life.get(user_id).roles]
    life.step("replace the role", roles == ["ACCOUNTAUDITOR"], roles)
    both = [{"value": "ACCOUNTADMINISTRATOR"}, {"value": "ACCOUNTMEMBER"}]
    for name, body in [
        ("two system roles are refused (F-4.1-10)", {"userName": "b@example.com", "roles": both}),
        ("an unknown role is refused", {"userName": "b@example.com", "roles": [{"value": "NOBODY"}]}),
        ("a name that is no e-mail address is refused", {"userName": "b"}),
    ]:
        status, answer = life.raw("POST", "/Users", {"schemas": [USER], "active": True, **body})
        life.step(name, status == 400 and life.find("b@example.com") == [], (status, answer))
    operations = [{"op": "replace", "path": "displayName", "value": "Ada"}]
    status, answer = life.raw("PATCH", f"/Users/{user_id}", {"schemas": [PATCH], "Operations": operations})
    life.step("an attribute outside the four is refused (F-5.5-10)", status == 400, (status, answer))
    last_steps(life, user_id, user_name)


LIVES: dict[str, Callable[[Life], None]] = {"standard": standard, "dsm": dsm}


def main() -> None:
    base_url, policy = sys.argv[1:]
    try:
        life = Life(base_url, os.environ["SCIM_TOKEN"])
        LIVES[policy](life)
    except (SCIMClientException, SCIMException) as error:
        print(f"  FAILED the library refuses the answer: {error} {error.__cause__ or ''}")
        sys.exit(1)
    print(f"  {life.held} steps held")


if __name__ == "__main__":
    main()
