"""Long sessions and large outputs: a thousand cells, ten thousand updates, a hundred thousand lines, ten megabytes; memory is the process's."""

import threading
import time
import unittest

import psutil
from case import API, TIMEOUT, KernelCase

MB = 1_000_000
LARGE = 10 * MB


class Endurance(KernelCase):
    def resident(self):
        return psutil.Process(self.km.provisioner.pid).memory_info().rss

    def last_message(self, messages, kind):
        return next(m["content"] for m in reversed(messages) if m["msg_type"] == kind)

    def test_a_thousand_cells(self):
        self.run_cell("const x0: number = 0;")
        after = {}
        for i in range(1, 1001):
            code = f"const x{i}: number = x{i - 1} + 1; function f{i}(y: number) {{ return y + x{i}; }} console.log(f{i}(1)); x{i}"
            self.assertEqual(self.value(code), str(i))
            if i in (100, 1000):
                after[i] = self.resident()
        self.grown("900 cells", after[1000] - after[100])

    def test_ten_thousand_updates(self):
        code = f"""for (let i = 0; i < 10000; i++) {{
  {API}.display({{ "text/plain": `${{i}}` }}, {{ displayId: "d", update: i > 0 }});
  if (i % 100 === 99) await new Promise((r) => setTimeout(r));
}}"""
        self.run_cell(code)
        before = self.resident()
        _, out = self.run_cell(code)
        self.assertEqual([m["content"]["data"]["text/plain"] for m in out], [str(i) for i in range(10000)])
        self.grown("10,000 updates", self.resident() - before)

    def test_large_outputs(self):
        reply, out = self.run_cell(f"const large = 'x'.repeat({LARGE}); console.log(large); ({{ [Symbol.for('Jupyter.display')]: () => ({{ 'text/plain': large }}) }})")
        self.assertEqual("".join(m["content"]["text"] for m in out if m["msg_type"] == "stream"), "x" * LARGE + "\n")
        self.assertEqual(len(self.last_message(out, "execute_result")["data"]["text/plain"]), LARGE)
        self.assertTrue(self.error("throw new Error(large)")["evalue"].startswith("xxx"))

    def test_a_hundred_thousand_lines(self):
        _, out = self.run_cell("for (let i = 0; i < 100000; i++) console.log(i);")
        self.assertEqual("".join(m["content"]["text"] for m in out), "".join(f"{i}\n" for i in range(100000)))
        # A message a line would drown the client.
        self.assertLess(len(out), 2000)

    def test_printing_for_ever(self):
        self.run_cell("0")
        before = self.resident()
        seconds = self.interrupted("for (let i = 0; ; i++) console.log('line', i);", after=1.5)[2]
        print(f"printing for ever: ended {seconds:.1f} s after the interrupt, {(self.resident() - before) / MB:.0f} MB more")
        self.assertEqual(self.value("1 + 1"), "2")

    def grown(self, what, by):
        print(f"{what}: {by / MB:+.0f} MB")
        # The bar is 50; garbage that is not collected yet comes on top.
        self.assertLess(by, 100 * MB, what)


if __name__ == "__main__":
    unittest.main()
