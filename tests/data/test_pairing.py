"""Files are paired by number, whatever their order; else by order, and that is known."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snnlab.data.pairing import NAMES, NUMBERS, ORDER, natural, pair
from snnlab.errors import LabError


def words(images, labels, **more):
    made = pair(images, labels, **more)
    return list(made.words(images, labels)), made.how


def test_numbers_go_together_whatever_their_zeros():
    images = [f"images/s{n}.png" for n in (1, 10, 11, 12, 2, 3)]
    labels = [f"labels/s{n:02}.png" for n in (1, 2, 3, 10, 11, 12)]
    assert words(images, labels) == (
        ["s1.png with s01.png", "s2.png with s02.png", "s3.png with s03.png"]
        + ["s10.png with s10.png", "s11.png with s11.png", "s12.png with s12.png"],
        NUMBERS,
    )


@given(st.permutations(range(8)), st.permutations(range(8)))
def test_the_order_in_which_files_come_does_not_matter(one, other):
    images = [f"em2012-t1-s{n}.tif" for n in one]
    labels = [f"cell_{n:03}_labels_v2.tif" for n in other]
    pairs = pair(images, labels)
    assert pairs.how == NUMBERS
    assert [(one[i], other[j]) for i, j in pairs.pairs] == [(n, n) for n in range(8)]


def test_several_numbers_that_tell():
    images = ["t1_s1.png", "t1_s2.png", "t2_s1.png"]
    labels = ["t2_s01.png", "t1_s02.png", "t1_s01.png"]
    assert words(images, labels)[0][-1] == "t2_s1.png with t2_s01.png"


def test_where_numbers_do_not_decide_the_order_does():
    images, labels = ["b.png", "a.png"], ["y.png", "x.png"]
    assert words(images, labels) == (["a.png with x.png", "b.png with y.png"], ORDER)
    given_order = words(images, labels, in_order=True)
    assert given_order == (["b.png with y.png", "a.png with x.png"], ORDER)
    # counted from 0 and from 1
    images, labels = [f"s{n}" for n in (0, 1, 10, 9)], [f"l{n}" for n in (1, 2, 10, 11)]
    assert words(images, labels) == (
        ["s0 with l1", "s1 with l2", "s9 with l10", "s10 with l11"],
        f"{ORDER}: labels have numbers that are 1 higher",
    )  # fmt: skip
    assert words(["em.tif"], ["truth.tif"]) == (["em.tif with truth.tif"], ORDER)
    assert words(["em.tif"], ["em-labels.tif"])[0] == ["em.tif with em-labels.tif"]


def test_what_is_missing_is_named():
    with pytest.raises(LabError, match=r"3 files of images and 2 of labels \(s2.png: no labels\)"):
        pair(["s1.png", "s2.png", "s3.png"], ["l03.png", "l01.png"])
    with pytest.raises(LabError, match="1 files of images and 2 of labels; each image"):
        pair(["a.png"], ["b.png", "c.png"])


def test_names_in_natural_order():
    names = ["s10", "s9", "S1", "a", "s1b"]
    assert sorted(names, key=natural) == ["a", "S1", "s1b", "s9", "s10"]


def test_numbers_that_only_one_list_has_do_not_matter():
    images = ["s1.tif", "s2.tif", "s10.tif"]
    labels = ["20240103_s1.tif", "20240102_s2.tif", "20240101_s10.tif"]
    told, how = words(images, labels)
    assert told[0] == "s1.tif with 20240103_s1.tif" and how == NUMBERS
    # one label was saved twice
    labels = ["em_2.tif", "em_10_v2.tif", "em_1.tif"]
    assert words(["em_1.tif", "em_2.tif", "em_10.tif"], labels)[0] == [
        "em_1.tif with em_1.tif", "em_2.tif with em_2.tif", "em_10.tif with em_10_v2.tif",
    ]  # fmt: skip


@pytest.mark.parametrize("in_order", [False, True])
def test_where_some_numbers_lack_nothing_is_guessed(in_order):
    images, labels = (
        [f"{a}{n}.png" for n in ns] for a, ns in (("s", (1, 2, 3, 5)), ("l", (1, 2, 4, 5)))
    )
    with pytest.raises(LabError, match=r"s3.png: no labels.*l4.png: no image"):
        pair(images, labels, in_order)
    crossed = ["t1_s1", "t2_s2"], ["t1_s2", "t2_s1"]
    assert pair(*crossed).how == ORDER


def test_counted_from_0_and_from_1_whatever_the_order_given():
    images = [f"s{n}" for n in (0, 1, 10, 11, 2, 3, 4, 5, 6, 7, 8, 9)]
    labels = [f"l{n}" for n in (1, 10, 11, 12, 2, 3, 4, 5, 6, 7, 8, 9)]
    for i, j in pair(images, labels, in_order=True).pairs:
        assert int(images[i][1:]) + 1 == int(labels[j][1:])


def test_names_decide_where_numbers_do_not():
    images = ["beta.tif", "alpha.tif", "alphabet.tif"]
    labels = ["alphabet-labels.png", "alpha-labels.png", "beta-labels.png"]
    for in_order in (False, True):
        assert words(images, labels, in_order=in_order) == (
            [
                "alpha.tif with alpha-labels.png",
                "alphabet.tif with alphabet-labels.png",
                "beta.tif with beta-labels.png",
            ],
            NAMES,
        )
    images, labels = (
        ["m1_a.tif", "m1_b.tif", "m2_a.tif"],
        ["m2_a_l.tif", "m1_b_l.tif", "m1_a_l.tif"],
    )
    assert words(images, labels)[0][0] == "m1_a.tif with m1_a_l.tif"
