"""Executes a notebook in its own folder, by the kernel it names; usage: execute.py [--save] [--set CODE] NOTEBOOK

--save keeps the outputs. --set runs CODE at the end of the cell tagged `parameters`; the file never has it. The first cell that fails ends it
with what the cell said; a signal ends it, and its kernel, at once."""

import argparse
import os
import signal
import sys
from pathlib import Path

# Until there is a kernel to be ended, without a word; what follows takes a second to load.
signal.signal(signal.SIGINT, signal.SIG_DFL)

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

reader = argparse.ArgumentParser()
reader.add_argument("--save", action="store_true")
reader.add_argument("--set", default="", metavar="CODE")
reader.add_argument("notebook", type=Path)
given = reader.parse_args()
name = given.notebook.stem


def show(text):
    """The line under the cursor of a terminal; nothing elsewhere."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)


notebook = nbformat.read(given.notebook, as_version=4)
parameters = [cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", [])]
sources = [cell.source for cell in parameters]
if given.set:
    if len(parameters) != 1:
        sys.exit(f"{name} has {len(parameters)} cells tagged parameters; give its first code cell this tag, and no other")
    parameters[0].source += f"\n{given.set}"
code = [index for index, cell in enumerate(notebook.cells) if cell.cell_type == "code"]


def on_cell_start(cell, cell_index):
    if cell_index in code:
        show(f"{name}  cell {code.index(cell_index) + 1} of {len(code)}")


def end(number, frame):
    show("")
    if client.km and client.km.has_kernel:
        os.killpg(client.km.provisioner.pgid, signal.SIGKILL)
    os._exit(128 + number)


class Client(NotebookClient):
    async def async_start_new_kernel(self, **options):
        # In place of nbclient's own handlers, which wait for the kernel to end.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, end)
        await super().async_start_new_kernel(**options)


# A study takes as long as it takes; times of the cells would change the file whenever it is executed.
client = Client(
    notebook,
    timeout=None,
    record_timing=False,
    shutdown_kernel="immediate",
    on_cell_start=on_cell_start,
    resources={"metadata": {"path": str(given.notebook.parent)}},
)
try:
    client.execute()
except CellExecutionError as error:
    show("")
    sys.exit(f"{name}: {error.ename}: {error.evalue}")
show("")
for cell, source in zip(parameters, sources):
    cell.source, cell.outputs = source, []
if given.save:
    nbformat.write(notebook, given.notebook)
