"""All models, one file a feature."""

from db.models import (  # noqa: F401
    catalog,
    catalogue_versions,
    contracts,
    customers,
    desk,
    exchange,
    inventory,
    orders,
    payments,
    quotations,
    staff,
    tasks,
    workshop,
)
