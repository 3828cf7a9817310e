"""A study survives its kernel: killed in the midst of it and started again, the same cell attaches to the study, and a view goes on where it was."""

import base64
import struct
import unittest

from case import TIMEOUT, KernelCase

STUDY = "application/vnd.qmml.study.v1+json"

CELL = """import { addAdsorbate, emt, fcc100, study, within } from "qmml";
const clean = fcc100("Cu", { size: [3, 3, 3], a: 3.5898, vacuum: 6, fixedLayers: 1 });
const run = study("small", {
  structure: addAdsorbate(clean, "N", { site: "hollow", height: 1.2 }),
  core: within(2.3, "N"), qm: emt(), buffer: 2.9, schemes: ["full-qm", "frozen", "retrained", "committee"],
  members: 2, seed: 7, tolerance: { energy: 0.02, force: 0.25 }, optimizer: { fmax: 0.2 },
  model: { hidden: [5, 5], cutoff: 3.4 }, pretraining: { rattled: 2, pieces: 2, strained: 1 }, threads: 1,
});
run"""


def rows(stream):
    """Number of rows in an Arrow IPC stream: the lengths of its record batches (format: Arrow, "Serialization and Interprocess Communication")."""

    def field(data, table, index):
        places = table - struct.unpack_from("<i", data, table)[0]
        slot = 4 + 2 * index
        offset = struct.unpack_from("<H", data, places + slot)[0] if slot < struct.unpack_from("<H", data, places)[0] else 0
        return table + offset if offset else None

    def number(data, code, place):
        return struct.unpack_from(code, data, place)[0] if place is not None else 0

    total, at, record_batch = 0, 0, 3
    while at < len(stream):
        mark, size = struct.unpack_from("<Ii", stream, at)
        if size == 0:
            break
        assert mark == 0xFFFFFFFF
        message = stream[at + 8 : at + 8 + size]
        table = number(message, "<I", 0)
        if number(message, "<B", field(message, table, 1)) == record_batch:
            header = field(message, table, 2)
            header += number(message, "<I", header)
            total += number(message, "<q", field(message, header, 0))
        at += 8 + size + number(message, "<q", field(message, table, 3))
    return total


class Survival(KernelCase):
    def bundle(self):
        """What the cell shows of the study: its view, with the number of rows of each table."""
        reply, out = self.run_cell(CELL)
        self.assertEqual(reply["status"], "ok", reply.get("traceback"))
        view = next(m["content"]["data"][STUDY] for m in out if m["msg_type"] == "execute_result")
        return view["study"], {name: rows(base64.b64decode(table)) for name, table in view["tables"].items()}

    def follow(self, comm, sequence, held, until):
        """Opens a view's comm and takes what it is sent into `held`, until this holds of a message; the last sequence number."""
        self.send("comm_open", {"comm_id": comm, "target_name": "qmml.study", "data": {"path": "small", "sequence": sequence, "tables": held}})
        while True:
            message = self.message("iopub", "comm_msg")
            if message["content"]["comm_id"] != comm:
                continue
            data = message["content"]["data"]
            self.assertNotIn("error", data)
            self.assertGreaterEqual(data["sequence"], sequence)
            sequence = data["sequence"]
            for table, stream in zip(data.get("tables", []), message["buffers"]):
                # Rows that are there are never sent again, unless the table is sent anew.
                self.assertIn(table["from"], {0, held.get(table["name"], 0)})
                if table["name"] in ("steps", "training"):
                    self.assertEqual(table["from"], held.get(table["name"], 0), "these only grow")
                held[table["name"]] = table["from"] + rows(bytes(stream))
            if until(data):
                return sequence

    def test_restart_in_mid_run(self):
        place, held = self.bundle()
        self.assertEqual(place["path"], "small")
        sequence = self.follow("before", place["sequence"], held, lambda data: data["sequence"] > 10 or data.get("ended"))
        begun = self.value("String(run.events().length)")
        self.km.restart_kernel(now=True)
        self.kc.wait_for_ready(timeout=TIMEOUT)

        self.assertEqual(self.error("run")["ename"], "TypeScriptError")
        self.bundle()
        last = self.follow("after", sequence, held, lambda data: data.get("ended"))
        self.value("await run.finished;")
        _, whole = self.bundle()
        self.assertEqual({name: held.get(name, 0) for name in whole}, whole)
        self.assertEqual(self.value("run.events().at(-1)?.sequence"), str(last))
        self.assertGreater(last, int(begun.strip("'")))
        # The first kernel's study is the one that has finished, in its own process, without a break.
        kinds = self.value("run.events().map((e) => e.kind).join()")
        self.assertEqual((kinds.count("study-started"), kinds.count("resumed"), kinds.count("study-finished")), (1, 0, 1))


if __name__ == "__main__":
    unittest.main()
