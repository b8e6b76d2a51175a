"""Groups are found by their name, which django-scim2 leaves to the application."""

from django_scim.filters import GroupFilterQuery


class GroupFilter(GroupFilterQuery):
    attr_map = {("displayName", None, None): "name"}
