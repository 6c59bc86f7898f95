"""The teacher's board: who is where, what was answered wrong, everybody's last run."""

from collections import Counter

import streamlit as st

from snnlab.figures import classroom as figure
from snnlab.figures.numbers import many
from snnlab.lab.classroom import invitation
from snnlab.lab.classroom.register import Classroom, Student, shown
from snnlab.ui.classroom import dressed, rows
from snnlab.ui.learn.texts import LESSONS
from snnlab.ui.shared import classroom, plots

EVERY = 5.0  # seconds between two looks


def draw(room: Classroom, teacher: bool) -> None:
    """The page; for anybody but the teacher only that it is not theirs."""
    dressed.page("Class board", "wide")
    st.title("Class board", anchor=False)
    if not teacher:
        st.warning(
            "This address does not open the board. The one that does is in the terminal in which"
            " the class was started.",
            icon=":material/lock:",
        )
        return
    if not room.code:
        st.info("The class has ended, and everything about it is forgotten.")
        st.button("Begin another class", on_click=room.begin, type="primary")
        return
    _invitation(room)
    st.fragment(_live, run_every=EVERY)(room)
    st.divider()
    with st.popover("End the class", icon=":material/stop_circle:"):
        st.markdown(
            "Everything on this board is forgotten at once; students can go on by themselves."
        )
        st.button("End it now", on_click=room.end, type="primary")
    st.caption(
        "You can show this page to the class: its address no longer opens it for anybody else."
        " [Open the lab](./) to show something in it."
    )


def _invitation(room: Classroom) -> None:
    """How students join, to be shown to the class."""
    found, port = classroom.reached(), st.get_option("server.port")
    with st.expander("How to join", expanded=not room.students(), icon=":material/qr_code:"):
        if not found:
            st.warning(
                "Students cannot reach this computer: it is on no network, or on another one than"
                " when the class was started. Stop the lab with Ctrl-C, and start it again."
            )
            return
        address = found[0]
        if len(found) > 1:
            address = st.selectbox("Address on the students' network", found, width=340)
        code = room.code
        left, right = st.columns((1, 2), vertical_alignment="center")
        left.image(
            invitation.picture(invitation.join(address, port, code)),
            width=260,
            alt=f"QR code of the address {invitation.join(address, port, code)}",
        )
        # for the back row; both are the lab's own
        right.html(
            "Scan the code, or open"
            f'<p class="class-large">http://{address}:{port}</p>and type'
            f'<p class="class-large">{shown(code)}</p>'
        )


def _live(room: Classroom) -> None:
    """What changes as the class goes on."""
    students, now = room.students(), room.clock()
    if not room.code:
        st.rerun()  # its time is over
    with st.container(horizontal=True):
        here = sum(now - one.heard < rows.QUIET for one in students)
        st.metric("Students", len(students))
        st.metric(f"Active in the last {rows.QUIET / 60:.0f} minutes", here)
        done = sum(stand.done for one in students for stand in one.lessons.values())
        st.metric("Lessons done", done)
        st.metric("Wrong answers not yet put right", sum(rows.stuck(one) for one in students))
    if not students:
        st.caption("Nobody has joined yet. This page looks again every few seconds.")
        return
    left, right = st.columns(2, gap="large")
    with left, st.container(key="class-places"):
        _places(students, now)
    with right:
        _wrong(students)
        _runs(students)


def _places(students: tuple[Student, ...], now: float) -> None:
    """Who is where, and how far."""
    st.header("Who is where", anchor=False)
    st.table(
        rows.places(students, LESSONS, now),
        hide_index=True,
        border="horizontal",
        alt="Where each student is, and how far in each lesson",
    )
    st.caption(
        "● is in this lesson · ✓ done · ✗ with the number of wrong answers so far. The numbers are"
        " those of the lessons on the page Learn. *Heard*: how long ago they did anything."
    )


def _wrong(students: tuple[Student, ...]) -> None:
    """What was answered wrong, and is still."""
    st.header("Answered wrong, and not yet put right", anchor=False)
    wrong = rows.wrong(students, LESSONS)
    if wrong:
        st.table(wrong, hide_index=True, border="horizontal", alt="Wrong answers by lesson")
    else:
        st.caption("Nothing just now.")


def _runs(students: tuple[Student, ...]) -> None:
    """Everybody's last run: rate against accuracy, and what each costs."""
    st.header("The class's runs", anchor=False)
    drawn = [one for one in students if one.run is not None and one.run.accuracy is not None]
    ran = sum(one.run is not None for one in students)
    if drawn:
        usual = Counter(one.run.image for one in drawn).most_common(1)[0][0]
        plots.draw(
            figure.runs(
                [one.label for one in drawn],
                [one.run.rate_hz for one in drawn],
                [one.run.accuracy for one in drawn],
                [one.run.timesteps for one in drawn],
                [one.run.spikes_per_neuron for one in drawn],
                [one.run.image != usual for one in drawn],
            ),
            "class-runs",
            "Firing rate, accuracy and spikes per neuron of each student's last run",
        )
        st.caption(
            "One dot for each student: the last run. Up is better, and **a smaller dot is"
            " cheaper**: its area is the number of spikes per neuron, which is what a run costs."
            " That is rate times time, so left is cheaper only where runs have equally many"
            " timesteps. Hover or tap for the numbers. Compare accuracy on the same image only."
        )
    else:
        st.caption("Nobody has run anything of their own yet on an image with labels.")
    if ran > len(drawn):
        st.caption(f"{many(ran - len(drawn), 'run')} on an image without labels: no accuracy.")
