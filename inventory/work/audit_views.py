"""How right a site's records are: what the random sample proves, and beside it what triggered counts have found."""

from dataclasses import dataclass
from fractions import Fraction

from sqlalchemy import Case, Label, Select, case, func, select
from sqlalchemy.orm import Mapped
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
from inventory.work.trusting import DistrustView, distrusted
from warehouse.clock import Clock


@dataclass(frozen=True)
class SampledRecords:
    """Records of a class that were drawn at random and are judged: the share right is their record accuracy.

    `within_tolerance` of them held nearly what the books say, by the class's own share. A record that was corrected
    before its check, or not checked in time, is neither.
    """

    abc: AbcClass
    checked: int
    right: int
    within_tolerance: int


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
    checked: int
    right: int
    by_class: tuple[SampledRecords, ...]
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
    """What is proven of a site, None before a sample was drawn, what triggered counts found, what is not trusted."""

    site: str
    sample: SampleView | None
    triggered: tuple[CountedRecords, ...]
    counts_due: int
    untrusted: tuple[DistrustView, ...]


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
        untrusted=distrusted(session, site, open_only=True),
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
    by_class = _by_class(session, site_id, audit.id, clock)
    proven = proof(days, days=audit.days, target=target, population=draws[0].population, confidence=audit.confidence)
    return SampleView(
        audit_id=audit.id,
        target=audit.target,
        confidence=audit.confidence,
        days=audit.days,
        checks_daily=audit.checks_daily,
        days_drawn=len(draws),
        waiting=sum(day.waiting for day in days if not day.over),
        checked=sum(each.checked for each in by_class),
        right=sum(each.right for each in by_class),
        by_class=by_class,
        proof=proven,
        sentence=in_words(proven, target, audit.confidence),
    )


@dataclass(frozen=True)
class _Class:
    """The class of a product as a query works it out, and the share of a record's units that may be wrong there."""

    abc: Label[str]
    share: Case[int]


def _class_of(session: Session, site_id: int, product: Mapped[int] | Mapped[int | None], clock: Clock) -> _Class:
    policy = policy_in_force(session, site_id).policy
    classes = product_classes(session, site_id, policy, clock)
    of_class = {abc: product.in_([key for key, each in classes.items() if each is abc]) for abc in AbcClass}
    better = (AbcClass.A, AbcClass.B)
    shares = [(of_class[abc], policy.tolerance_permille(abc)) for abc in better]
    names = [(of_class[abc], abc.value) for abc in better]
    return _Class(
        abc=case(*names, else_=AbcClass.C.value).label("abc"),
        share=case(*shares, else_=policy.tolerance_permille(AbcClass.C)),
    )


def _last_visits(site_id: int) -> Select[int, int | None]:
    """The query for the last visit of every count of a site that is over."""
    return (
        select(col(CountVisitRow.count_id), func.max(col(CountVisitRow.id)).label("visit_id"))
        .join(StockCountRow, col(StockCountRow.id) == col(CountVisitRow.count_id))
        .where(
            col(StockCountRow.site_id) == site_id,
            col(StockCountRow.state).in_([CountState.DONE, CountState.APPROVAL]),
            col(CountVisitRow.void).is_(False),
        )
        .group_by(col(CountVisitRow.count_id))
    )


def _by_class(session: Session, site_id: int, audit_id: int, clock: Clock) -> tuple[SampledRecords, ...]:
    """The records of a sample that are judged, by class."""
    line, item = CountLineRow, AuditItemRow
    last = _last_visits(site_id).subquery()
    judged = _class_of(session, site_id, col(item.product_id), clock)
    off = func.abs(col(line.quantity) - col(line.expected))
    right = col(item.state) == ItemState.RIGHT
    query = (
        select(
            judged.abc,
            func.count(),
            func.sum(case((right, 1), else_=0)),
            func.sum(case((right | ((off > 0) & (off * 1000 <= judged.share * col(line.expected))), 1), else_=0)),
        )
        .join_from(item, AuditDrawRow, col(AuditDrawRow.id) == col(item.draw_id))
        .outerjoin(last, last.c.count_id == col(item.count_id))
        .outerjoin(
            line,
            (col(line.visit_id) == last.c.visit_id)
            & (col(line.product_id) == col(item.product_id))
            & (col(line.lot_id) == col(item.lot_id)),
        )
        .where(
            col(AuditDrawRow.audit_id) == audit_id,
            (col(item.state) != ItemState.WAITING) | (col(AuditDrawRow.until_ms) <= clock.now_ms()),
        )
        .group_by(judged.abc)
        .order_by(judged.abc)
    )
    rows = session.execute(query)
    return tuple(SampledRecords(AbcClass(abc), n, int(exact), int(near)) for abc, n, exact, near in rows)


def _triggered(session: Session, site_id: int, clock: Clock) -> tuple[CountedRecords, ...]:
    """The last visit of every count that is over and was not drawn at random, by reason and class."""
    last = _last_visits(site_id).where(col(StockCountRow.trigger) != CountTrigger.AUDIT).subquery()
    off = func.abs(col(CountLineRow.quantity) - col(CountLineRow.expected))
    product = col(CountLineRow.product_id)
    judged = _class_of(session, site_id, product, clock)
    query = (
        select(
            col(StockCountRow.trigger),
            judged.abc,
            func.count(),
            func.sum(case((off == 0, 1), else_=0)),
            func.sum(case((off * 1000 <= judged.share * col(CountLineRow.expected), 1), else_=0)),
        )
        .join_from(CountLineRow, last, last.c.visit_id == col(CountLineRow.visit_id))
        .join(StockCountRow, col(StockCountRow.id) == last.c.count_id)
        .where(product.is_not(None))
        .group_by(col(StockCountRow.trigger), judged.abc)
    )
    found = [
        CountedRecords(CountTrigger(trigger), AbcClass(klass), checked, int(right), int(within))
        for trigger, klass, checked, right, within in session.execute(query)
    ]
    return tuple(sorted(found, key=lambda each: (each.trigger, each.abc)))
