"""Questions as HTML: what a reader without a kernel sees, and what is said after an answer.

Marks are a sign and a word, never a colour alone. Colours are JupyterLab's own, so that they
change with the theme; without JupyterLab the reader's browser decides.
"""

import re
from html import escape

from .bank import Answer, Question

RIGHT, WRONG = "✓", "✗"
LETTERS = "ABCDEFGHIJ"


def marked(text: str) -> str:
    """Text as HTML, with `code` between backticks."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(" ".join(text.split())))


def folded(questions: list[Question]) -> str:
    """A quiz without a kernel: each option opens and says whether it is right, and why."""
    parts = [_folded(number, question) for number, question in enumerate(questions, 1)]
    return (
        "<p>Open an option to see whether it is right, and why. With a running kernel (run this "
        "cell) you answer, get a score, and your progress is kept.</p>" + "<hr>".join(parts)
    )


def _folded(number: int, question: Question) -> str:
    options = "".join(
        f"<details><summary>{letter}. {marked(option.text)}</summary>"
        f"<p>{_verdict(question, option.id)} {marked(option.why)}</p></details>"
        for letter, option in zip(LETTERS, question.options, strict=False)
    )
    choice = ""
    if question.kind == "matching":
        choice = f"<p>Matches: {'; '.join(map(marked, question.matches.values()))}.</p>"
    return (
        f"<p><strong>Question {number}.</strong> {marked(question.stem)} <em>{question.task}</em>"
        f"</p>{choice}{options}{how_we_know(question)}"
    )


def _verdict(question: Question, option_id: str) -> str:
    if isinstance(question.right, dict):
        return f"{marked(question.matches[question.right[option_id]])}."
    if isinstance(question.right, list):
        return f"Place {question.right.index(option_id) + 1} of {len(question.right)}."
    return f"{RIGHT} Right." if option_id in question.right else f"{WRONG} Wrong."


def how_we_know(question: Question) -> str:
    """Where to read, and the lines that prove the answer."""
    proof = ""
    if question.proof:
        proof = (
            "<p>In an empty lab, with <code>kms</code> a client, these lines end in the right "
            "answer. <code>outcome(call, ...)</code> is AWS's error code, or OK.</p>"
            f"<pre><code>{escape(question.proof.strip())}</code></pre>"
        )
    return (
        f"<details><summary>How we know</summary>{proof}<p>Lesson {question.lesson}, section "
        f"{link(question)}. Source: {_source(question.source)}.</p></details>"
    )


def link(question: Question) -> str:
    """The section of the lesson. A new tab, where the tab is JupyterLab itself."""
    return (
        f'<a href="{escape(question.link)}" target="_blank" rel="noopener">'
        f"{escape(question.section)}</a>"
    )


def _source(source: str) -> str:
    pattern = r"(https://[^\s,;]+)"
    return re.sub(pattern, r'<a href="\1" target="_blank" rel="noopener">\1</a>', escape(source))


def asked(number: int, total: int, question: Question) -> str:
    """The question over its controls, with what the numbers in its fields stand for."""
    rest = ""
    if question.kind == "matching":
        items = "".join(f"<li>{marked(text)}</li>" for text in question.matches.values())
        rest = f"<p>Write the number of its match before each.</p><ol>{items}</ol>"
    elif question.kind == "ordering":
        rest = f"<p>Write its place before each, 1 to {len(question.options)}.</p>"
    return (
        f'<p class="kms-stem"><strong>Question {number} of {total}.</strong> '
        f"{marked(question.stem)} <em>{question.task}</em></p>{rest}"
    )


def verdict(question: Question, answer: Answer) -> str:
    """What is announced once an answer was given."""
    if question.is_right(answer):
        return alert("good", "Right.")
    ones = question.right_ones(answer)
    if question.kind in ("ordering", "matching"):
        what = "in their place" if question.kind == "ordering" else "matched rightly"
        rest = f"{sum(ones.values())} of {len(ones)} are {what}."
    elif question.kind == "several":
        hits = len(set(question.right) & set(answer))
        rest = f"{hits} of the {len(question.right)} right ones are chosen."
    else:
        rest = ""
    return alert("bad", " ".join(filter(None, ["Not right.", rest, "Look below, and try again."])))


def alert(kind: str, words: str) -> str:
    """Words that a screen reader speaks as soon as they appear. ``kind``: good, bad or note."""
    sign = {"good": f"{RIGHT} ", "bad": f"{WRONG} ", "note": ""}[kind]
    return (
        f'<div role="alert" class="kms-verdict kms-{kind}">'
        f'<span aria-hidden="true">{sign}</span>{escape(words)}</div>'
    )


def explained(question: Question, answer: Answer, everything: bool) -> str:
    """Why: of every option, or only of those that were chosen.

    Of an order or of matches, only which are wrong is said before everything is: the reasons name
    the right places.
    """
    ones = question.right_ones(answer)
    rows = []
    for option in question.options:
        name = f"<strong>{marked(option.text)}</strong>"
        if question.kind in ("one", "several"):
            if not everything and option.id not in answer:
                continue
            good = option.id in question.right
            chosen = ", chosen" if option.id in answer and everything else ""
            words = f"{'right' if good else 'wrong'}{chosen}"
            rows.append(_row(good, f"{name} ({words}). {marked(option.why)}"))
        elif everything:
            said = f"{name}: {_verdict(question, option.id)} {marked(option.why)}"
            rows.append(_row(ones[option.id], said))
        elif not ones[option.id]:
            rows.append(_row(False, f"{name}: not yet."))
    return f'<ul class="kms-why">{"".join(rows)}</ul>' if rows else ""


def _row(good: bool, words: str) -> str:
    sign = RIGHT if good else WRONG
    return f'<li><span class="kms-sign" aria-hidden="true">{sign}</span> {words}</li>'
