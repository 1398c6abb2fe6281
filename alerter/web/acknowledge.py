"""The page behind the link in an alert: GET shows, only POST acknowledges.

Mail scanners open every link; they must not acknowledge anything.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from alerter.pipeline.acknowledge import acknowledge_by_token, read_ack
from alerter.web.view import View
