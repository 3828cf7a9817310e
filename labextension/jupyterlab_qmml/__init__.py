"""The JupyterLab extension of qmml, prebuilt: `labextension/` holds what JupyterLab loads."""


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    return [{"src": "labextension", "dest": "jupyterlab-qmml"}]
