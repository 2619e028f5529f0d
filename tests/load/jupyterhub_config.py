"""The classroom's JupyterHub as it is, but for what needs root: users and systemd."""

import os
from pathlib import Path

c = get_config()  # noqa: F821
load_subconfig(str(Path(__file__).resolve().parents[2] / "classroom/hub/jupyterhub_config.py"))  # noqa: F821

c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = os.environ["CLASSROOM_HOMES"] + "/{username}"
c.JupyterHub.hub_port = int(os.environ["CLASSROOM_HUB_PORT"])
# As root, which CI is, JupyterLab asks for this.
c.Spawner.args = [*c.Spawner.args, "--allow-root"]
