"""What cells show, through the wire: tables, summaries, images, lines of progress, commands, timings, questions and what tslab draws."""

import base64
import os
import re
import time
import unittest

from case import TIMEOUT, KernelCase

PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")


def texts(out, kind):
    return [m["content"]["data"]["text/plain"] for m in out if m["msg_type"] == kind]


class ShowingCase(KernelCase):
    def result(self, code):
        """Bundle of the last value, None if there is nothing to show."""
        reply, out = self.run_cell(code)
        self.assertEqual(reply["status"], "ok", reply.get("traceback"))
        results = [m["content"]["data"] for m in out if m["msg_type"] == "execute_result"]
        return results[0] if results else None


class Values(ShowingCase):
    def test_tables(self):
        self.assertEqual(self.result("[1, 2, 3].map((x) => 2 * x)"), {"text/plain": "[ 2, 4, 6 ]"})
        data = self.result("Array.from({ length: 100 }, (_, i) => ({ i, name: `<script>${i}</script>`, f: i / 8 }))")
        self.assertEqual(set(data), {"text/html", "text/plain"})
        self.assertNotIn("<script>", data["text/html"])
        self.assertIn("100 rows × 3 columns", data["text/html"])
        self.assertRegex(data["text/plain"], r"(?m)^99  99  .*12\.375$")

    def test_numbers(self):
        text = self.result("Float64Array.from({ length: 2400 }, (_, i) => i / 4)")["text/plain"]
        self.assertEqual(text, "Float64Array(2,400), from 0 to 599.75, mean 299.875\n[ 0, 0.25, 0.5, 0.75, 1, 1.25, …, 599.25, 599.5, 599.75 ]")

    def test_image(self):
        data = self.result(f"Buffer.from('{base64.b64encode(PNG).decode()}', 'base64')")
        self.assertEqual(base64.b64decode(data["image/png"]), PNG)
        self.assertIn("1 × 1", data["text/plain"])

    def test_promises(self):
        self.assertEqual(self.result("Promise.resolve([1])"), {"text/plain": "[ 1 ]"})
        self.assertIsNone(self.result("Promise.resolve()"))
        self.interrupted("new Promise(() => {})")

    def test_long_text(self):
        self.assertLess(len(self.result("'x'.repeat(3e6)")["text/plain"]), 110_000)
        self.assertLess(len("\n".join(self.error("throw new Error('x'.repeat(3e6))")["traceback"])), 220_000)

    def test_errors(self):
        code = "const inner = new TypeError('no number');\nthrow Object.assign(new RangeError('fmax is -1; give 0.05', { cause: inner }), { bound: 0.05, fmax: -1, set: [7] })"
        error = self.error(code)
        self.assertEqual((error["ename"], error["evalue"]), ("RangeError", "fmax is -1; give 0.05"))
        text = re.sub(r"\x1b\[\d+m", "", "\n".join(error["traceback"]))
        self.assertRegex(text, r"^RangeError: fmax is -1; give 0\.05\n    at cell\[\d+\]:2:21\n    set: \[ 7 \]\ncaused by TypeError: no number\n    at cell")


class Displays(ShowingCase):
    def test_handle(self):
        code = "const shown = display('a'); console.log('then'); shown.update('b'); display('c', { id: shown.id, update: true, metadata: { m: 1 } })"
        out = self.run_cell(code)[1]
        self.assertEqual([m["msg_type"] for m in out], ["display_data", "stream", "update_display_data", "update_display_data"])
        self.assertEqual(len({m["content"]["transient"]["display_id"] for m in out if m["msg_type"] != "stream"}), 1)
        self.assertEqual(out[3]["content"]["metadata"], {"m": 1})
        later = self.run_cell("await shown.update(Promise.resolve('d')); shown.id === (await shown).id")[1]
        self.assertEqual((texts(later, "update_display_data"), texts(later, "execute_result")), (["'d'"], ["true"]))

    def test_clear_output(self):
        out = self.run_cell("clearOutput(); clearOutput(true)")[1]
        self.assertEqual([m["content"] for m in out], [{"wait": False}, {"wait": True}])

    def test_ten_thousand_updates(self):
        out = self.run_cell("const many = display(0); for (let i = 1; i <= 10_000; i++) many.update(i);")[1]
        self.assertEqual(texts(out, "update_display_data")[-1], "10000")

    def test_tslab(self):
        reply, out = self.run_cell("import * as tslab from 'tslab'; tslab.display.html('<b>a</b>'); const d = tslab.newDisplay(); d.text('b'); d.png(new Uint8Array([1, 2])); tslab.versions.tslab")
        self.assertEqual(reply["status"], "ok", reply.get("traceback"))
        self.assertEqual([m["msg_type"] for m in out], ["display_data", "display_data", "update_display_data", "execute_result"])
        self.assertEqual(out[2]["content"]["data"], {"image/png": "AQI="})


