"""People and groups of a Django application that offers SCIM by django-scim2."""
