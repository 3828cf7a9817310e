"""Executes notebooks, each in its own folder by the kernel it names; usage: execute.py [--save] NOTEBOOK ...

--save keeps the outputs. The first cell that fails ends it with what the cell said."""

import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

save = "--save" in sys.argv
for path in (Path(name) for name in sys.argv[1:] if name != "--save"):
    began = time.monotonic()
    notebook = nbformat.read(path, as_version=4)
    # A study takes as long as it takes; times of the cells would change the file whenever it is executed.
    client = NotebookClient(notebook, timeout=None, record_timing=False, resources={"metadata": {"path": str(path.parent)}})
    try:
        client.execute()
    except CellExecutionError as error:
        sys.exit(f"{path.name}: {error.ename}: {error.evalue}")
    if save:
        nbformat.write(notebook, path)
    print(f"{path.name}  {time.monotonic() - began:.1f} s", flush=True)
