"""Merkle trees as RFC 6962 and RFC 9162 (2.1) define them: hashes, proofs, and how proofs are checked.

A tree is kept as the hashes of its complete subtrees. Those never change, so adding a leaf writes two of them on
average and a proof reads a few for each level. A proof is computed in two steps, which leaves reading to whoever keeps
the hashes: first which ranges of leaves it consists of, then their hashes from the complete subtrees.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence

Hash = bytes
"""32 bytes of SHA-256."""
Node = tuple[int, int]
"""A complete subtree: its level (0 for a leaf) and its place among those of the level, from the left, from 0."""
Range = tuple[int, int]
"""Leaves from the first number up to, but without, the second."""
EMPTY_ROOT: Hash = hashlib.sha256(b"").digest()


def leaf_hash(data: bytes) -> Hash:
    """The hash of one leaf."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: Hash, right: Hash) -> Hash:
    """The hash of what stands above two subtrees."""
    return hashlib.sha256(b"\x01" + left + right).digest()


# --- keeping a tree ----------------------------------------------------------------------------------


def growth(size: int, leaves: Sequence[Hash], known: Mapping[Node, Hash]) -> dict[Node, Hash]:
    """The complete subtrees that come about when these leaf hashes are added to a tree of `size` leaves.

    `known` has at least those of `complete_nodes(0, size)`.
    """
    made: dict[Node, Hash] = {}
    for number, leaf in enumerate(leaves, start=size):
        level, place, digest = 0, number, leaf
        made[level, place] = digest
        while place & 1:
            left = (level, place - 1)
            digest = node_hash(made[left] if left in made else known[left], digest)
            level, place = level + 1, place >> 1
            made[level, place] = digest
    return made


def complete_nodes(start: int, end: int) -> list[Node]:
    """The complete subtrees a range consists of, from the left. The range is one that a tree splits into."""
    found = []
    while start < end:
        level = (end - start).bit_length() - 1
        found.append((level, start >> level))
        start += 1 << level
    return found


def needed_nodes(ranges: Iterable[Range]) -> set[Node]:
    """What has to be read for these ranges."""
    return {node for one in ranges for node in complete_nodes(*one)}


def range_hash(one: Range, known: Mapping[Node, Hash]) -> Hash:
    """The hash over a range, from its complete subtrees."""
    nodes = complete_nodes(*one)
    if not nodes:
        return EMPTY_ROOT
    digest = known[nodes[-1]]
    for node in reversed(nodes[:-1]):
        digest = node_hash(known[node], digest)
    return digest


def root_hash(size: int, known: Mapping[Node, Hash]) -> Hash:
    """The root of the tree of the first `size` leaves."""
    return range_hash((0, size), known)


# --- what a proof consists of ------------------------------------------------------------------------


def inclusion_ranges(number: int, size: int) -> list[Range]:
    """PATH(number, D[size]) of RFC 9162, 2.1.3.1, as ranges. Raises ValueError for a leaf the tree does not have."""
    if not 0 <= number < size:
        raise ValueError(f"a tree of {size} leaves has no leaf {number}")
    found: list[Range] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if number < middle:
            found.append((middle, end))
            end = middle
        else:
            found.append((start, middle))
            start = middle
    return found[::-1]


def consistency_ranges(old: int, new: int) -> list[Range]:
    """PROOF(old, D[new]) of RFC 9162, 2.1.4.1, as ranges; none where one of both says nothing about the other.

    Raises ValueError where `old` is larger than `new`.
    """
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {new} leaves was never one of {old}")
    if old in (0, new):
        return []
    found: list[Range] = []
    start, end, from_beginning = 0, new, True
    while end != old:
        middle = start + _split(end - start)
        if old <= middle:
            found.append((middle, end))
            end = middle
        else:
            found.append((start, middle))
            start, from_beginning = middle, False
    if not from_beginning:
        found.append((start, end))
    return found[::-1]


def _split(size: int) -> int:
    """The largest power of two smaller than `size`, which is 2 or more."""
    return 1 << ((size - 1).bit_length() - 1)


# --- checking a proof --------------------------------------------------------------------------------


def is_included(leaf: Hash, *, number: int, size: int, path: Sequence[Hash], root: Hash) -> bool:
    """Whether the path proves the leaf hash at this place of the tree: RFC 9162, 2.1.3.2."""
    if not 0 <= number < size:
        return False
    here, last, digest = number, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if here & 1 or here == last:
            digest = node_hash(sibling, digest)
            while not here & 1 and here:
                here, last = here >> 1, last >> 1
        else:
            digest = node_hash(digest, sibling)
        here, last = here >> 1, last >> 1
    return last == 0 and digest == root


def is_consistent(old: int, new: int, *, old_root: Hash, new_root: Hash, path: Sequence[Hash]) -> bool:
    """Whether the path proves that the larger tree begins with the smaller one: RFC 9162, 2.1.4.2."""
    if not 0 <= old <= new:
        return False
    if old == new:
        return not path and old_root == new_root
    if old == 0:
        return not path and old_root == EMPTY_ROOT
    steps = [old_root, *path] if old & (old - 1) == 0 else list(path)
    if not path:
        return False
    here, last = old - 1, new - 1
    while here & 1:
        here, last = here >> 1, last >> 1
    of_old = of_new = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if here & 1 or here == last:
            of_old, of_new = node_hash(step, of_old), node_hash(step, of_new)
            while not here & 1 and here:
                here, last = here >> 1, last >> 1
        else:
            of_new = node_hash(of_new, step)
        here, last = here >> 1, last >> 1
    return last == 0 and of_old == old_root and of_new == new_root
