"""JupyterHub for a class on one machine. README.md in this folder says how to set it up.

Each student has a Linux user, a JupyterLab of their own as a systemd service with limits, and a
copy of the lessons. The numbers come from ``make binder`` and ``make load``.
"""

import os
import sys
from pathlib import Path

c = get_config()  # noqa: F821 (JupyterHub gives it)

COURSE = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent  # the environment that JupyterHub runs in
STATE = Path(os.environ.get("CLASSROOM_STATE", "/var/lib/aws-kms-classroom"))

# --- The hub. What it must remember is in one folder.
c.JupyterHub.bind_url = os.environ.get("CLASSROOM_URL", "http://127.0.0.1:8000")
c.JupyterHub.db_url = f"sqlite:///{STATE / 'jupyterhub.sqlite'}"
c.JupyterHub.cookie_secret_file = str(STATE / "cookie_secret")
# A hub that is restarted, or dies, takes nobody's work with it: the proxy and the students'
# servers are processes of their own, and the next hub finds them.
c.JupyterHub.cleanup_servers = False
c.JupyterHub.cleanup_proxy = False
c.ConfigurableHTTPProxy.should_start = False
c.ConfigurableHTTPProxy.api_url = os.environ.get("CLASSROOM_PROXY", "http://127.0.0.1:8001")

# --- Who may log in: the first to use a name sets its password. On a network that strangers
# reach, list the names: c.Authenticator.allowed_users = {...}
c.JupyterHub.authenticator_class = "firstuseauthenticator.FirstUseAuthenticator"
c.FirstUseAuthenticator.dbm_path = str(STATE / "passwords")
c.FirstUseAuthenticator.create_users = True
c.Authenticator.allow_all = True
c.Authenticator.admin_users = set(os.environ.get("CLASSROOM_TEACHERS", "").split())

# --- A student's server.
c.JupyterHub.spawner_class = "systemdspawner.SystemdSpawner"
c.SystemdSpawner.username_template = "student-{USERNAME}"
c.SystemdSpawner.isolate_tmp = True
c.SystemdSpawner.isolate_devices = True
c.SystemdSpawner.disable_user_sudo = True
# Copies the lessons on a student's first day, then starts the server.
c.Spawner.cmd = [sys.executable, str(COURSE / "classroom/hub/start_student.py")]
c.Spawner.args = [
    # Kernels are reached by sockets in the student's own folder: no ports that others could try,
    # and none to run out of.
    "--KernelManager.transport=ipc",
    # A kernel that nobody has used for half an hour goes. What is passed is on the disk.
    "--MappingKernelManager.cull_idle_timeout=1800",
    "--MappingKernelManager.cull_interval=120",
    # No language servers are installed: their half in JupyterLab only takes memory.
    "--ServerApp.jpserver_extensions={'jupyter_lsp': False, 'notebook_shim': False}",
    "--LabApp.news_url=None",
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    "--LabApp.extension_manager=readonly",
]
c.Spawner.default_url = "/lab/tree/aws-kms-course/00_start_here.ipynb"
c.Spawner.environment = {
    # A kernel without debugger (8 MB from the start) and history of inputs. See share/kernels.
    "JUPYTER_PATH": str(COURSE / "classroom/hub/share"),
    # What a thread has freed goes back to the system, not into a pool of its own.
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_TRIM_THRESHOLD_": "65536",
}
# Measured: a server 90 MB, a kernel up to 200 MB. Room for two lessons at once.
c.Spawner.mem_guarantee = "220M"
c.Spawner.mem_limit = "640M"
c.Spawner.cpu_limit = 2.0
# Everybody comes at nine o'clock.
c.JupyterHub.concurrent_spawn_limit = 100
c.Spawner.start_timeout = 300
c.Spawner.http_timeout = 120

# --- Servers that nobody has used for an hour stop. They start again where they were.
c.JupyterHub.load_roles = [
    {
        "name": "idle-culler",
        "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
        "services": ["idle-culler"],
    }
]
c.JupyterHub.services = [
    {
        "name": "idle-culler",
        "command": [str(BIN / "jupyterhub-idle-culler"), "--timeout=3600"],
    }
]
