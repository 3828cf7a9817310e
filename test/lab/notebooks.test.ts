/** Both notebooks, small, by nbclient: every cell runs, and each output has what those without qmml's extension can show. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { promisify } from "node:util";
import { notebooks } from "../../.dev/jupyter.mjs";
import { PROJECT } from "./lab.ts";
import { type Output, readNotebook, writeSmall } from "./small.ts";

const root = mkdtempSync(join(tmpdir(), "qmml notebooks "));
after(() => rmSync(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }));

/** What shows a chart of a finished study where qmml's extension is not. */
const FORMS = ["application/vnd.plotly.v1+json", "image/svg+xml", "text/plain"];

describe("notebooks from the first cell to the last", { timeout: 180_000 }, () => {
  for (const name of ["01-cu100.ipynb", "02-fatty-acid.ipynb"]) {
    it(name, async () => {
      const path = writeSmall(name, root, "members: 2, verify: false,");
      await execute(path);
      const { cells } = readNotebook(path);
      const outputs = Object.fromEntries(cells.map(({ id, outputs }) => [id, outputs ?? []]));
      // The study had just begun when its cell was run.
      for (const [id, expected] of Object.entries({ study: ["text/plain"], cost: FORMS, training: FORMS })) {
        const data = only(outputs[id]);
        for (const form of [...expected, `application/vnd.qmml.${id}.v1+json`]) assert.ok(form in data, `${id} has no ${form}`);
      }
      assert.match(String(only(outputs.explain)["text/plain"]), /QM/);
      assert.match(String(only(outputs.methods)["text/plain"]), /@article/);
    });
  }
});

async function execute(path: string): Promise<void> {
  const { command, parameters, environment } = notebooks(PROJECT);
  const [isolated, script] = parameters;
  await promisify(execFile)(command, [isolated, script, "--save", path], {
    env: { ...environment, JUPYTER_RUNTIME_DIR: join(root, "runtime") },
  });
}

function only(outputs: readonly Output[]): Readonly<Record<string, unknown>> {
  assert.equal(outputs.length, 1);
  return outputs[0].data ?? {};
}
