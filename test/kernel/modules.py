"""Modules in cells through the wire: local files that change, packages installed while the kernel runs, tslab's displays."""

import os
import time
import unittest
from pathlib import Path

from case import PATIENCE, KernelCase


class Modules(KernelCase):
    def write(self, name, text):
        path = Path(self.folder.name) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def test_local_file_with_reload(self):
        self.write("low.ts", "export enum Unit { eV = 1 }\nexport const value: number = Unit.eV;")
        self.write("lib/index.ts", "import { value } from '../low';\n\n\nexport const twice = () => 2 * value;\nexport function fail() {\n  throw new RangeError('far');\n}")
        self.assertEqual(self.value("import { twice, fail } from './lib'; twice()"), "2")
        self.assertRegex("\n".join(self.error("fail()")["traceback"]), r"fail \(lib/index\.ts:6:9\)")
        self.write("low.ts", "export const value: number = 21;")
        # Without an import a cell goes on with what it has.
        self.assertEqual(self.value("twice()"), "2")
        self.assertEqual(self.value("import { twice } from './lib'; twice()"), "42")
        self.write("low.ts", "export const value: string = 'a';")
        self.assertIn("arithmetic", self.error("import { value } from './low'; value * 2")["evalue"])
        self.write("low.ts", "export const value = ;")
        error = self.error("const { value: broken } = await import('./low' + '.ts');")
        self.assertEqual(error["ename"], "SyntaxError")
        self.assertIn("low.ts:1:22", error["evalue"])

    def test_package_installed_while_the_kernel_runs(self):
        self.assertIn("fresh", self.error("import { n } from 'fresh'; n")["evalue"])
        self.write("node_modules/fresh/package.json", '{"name": "fresh", "main": "i.js", "types": "i.d.ts"}')
        self.write("node_modules/fresh/i.js", "const all = { n: 5 }; module.exports = all;")
        self.write("node_modules/fresh/i.d.ts", "export const n: number;")
        self.assertEqual(self.value("import { n } from 'fresh'; import * as all from 'fresh'; [n, all.n, require('fresh').n]"), "[ 5, 5, 5 ]")
        self.assertIn("'number'", self.error("import { n } from 'fresh'; const s: string = n;")["evalue"])

    def test_json_and_meta(self):
        self.write("data.json", '{"k": 7}')
        self.assertEqual(self.value("import data, { k } from './data.json'; [data.k, k, (await import('./data.json')).default.k]"), "[ 7, 7, 7 ]")
        self.assertEqual(self.value("import.meta.dirname"), f"'{os.path.realpath(self.folder.name)}'")
        self.assertEqual(self.value("new URL('data.json', import.meta.url).pathname === new URL(import.meta.resolve('./data.json')).pathname"), "true")

    def test_tslab(self):
        out = self.run_cell("import * as tslab from 'tslab'; tslab.display.html('<b>a</b>'); const d = tslab.newDisplay(); d.text('1'); d.text('2');")[1]
        self.assertEqual([m["msg_type"] for m in out], ["display_data", "display_data", "update_display_data"])
        self.assertEqual(out[0]["content"]["data"], {"text/html": "<b>a</b>"})
        self.assertIn("not assignable", self.error("tslab.display.html(1)")["evalue"])

    def test_interrupted_training(self):
        self.value(
            """import { defaultDescriptors, drawModel, emtCalculator, fcc100, fingerprints, rangeOf, rattle, trainer, type TrainingImage } from 'qmml';
const descriptors = defaultDescriptors([29], 4);
const images: TrainingImage[] = [];
for (const seed of [1, 2, 3, 4]) {
  const structure = rattle(fcc100('Cu', { size: [3, 3, 3], vacuum: 5 }), { stdev: 0.3, seed });
  const { energy, forces } = await emtCalculator().calculate(structure, ['energy', 'forces']);
  images.push({ structure, fingerprints: fingerprints(structure, descriptors), energy, forces: forces as Float64Array });
}
const architecture = { descriptors, hidden: [5] };
const scaling = rangeOf(images.map((image) => image.fingerprints), descriptors);
const models = Array.from({ length: 20 }, (_, member) => drawModel(architecture, scaling, 1, member));
const threads = trainer(1);
// Nobody gets there: 20 models would take minutes.
const tolerance = { energy: 1e-13, force: 1e-13 };
const learn = (maxEvaluations: number) =>
  threads.trainAll(architecture, models, images, { method: 'levenberg-marquardt', tolerance, maxEvaluations });
(await learn(2)).length"""
        )
        self.kc.execute("let ended = ''; await learn(1e9).catch((error) => { ended = error.name; throw error; });")
        time.sleep(1)
        interrupted = time.monotonic()
        self.km.interrupt_kernel()
        error = self.message("iopub", "error")["content"]
        self.assertEqual(error["ename"], "KeyboardInterrupt")
        self.assertLess(time.monotonic() - interrupted, PATIENCE)
        self.assertEqual(self.message("shell", "execute_reply")["content"]["status"], "error")
        # The training itself has ended, not only the waiting for it: its thread is free for the next.
        self.assertEqual(self.value("ended"), "'KeyboardInterrupt'")
        self.assertEqual(self.value("(await learn(2)).length"), "20")
        self.run_cell("await threads.close()")


if __name__ == "__main__":
    unittest.main()
