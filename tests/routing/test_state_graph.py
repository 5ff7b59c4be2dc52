import numpy as np
import pytest

from routing.state_graph import Effect, state_graph

pytestmark = pytest.mark.untraced  # other, quicker tests run the same lines


@pytest.mark.parametrize(("rows", "states"), [(2, 6), (3, 24), (4, 112), (5, 568), (6, 3032)])
def test_closed_walks_have_the_published_number_of_states(rows: int, states: int) -> None:
    graph = state_graph(rows, open_walk=False)
    assert graph.num_states - 1 == states, "the closed state is counted apart"


@pytest.mark.parametrize("rows", [1, 8])
def test_floors_of_other_sizes_are_refused(rows: int) -> None:
    with pytest.raises(ValueError, match="cross aisles"):
        state_graph(rows, open_walk=False)


@pytest.mark.parametrize("open_walk", [False, True])
def test_an_empty_floor_stays_empty_and_a_closed_walk_stays_closed(open_walk: bool) -> None:
    graph = state_graph(3, open_walk=open_walk)
    for row in range(3):
        assert graph.next[graph.gap_table(row), 0, graph.empty] == graph.empty
        assert graph.next[graph.gap_table(row), 0, graph.done] == graph.done
        assert (graph.next[graph.gap_table(row), 1:3, graph.done] == -1).all()
        assert graph.next[graph.node_table(row), Effect.LOW_2, graph.done] == -1
    for block in range(2):
        assert graph.next[graph.segment_table(block), Effect.NONE, graph.done] == graph.done
        assert graph.next[graph.segment_table(block), Effect.INSIDE, graph.empty] == graph.done


def test_one_pass_through_two_aisles_makes_a_tour() -> None:
    graph = state_graph(2, open_walk=False)
    state = graph.next[graph.segment_table(0), Effect.JOINED_11, graph.empty]
    for row in range(2):
        state = graph.next[graph.gap_table(row), 1, state]
    state = graph.next[graph.segment_table(0), Effect.JOINED_11, state]
    for row in range(2):
        state = graph.next[graph.gap_table(row), 0, state]
    assert state == graph.done


def test_a_component_that_would_be_left_behind_is_not_allowed() -> None:
    graph = state_graph(2, open_walk=False)
    apart = graph.next[graph.segment_table(0), Effect.APART_22, graph.empty]
    assert graph.next[graph.gap_table(0), 0, apart] == -1
    on = graph.next[graph.gap_table(0), 2, apart]
    assert graph.next[graph.gap_table(1), 0, on] == -1


def test_an_open_walk_has_at_most_two_loose_ends() -> None:
    graph = state_graph(3, open_walk=True)
    state = graph.empty
    for row in range(2):
        state = graph.next[graph.node_table(row), Effect.LOW_1, state]
        assert state >= 0
    assert graph.next[graph.node_table(2), Effect.LOW_1, state] == -1


def test_moves_lead_to_states_that_exist() -> None:
    graph = state_graph(4, open_walk=True)
    assert graph.next.min() == -1
    assert graph.next.max() == graph.num_states - 1
    assert len(np.unique(graph.next)) == graph.num_states + 1, "every state is reached"
