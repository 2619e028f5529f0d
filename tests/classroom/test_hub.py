"""The classroom's hub: its configuration says what README says, lessons are copied, never over."""

import json
import re
import tempfile
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml

from classroom.hub import link, start_student

ROOT = Path(__file__).resolve().parents[2]
HUB = ROOT / "classroom" / "hub"


class Config(dict):
    """As JupyterHub's ``c``: a name that isn't there yet is made."""

    def __getattr__(self, name: str) -> "Config":
        return self.setdefault(name, Config())

    def __setattr__(self, name: str, value: object) -> None:
        self[name] = value


def configured(monkeypatch: pytest.MonkeyPatch, **variables: str) -> Config:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    c = Config()
    path = HUB / "jupyterhub_config.py"
    exec(compile(path.read_text(), str(path), "exec"), {"get_config": lambda: c, "__file__": path})
    return c


def test_students_survive_the_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    c = configured(monkeypatch, CLASSROOM_TEACHERS="ada grace")
    assert c.JupyterHub.cleanup_servers is False
    assert c.JupyterHub.cleanup_proxy is False
    assert c.ConfigurableHTTPProxy.should_start is False
    assert c.Authenticator.admin_users == {"ada", "grace"}
    assert "--KernelManager.transport=ipc" in c.Spawner.args
    assert "KillMode=process" in (HUB / "classroom-hub.service").read_text()


def test_limits_are_those_of_the_readme(monkeypatch: pytest.MonkeyPatch) -> None:
    c = configured(monkeypatch)
    text = (HUB / "README.md").read_text()
    assert c.Spawner.mem_limit.removesuffix("M") + " MB" in text
    assert c.Spawner.mem_guarantee.removesuffix("M") + " MB a student" in text


def test_a_kernel_has_no_debugger_and_a_path_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    c = configured(monkeypatch)
    spec = Path(c.Spawner.environment["JUPYTER_PATH"], "kernels/python3/kernel.json")
    kernel = json.loads(spec.read_text())
    assert kernel["metadata"] == {"debugger": False}
    compile(kernel["argv"][2], "kernel.json", "exec")


def test_lessons_are_copied_and_a_students_work_is_kept(tmp_path: Path) -> None:
    lessons = [path.name for path in sorted((ROOT / "notebooks").glob("*.ipynb"))]
    assert start_student.copy_lessons(tmp_path) == lessons
    mine = tmp_path / lessons[0]
    mine.write_text("my work")
    (tmp_path / lessons[1]).unlink()
    assert start_student.copy_lessons(tmp_path) == [lessons[1]]
    assert mine.read_text() == "my work"
    assert sorted(path.name for path in tmp_path.iterdir()) == lessons


def test_a_home_too_long_for_sockets_is_refused_in_words() -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        assert start_student.short_runtime_folder(home).stat().st_mode & 0o077 == 0
        long = home / ("a" * 100)
        long.mkdir()
        with pytest.raises(SystemExit, match="too long"):
            start_student.short_runtime_folder(long)


def test_a_link_opens_the_lesson() -> None:
    parts = urlsplit(link.link("https://hub.example.org/", "06", "somebody/kms"))
    asked = parse_qs(parts.query)
    assert parts.path == "/hub/user-redirect/git-pull"
    assert asked["repo"] == ["https://github.com/somebody/kms"]
    assert asked["urlpath"] == ["lab/tree/kms/notebooks/06_sse_kms_for_s3.ipynb"]
    with pytest.raises(ValueError, match="no lesson"):
        link.link("https://hub.example.org", "99")


def test_the_link_in_the_readme_is_what_the_program_makes() -> None:
    (shown,) = re.findall(r"https://YOUR-HUB\S+", (HUB / "README.md").read_text())[:1]
    assert shown == link.link("https://YOUR-HUB", "00")


def test_values_for_kubernetes_fit_what_was_measured() -> None:
    values = yaml.safe_load((ROOT / "classroom/kubernetes/values.yaml").read_text())
    single = values["singleuser"]
    assert set(values) == {"hub", "singleuser", "prePuller", "scheduling", "cull", "proxy"}
    assert int(single["memory"]["guarantee"].removesuffix("M")) >= 210
    assert int(single["memory"]["limit"].removesuffix("M")) >= 400
    assert single["extraEnv"]["KMS_COURSE_PROGRESS"].startswith(single["storage"]["homeMountPath"])
    folder = "/".join(single["lifecycleHooks"]["postStart"]["exec"]["command"][3].split("/"))
    assert f"/lab/tree/{folder}/notebooks/00_start_here.ipynb" == single["defaultUrl"]
    lesson = single["defaultUrl"].rpartition("/")[2]
    assert (ROOT / "notebooks" / lesson).is_file()
