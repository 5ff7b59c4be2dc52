"""How right a site's records are: what the random sample proves, and beside it what triggered counts have found."""

from dataclasses import dataclass
from fractions import Fraction

from sqlalchemy import case, func, select
from sqlmodel import Session, col

from inventory.rules.auditing import DayChecked, Proof, in_words, proof
from inventory.rules.counting import AbcClass, CountTrigger
from inventory.tables.counts import (
    AuditDrawRow,
    AuditItemRow,
    CountLineRow,
    CountState,
    CountVisitRow,
    ItemState,
    StockCountRow,
)
from inventory.work.auditing import draws_of, latest_audit
from inventory.work.count_planning import product_classes
from inventory.work.count_rules import policy_in_force
from inventory.work.sites import live_site
from warehouse.clock import Clock


@dataclass(frozen=True)
class SampleView:
    """A random sample, how far it has come, and what it proves; `sentence` says so."""

    audit_id: int
    target: str
    confidence: float
    days: int
    checks_daily: int
    days_drawn: int
    waiting: int
    proof: Proof
    sentence: str


@dataclass(frozen=True)
class CountedRecords:
    """Records that triggered counts have checked. They were looked at because something was wrong: no sample.

    `right` of them held exactly what the books say, `within_tolerance` nearly so, by the class's own share.
    """

    trigger: CountTrigger
    abc: AbcClass
    checked: int
    right: int
    within_tolerance: int


@dataclass(frozen=True)
class AccuracyView:
    """What is proven of a site, None before a sample was drawn, and what triggered counts found."""

    site: str
    sample: SampleView | None
    triggered: tuple[CountedRecords, ...]
    counts_due: int


def accuracy_view(session: Session, site: str, clock: Clock) -> AccuracyView:
    """How right the records of a site are.

    Raises
    ------
    NotFound
        If there is no such site.
    """
    site_id = live_site(session, site).id
    waiting = select(func.count()).where(
        col(StockCountRow.site_id) == site_id, col(StockCountRow.state) == CountState.DUE
    )
    return AccuracyView(
        site=site,
        sample=_sample(session, site_id, clock),
        triggered=_triggered(session, site_id, clock),
        counts_due=session.execute(waiting).scalar_one(),
    )


def _sample(session: Session, site_id: int, clock: Clock) -> SampleView | None:
    audit = latest_audit(session, site_id)
    draws = [] if audit is None else list(draws_of(session, audit))
    if audit is None or audit.id is None or not draws:
        return None
    by_state = (
        select(col(AuditItemRow.draw_id), col(AuditItemRow.state), func.count())
        .join(AuditDrawRow, col(AuditDrawRow.id) == col(AuditItemRow.draw_id))
        .where(col(AuditDrawRow.audit_id) == audit.id)
        .group_by(col(AuditItemRow.draw_id), col(AuditItemRow.state))
    )
    found = {(draw_id, ItemState(state)): number for draw_id, state, number in session.execute(by_state)}
    days = [
        DayChecked(
            drawn=sum(found.get((draw.id, state), 0) for state in ItemState),
            wrong=found.get((draw.id, ItemState.WRONG), 0),
            waiting=found.get((draw.id, ItemState.WAITING), 0),
            over=draw.until_ms <= clock.now_ms(),
        )
        for draw in draws
    ]
    target = Fraction(audit.target)
    proven = proof(days, days=audit.days, target=target, population=draws[0].population, confidence=audit.confidence)
    return SampleView(
        audit_id=audit.id,
        target=audit.target,
        confidence=audit.confidence,
        days=audit.days,
        checks_daily=audit.checks_daily,
        days_drawn=len(draws),
        waiting=sum(day.waiting for day in days if not day.over),
        proof=proven,
        sentence=in_words(proven, target, audit.confidence),
    )


def _triggered(session: Session, site_id: int, clock: Clock) -> tuple[CountedRecords, ...]:
    """The last visit of every count that is over and was not drawn at random, by reason and class."""
    policy = policy_in_force(session, site_id).policy
    classes = product_classes(session, site_id, policy, clock)
    last = (
        select(col(CountVisitRow.count_id), func.max(col(CountVisitRow.id)).label("visit_id"))
        .join(StockCountRow, col(StockCountRow.id) == col(CountVisitRow.count_id))
        .where(
            col(StockCountRow.site_id) == site_id,
            col(StockCountRow.state).in_([CountState.DONE, CountState.APPROVAL]),
            col(StockCountRow.trigger) != CountTrigger.AUDIT,
            col(CountVisitRow.void).is_(False),
        )
        .group_by(col(CountVisitRow.count_id))
        .subquery()
    )
    off = func.abs(col(CountLineRow.quantity) - col(CountLineRow.expected))
    by_class = {abc: [key for key, each in classes.items() if each is abc] for abc in (AbcClass.A, AbcClass.B)}
    product = col(CountLineRow.product_id)
    share = case(
        (product.in_(by_class[AbcClass.A]), policy.tolerance_permille(AbcClass.A)),
        (product.in_(by_class[AbcClass.B]), policy.tolerance_permille(AbcClass.B)),
        else_=policy.tolerance_permille(AbcClass.C),
    )
    abc = case(
        (product.in_(by_class[AbcClass.A]), AbcClass.A.value),
        (product.in_(by_class[AbcClass.B]), AbcClass.B.value),
        else_=AbcClass.C.value,
    ).label("abc")
    query = (
        select(
            col(StockCountRow.trigger),
            abc,
            func.count(),
            func.sum(case((off == 0, 1), else_=0)),
            func.sum(case((off * 1000 <= share * col(CountLineRow.expected), 1), else_=0)),
        )
        .join_from(CountLineRow, last, last.c.visit_id == col(CountLineRow.visit_id))
        .join(StockCountRow, col(StockCountRow.id) == last.c.count_id)
        .where(product.is_not(None))
        .group_by(col(StockCountRow.trigger), abc)
    )
    found = [
        CountedRecords(CountTrigger(trigger), AbcClass(klass), checked, int(right), int(within))
        for trigger, klass, checked, right, within in session.execute(query)
    ]
    return tuple(sorted(found, key=lambda each: (each.trigger, each.abc)))
