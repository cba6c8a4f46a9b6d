"""Trees and proofs against the recursive definitions of RFC 9162 (2.1), and against the reference's known values."""

import hashlib
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.protocol.merkle import (
    EMPTY_ROOT,
    Hash,
    Node,
    complete_nodes,
    consistency_ranges,
    growth,
    inclusion_ranges,
    is_consistent,
    is_included,
    leaf_hash,
    needed_nodes,
    node_hash,
    range_hash,
    root_hash,
)

LEAVES = [
    bytes.fromhex(one)
    for one in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
"""The leaves of the reference tree of RFC 6962."""
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
"""Its roots, leaf by leaf."""
SIZES = st.integers(min_value=1, max_value=70)


class Tree:
    """A tree kept as the centre keeps it."""

    def __init__(self, leaves: Sequence[bytes] = ()) -> None:
        self.size, self.nodes = 0, dict[Node, Hash]()
        self.add(leaves)

    def add(self, leaves: Sequence[bytes]) -> None:
        self.nodes |= growth(self.size, [leaf_hash(leaf) for leaf in leaves], self.nodes)
        self.size += len(leaves)

    def root(self, size: int) -> Hash:
        return root_hash(size, {node: self.nodes[node] for node in complete_nodes(0, size)})

    def hashes(self, ranges: Sequence[tuple[int, int]]) -> list[Hash]:
        known = {node: self.nodes[node] for node in needed_nodes(ranges)}
        return [range_hash(one, known) for one in ranges]


def naive_root(leaves: Sequence[bytes]) -> Hash:
    """MTH(D[n])."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return leaf_hash(leaves[0])
    k = split(len(leaves))
    return node_hash(naive_root(leaves[:k]), naive_root(leaves[k:]))


def split(n: int) -> int:
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def naive_path(m: int, leaves: Sequence[bytes]) -> list[Hash]:
    """PATH(m, D[n])."""
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if m < k:
        return [*naive_path(m, leaves[:k]), naive_root(leaves[k:])]
    return [*naive_path(m - k, leaves[k:]), naive_root(leaves[:k])]


def naive_proof(m: int, leaves: Sequence[bytes], whole: bool = True) -> list[Hash]:
    """SUBPROOF(m, D[n], b)."""
    if m == len(leaves):
        return [] if whole else [naive_root(leaves)]
    k = split(len(leaves))
    if m <= k:
        return [*naive_proof(m, leaves[:k], whole), naive_root(leaves[k:])]
    return [*naive_proof(m - k, leaves[k:], False), naive_root(leaves[:k])]


def data(n: int) -> list[bytes]:
    return [str(one).encode() for one in range(n)]


def test_the_reference_tree() -> None:
    tree = Tree(LEAVES)
    assert [tree.root(size).hex() for size in range(1, 9)] == ROOTS
    assert tree.root(0) == EMPTY_ROOT == hashlib.sha256(b"").digest()
    path = tree.hashes(inclusion_ranges(5, 8))
    assert [one.hex() for one in path] == [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        ROOTS[3],
    ]
    proof = tree.hashes(consistency_ranges(6, 8))
    assert [one.hex() for one in proof] == [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        ROOTS[3],
    ]


@given(SIZES, st.data())
def test_the_stored_form_gives_the_roots_and_proofs_of_the_definition(size: int, more: st.DataObject) -> None:
    leaves, tree = data(size), Tree()
    while tree.size < size:
        tree.add(leaves[tree.size : tree.size + more.draw(st.integers(1, size))])
    assert tree.root(size) == naive_root(leaves)
    number, old = more.draw(st.integers(0, size - 1)), more.draw(st.integers(1, size))
    assert tree.hashes(inclusion_ranges(number, size)) == naive_path(number, leaves)
    assert tree.hashes(consistency_ranges(old, size)) == naive_proof(old, leaves)
    assert len(tree.nodes) == 2 * size - size.bit_count()


@given(SIZES, st.data())
def test_a_proof_is_good_for_its_leaf_its_place_and_its_root_alone(size: int, more: st.DataObject) -> None:
    tree, number = Tree(data(size)), more.draw(st.integers(0, size - 1))
    path, root, leaf = tree.hashes(inclusion_ranges(number, size)), tree.root(size), leaf_hash(data(size)[number])
    assert is_included(leaf, number=number, size=size, path=path, root=root)
    assert not is_included(leaf_hash(b"other"), number=number, size=size, path=path, root=root)
    assert not is_included(leaf, number=number, size=size, path=path, root=leaf_hash(b"other"))
    assert not is_included(leaf, number=number, size=size, path=[*path, root], root=root)
    assert not is_included(leaf, number=size, size=size, path=path, root=root)
    other = more.draw(st.integers(0, size - 1))
    if other != number:
        assert not is_included(leaf, number=other, size=size, path=path, root=root)
    if path:
        assert not is_included(leaf, number=number, size=size, path=path[:-1], root=root)
        at = more.draw(st.integers(0, len(path) - 1))
        spoilt = [*path[:at], leaf_hash(b"other"), *path[at + 1 :]]
        assert not is_included(leaf, number=number, size=size, path=spoilt, root=root)


@given(SIZES, SIZES, st.data())
def test_only_a_tree_that_grew_is_consistent(one: int, other: int, more: st.DataObject) -> None:
    old, new = min(one, other), max(one, other)
    leaves = data(new)
    tree = Tree(leaves)
    path = tree.hashes(consistency_ranges(old, new))
    roots = {"old_root": tree.root(old), "new_root": tree.root(new)}
    assert is_consistent(old, new, path=path, **roots)
    changed = more.draw(st.integers(0, old - 1))
    rewritten = Tree([*leaves[:changed], b"other", *leaves[changed + 1 :]])
    path_of_other = rewritten.hashes(consistency_ranges(old, new))
    for told in (path, path_of_other):
        assert not is_consistent(old, new, path=told, old_root=tree.root(old), new_root=rewritten.root(new))
    if old < new:
        assert not is_consistent(old, new, path=[], **roots)
        assert not is_consistent(old, new, path=path[:-1], **roots)
        assert not is_consistent(new, old, path=path, old_root=roots["new_root"], new_root=roots["old_root"])
    assert not is_consistent(old, new, path=[*path, EMPTY_ROOT], **roots)


def test_an_empty_tree_is_the_beginning_of_every_tree() -> None:
    tree = Tree(data(3))
    assert consistency_ranges(0, 3) == []
    assert is_consistent(0, 3, old_root=EMPTY_ROOT, new_root=tree.root(3), path=[])
    assert is_consistent(0, 0, old_root=EMPTY_ROOT, new_root=EMPTY_ROOT, path=[])
    assert not is_consistent(0, 3, old_root=tree.root(1), new_root=tree.root(3), path=[])
    assert not is_included(leaf_hash(b""), number=0, size=0, path=[], root=EMPTY_ROOT)


@pytest.mark.parametrize(("number", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_there_is_no_proof_of_what_is_not_there(number: int, size: int) -> None:
    with pytest.raises(ValueError, match="no leaf"):
        inclusion_ranges(number, size)


def test_a_tree_was_never_larger_than_it_is() -> None:
    with pytest.raises(ValueError, match="never one of"):
        consistency_ranges(4, 3)


def test_adding_and_proving_read_little_of_a_large_tree() -> None:
    """A million leaves: a proof reads some forty hashes, adding at most twenty."""
    size = 1_000_000 - 1
    assert len(complete_nodes(0, size)) <= 20
    for number in (0, 1, 524_287, 524_288, 777_777, size - 1):
        assert len(needed_nodes(inclusion_ranges(number, size))) <= 40
    assert len(needed_nodes(consistency_ranges(524_289, size))) <= 40
