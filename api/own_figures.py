"""Figures for Prometheus about what the server does by itself: the nights, and messages to other people's programs."""

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import func, select
from sqlmodel import col

from api.serving import Serving
from inventory.tables.nights import NightTaskRow, TaskState
from inventory.tables.webhooks import DeliveryState, WebhookDeliveryRow
from warehouse.tables import SiteRow


class OwnFigures(Collector):
    """Reads them from the database whenever they are asked for, so that any server tells what all of them did."""

    def __init__(self, serving: Serving) -> None:
        self._serving = serving

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """When each task of the nights was done last at each site, tasks that fail now, and messages by state."""
        task = ["site", "task"]
        done = GaugeMetricFamily("onward_night_done_timestamp_seconds", "when a task was done last", labels=task)
        failing = GaugeMetricFamily("onward_night_failed_tries", "tries of a task that has failed so far", labels=task)
        messages = GaugeMetricFamily("onward_webhook_messages", "messages to other programs", labels=["state"])
        of_task = (col(SiteRow.code), col(NightTaskRow.task))
        at_site = (SiteRow, col(SiteRow.id) == col(NightTaskRow.site_id))
        with self._serving.database.read() as session:
            last = select(*of_task, func.max(col(NightTaskRow.done_ms))).join(*at_site).group_by(*of_task)
            for *labels, done_ms in session.execute(last):
                if done_ms is not None:
                    done.add_metric(labels, done_ms / 1000)
            newest = select(*of_task, col(NightTaskRow.state), col(NightTaskRow.tries)).join(*at_site)
            states = session.execute(newest.order_by(col(NightTaskRow.day)))
            now = {(site, name): (state, tries) for site, name, state, tries in states}
            by_state = select(col(WebhookDeliveryRow.state), func.count()).group_by(col(WebhookDeliveryRow.state))
            figures = {state: int(number) for state, number in session.execute(by_state)}
        for key, (state, tries) in now.items():
            failing.add_metric(key, tries if state == TaskState.FAILED else 0)
        for each in DeliveryState:
            messages.add_metric([each.value], figures.get(each, 0))
        yield from (done, failing, messages)
