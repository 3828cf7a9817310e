/** What the command "New study notebook" does: a notebook with a study that runs in seconds on the embedded engine. */
import type { Contents } from "@jupyterlab/services";
import { trans } from "./words.ts";

/** @returns path of the notebook, written to a folder under names that nothing there has yet */
export async function newStudy(contents: Contents.IManager, folder: string): Promise<string> {
  const { content } = await contents.get(folder, { content: true });
  const taken = new Set((content as readonly { readonly name: string }[]).map(({ name }) => name));
  const free = (name: (suffix: string) => string): string => {
    let n = 1;
    while (taken.has(name(n === 1 ? "" : `-${n}`))) n += 1;
    return name(n === 1 ? "" : `-${n}`);
  };
  const path = [folder, free((suffix) => `study${suffix}.ipynb`)].filter(Boolean).join("/");
  await contents.save(path, { type: "notebook", format: "json", content: notebook(free((suffix) => `cu100-n${suffix}`)) });
  return path;
}

/** @param study name of the study, and of its folder */
function notebook(study: string): object {
  const cell = (type: "code" | "markdown", id: string, ...lines: readonly string[]): object => ({
    cell_type: type,
    id,
    metadata: {},
    source: lines.join("\n"),
    ...(type === "code" && { outputs: [], execution_count: null }),
  });
  return {
    nbformat: 4,
    nbformat_minor: 5,
    metadata: { kernelspec: { name: "qmml", display_name: "TypeScript (qmml)", language: "typescript" } },
    cells: [
      cell(
        "markdown",
        "title",
        `# ${trans.__("A QM/ML study")}`,
        "",
        trans.__(
          "Nitrogen on copper: the atoms round it by QM, the rest by four models that learn each new QM image. EMT stands in for the QM engine, so that it runs in seconds. Change the structure, the core, the engine and the number of models.",
        ),
      ),
      cell(
        "code",
        "study",
        'import { fcc100, addAdsorbate, within, emt, study } from "qmml";',
        "",
        'const clean = fcc100("Cu", { size: [3, 3, 3], a: 3.5898, vacuum: 8, fixedLayers: 1 });',
        'const slab = addAdsorbate(clean, "N", { site: "hollow", height: 1.4 });',
        `const run = study("${study}", {`,
        '  structure: slab, core: within(2.3, "N"), buffer: 2.9, qm: emt(),',
        '  schemes: ["full-qm", "frozen", "retrained"], members: 4,',
        "});",
        "run",
      ),
      cell("code", "cost", "await run.finished;", "run.cost"),
      cell("code", "explain", "run.explain()"),
    ],
  };
}
