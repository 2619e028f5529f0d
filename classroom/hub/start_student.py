"""Starts a student's server, as the student: first their copy of the lessons, then JupyterLab.

What is there already is a student's work and is never overwritten: a lesson that the course
brings new or that was deleted is added.
"""

import os
import shutil
import sys
from pathlib import Path

COURSE = Path(__file__).resolve().parents[2]


def copy_lessons(target: Path) -> list[str]:
    """Copy the lessons that are not in ``target`` yet; their names."""
    target.mkdir(parents=True, exist_ok=True)
    missing = [
        lesson
        for lesson in sorted((COURSE / "notebooks").glob("*.ipynb"))
        if not (target / lesson.name).exists()
    ]
    for lesson in missing:
        # Whole or not at all: a server that is stopped here leaves no half lesson.
        part = target / f".{lesson.name}.part"
        shutil.copyfile(lesson, part)
        part.replace(target / lesson.name)
    return [lesson.name for lesson in missing]


def short_runtime_folder(home: Path) -> Path:
    """Where kernels' sockets are: a socket's name has at most 107 letters, all folders counted."""
    folder = home / ".run"
    folder.mkdir(mode=0o700, exist_ok=True)
    if len(str(folder)) + len("/kernel-00000000-0000-0000-0000-000000000000-ipc-5") > 107:
        raise SystemExit(
            f"{home} is too long for a kernel's sockets: give the student a short name"
        )
    return folder


if __name__ == "__main__":
    copy_lessons(Path.home() / "aws-kms-course")
    os.environ["JUPYTER_RUNTIME_DIR"] = str(short_runtime_folder(Path.home()))
    os.chdir(Path.home())
    # Found beside this file, whose folder Python has put on its path.
    import lean

    lean.leave_out()
    from jupyterhub.singleuser import main

    sys.argv[0] = "jupyterhub-singleuser"
    sys.exit(main())