class Progress(ShowingCase):
    def lines(self, out):
        self.assertEqual(len({m["content"]["transient"]["display_id"] for m in out if "transient" in m["content"]}), 1)
        return texts(out, "display_data") + texts(out, "update_display_data")

    def test_loops(self):
        pause = "await new Promise((r) => setTimeout(r, 2));"
        waiting = self.lines(self.run_cell(f"for (const x of progress([...Array(200).keys()], {{ label: 'relaxing' }})) {{ {pause} }}")[1])
        took = re.match(r"relaxing: 200 in ([\d.]+) s, .* per second$", waiting[-1])
        self.assertTrue(took, waiting[-1])
        # At most ten a second, the first and the last.
        self.assertLess(len(waiting), 10 * float(took[1]) + 4)
        code = f"async function* steps() {{ for (let i = 0; i < 5; i++) {{ {pause} yield i; }} }} for await (const s of progress(steps(), {{ total: 8 }}));"
        self.assertRegex(self.lines(self.run_cell(code)[1])[-1], r"^5 in ")
        busy = "for (const i of progress(new Float64Array(5))) { const end = Date.now() + 60; while (Date.now() < end); }"
        self.assertGreater(len(self.lines(self.run_cell(busy)[1])), 2)
        self.assertRegex(self.lines(self.run_cell("for (const i of progress([1, 2, 3])) if (i === 2) break;")[1])[-1], "^stopped at 1 of 3 after ")
        self.assertRegex(self.lines(self.run_cell("const p = progress(10); p.update(4, 'four'); p.update(10);")[1])[-1], "^four: 10 in ")

    def test_interrupts(self):
        numbers = "const hundred = Array.from({ length: 100 }, (_, i) => i);"
        loops = {
            "waiting": "for (const i of progress(hundred)) if (i === 3) await new Promise(() => {});",
            "busy": "for (const i of progress(hundred)) if (i === 3) for (;;);",
            "slow values": "async function* slow() { yield* [1, 2, 3]; await new Promise(() => {}); } for await (const i of progress(slow(), { total: 100 }));",
            "by hand": "const line = progress(100); line.update(3); await new Promise(() => {});",
        }
        self.run_cell(numbers)
        for name, code in loops.items():
            with self.subTest(name):
                # A busy machine needs its time to come to the third.
                self.assertRegex(self.lines(self.interrupted(code, after=2)[1])[-1], "^interrupted at 3 of 100 after ")


class Commands(ShowingCase):
    def test_output(self):
        out = self.run_cell("const done = await sh('echo one; sleep 0.3; echo two; echo three >&2'); done")[1]
        # In pieces, as they came, and not again as a value.
        self.assertEqual([m["msg_type"] for m in out], ["stream"] * len(out))
        self.assertGreater(len(out), 2)
        self.assertEqual("".join(m["content"]["text"] for m in out), "one\ntwo\nthree\n")
        self.assertEqual(self.value("JSON.stringify(done)"), "'{\"status\":0,\"stdout\":\"one\\\\ntwo\\\\n\"}'")
        self.assertEqual(self.value("(await sh('pwd', { cwd: '/', quiet: true })).stdout"), "'/\\n'")

    def test_failure(self):
        error = self.error("await sh('echo no such atom >&2; exit 3')")
        self.assertIn("ended with status 3: no such atom; with { check: false }", error["evalue"])
        self.assertRegex("\n".join(error["traceback"]), r"at .*cell\[\d+\]:1:7")
        self.assertEqual(self.value("(await sh('exit 3', { check: false })).status"), "3")
        self.assertIn("/none", self.error("await sh('pwd', { cwd: '/none' })")["evalue"])

    def test_interrupt(self):
        mark = os.path.join(self.folder.name, "late")
        self.interrupted(f"await sh('echo begun; (sleep 4; touch \"{mark}\") & sleep 30')")
        time.sleep(4.5)
        self.assertFalse(os.path.exists(mark), "what the command started goes on")

    def test_timeit(self):
        line = self.result("await timeit(() => Math.hypot(1, 2), { seconds: 0.2 })")["text/plain"]
        self.assertRegex(line, r"^[\d.]+ [nµm]?s \(median\), best [\d.]+ [nµm]?s, spread [\d.]+ [nµm]?s; \d+ runs? of [\d,]+ calls$")
        slow = self.result("timeit(() => new Promise((r) => setTimeout(r, 20)), { seconds: 0.2 })")["text/plain"]
        # It waits for what it times; the bound tells that on a machine however loaded.
        best = re.search(r"best ([\d.]+) ms", slow)
        self.assertTrue(best and 19 < float(best[1]) < 1000, slow)
        self.interrupted("timeit(() => Math.hypot(1, 2), { seconds: 60 })")


class Questions(ShowingCase):
    def test_input(self):
        sent = self.kc.execute("const answer = await input('Which? ', { password: true }); answer + '!'", allow_stdin=True)
        request = self.kc.get_stdin_msg(timeout=TIMEOUT)
        self.assertEqual(request["content"], {"prompt": "Which? ", "password": True})
        self.kc.input("hollow")
        self.assertEqual(self.answers(sent)[0]["content"]["status"], "ok")
        self.assertEqual(self.value("answer"), "'hollow'")

    def test_nobody_to_ask(self):
        self.assertIn("cannot be asked", self.run_cell("await input('Which? ')", allow_stdin=False)[0]["evalue"])


class Help(ShowingCase):
    def test_types(self):
        self.assertEqual(self.value("for (const x of progress([1])) x.toFixed(); const r = await sh('true'); r.status.toFixed()"), "'0'")
        self.assertIn("not assignable", self.error("const s: string = await timeit(() => 1)")["evalue"])
        for name, word in (("progress", "redrawn"), ("sh", "shell"), ("timeit", "seconds"), ("display", "shown"), ("input", "password"), ("cellSignal", "fetch")):
            self.kc.inspect(name, len(name))
            data = self.message("shell", "inspect_reply")["content"]["data"]
            self.assertIn(word, data["text/plain"], name)


if __name__ == "__main__":
    unittest.main()
