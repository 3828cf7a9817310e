"""Executes a notebook by stock tslab and saves it with its outputs; usage: tslab.py NOTEBOOK. tslab's errors are text on stderr."""

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

path = Path(sys.argv[1])
notebook = nbformat.read(path, as_version=4)
NotebookClient(notebook, kernel_name="tslab", timeout=120, resources={"metadata": {"path": str(path.parent)}}).execute()
nbformat.write(notebook, path)
