"""Every endpoint of the service. Routes, the OpenAPI document, metrics and the tests follow from this list."""

from pydantic import BaseModel

from sync.server.administration_endpoints import ADMINISTRATION_ENDPOINTS
from sync.server.closing_endpoints import CLOSING_ENDPOINTS
from sync.server.content_answers import CONTENT_ENDPOINTS
from sync.server.document_log_endpoints import LOG_ENDPOINTS
from sync.server.endpoints import Endpoint
from sync.server.feed_endpoints import FEED_ENDPOINTS, Operation
from sync.server.joining import JOINING_ENDPOINTS
from sync.server.leases import LEASE_ENDPOINTS
from sync.server.oauth_endpoints import OAUTH_ENDPOINTS
from sync.server.outside_list_endpoints import OUTSIDE_LIST_ENDPOINTS
from sync.server.question_endpoints import QUESTION_ENDPOINTS
from sync.server.reading_endpoints import READING_ENDPOINTS
from sync.server.signing_endpoints import SIGNING_ENDPOINTS
from sync.server.signing_pages import SIGNING_PAGES
from sync.server.status_endpoints import STATUS_ENDPOINTS
from sync.server.time_stamp_endpoints import TIME_STAMP_ENDPOINTS

DOCUMENTED_MODELS: tuple[type[BaseModel], ...] = (Operation,)
"""Forms that stand in no message as a whole, but belong into the document."""

ENDPOINTS: tuple[Endpoint, ...] = (
    *STATUS_ENDPOINTS,
    *OAUTH_ENDPOINTS,
    *ADMINISTRATION_ENDPOINTS,
    *JOINING_ENDPOINTS,
    *FEED_ENDPOINTS,
    *CONTENT_ENDPOINTS,
    *QUESTION_ENDPOINTS,
    *READING_ENDPOINTS,
    *CLOSING_ENDPOINTS,
    *LEASE_ENDPOINTS,
    *TIME_STAMP_ENDPOINTS,
    *OUTSIDE_LIST_ENDPOINTS,
    *LOG_ENDPOINTS,
    *SIGNING_ENDPOINTS,
    *SIGNING_PAGES,
)
