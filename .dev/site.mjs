/**
 * The docs as a site that needs no network: typedoc's, of index.ts by rooms and of the pages that pages.py makes of Markdown and of the saved
 * notebooks. As a script: the page of measured results first, then the site into docs/site/.
 */
import { spawnSync } from "node:child_process";
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, relative } from "node:path";
import { argv } from "node:process";
import { fileURLToPath } from "node:url";
import { Application, Comment, CommentTag, Converter, ReflectionKind } from "typedoc";
import { ROOT } from "./install.mjs";
import { resultsPage, titleOf } from "./results.mjs";

/** The first page. */
const INDEX = "docs/README.md";

/** The pages after it, as the menu lists them; further ones of docs/ come behind. */
const PAGES = ["README.md", "docs/method.md", "docs/limits.md", "docs/results.md"];

/** Behind all: what was measured of parts, and what changed. */
const RECORDS = ["bench/results/latest.md", "CHANGELOG.md"];

/** Titles where a page's own first heading would say too little in the menu. */
const TITLES = new Map([
  ["README.md", "Getting started"],
  ["notebooks/README.md", "Notebooks"],
  ["CHANGELOG.md", "Changes"],
]);

/** The rooms of src/ in the order of the pipeline, as index.ts has them. */
const ROOMS = [
  ...["units", "linalg", "structure", "io", "calculators", "descriptors", "engine", "ensemble", "hybrid", "optimize"],
  ...["paths", "qm", "study", "history", "display", "notebook"],
];

const STYLE = `
.tsd-typography a { text-decoration: underline; }
.tsd-accordion-summary:focus-visible { outline: 2px solid; }
.tsd-typography img { max-width: 100%; height: auto; }
.tsd-typography table { display: block; max-width: 100%; overflow-x: auto; }
.tsd-typography tbody th { min-width: 12em; text-align: left; font-weight: normal; }
.tsd-typography .formula { max-width: 100%; overflow: visible; }
p.formula { margin: 1.2em 0 1.2em 2em; overflow-x: auto; }
`;

/**
 * Builds the site.
 * @param {string} root
 * @param {string} out folder, emptied first
 * @returns {Promise<void>}
 * @throws Error with the first things that are wrong in pages or comments, e.g. a link to what does not exist
 */
export async function buildSite(root, out) {
  const pages = mkdtempSync(join(tmpdir(), "qmml-docs-"));
  try {
    const documents = writePages(root, pages);
    const style = join(pages, "style.css");
    writeFileSync(style, STYLE);
    const app = await Application.bootstrap({
      name: "qmml",
      tsconfig: join(root, "tsconfig.json"),
      entryPoints: [join(root, "src", "index.ts")],
      basePath: root,
      displayBasePath: pages,
      readme: join(pages, INDEX),
      projectDocuments: documents.map((path) => join(pages, path)),
      out,
      customCss: style,
      headings: { readme: false, document: false },
      highlightLanguages: ["typescript", "javascript", "json", "jsonc", "sh", "bash", "python", "css", "html"],
      ignoredHighlightLanguages: ["bibtex"],
      categorizeByGroup: false,
      categoryOrder: ROOMS,
      navigation: { includeCategories: true },
      sort: ["alphabetical-ignoring-documents"],
      searchInDocuments: true,
      hideGenerator: true,
      githubPages: false,
      disableSources: true,
      excludeExternals: true,
      // Sources are checked by `npm run check`; types that only other types name have no page.
      skipErrorChecking: true,
      validation: { notExported: false, rewrittenLink: false },
      treatWarningsAsErrors: true,
      logLevel: "Warn",
    });
    sortByRooms(app);
    const project = await app.convert();
    if (!project) throw new Error("the sources cannot be read");
    app.validate(project);
    await app.generateDocs(project, out);
    if (app.logger.hasErrors() || app.logger.hasWarnings()) throw new Error("typedoc warns (above) of what is wrong in the docs");
  } finally {
    rmSync(pages, { recursive: true, force: true });
  }
}

/**
 * @param {string} root
 * @param {string} folder
 * @returns {string[]} paths of the pages in `folder` that the menu lists; notebooks are the children of one
 */
function writePages(root, folder) {
  const others = globSync("docs/*.md", { cwd: root }).filter((path) => path !== INDEX && !PAGES.includes(path));
  const notebooks = globSync("notebooks/*.ipynb", { cwd: root }).sort();
  const listed = [...PAGES, "notebooks/README.md", ...others.sort(), ...RECORDS];
  const titled = [INDEX, ...listed, ...notebooks].map((source) => ({ source, title: pageTitle(root, source) }));
  const names = notebooks.map((path) => path.slice("notebooks/".length).replace(/ipynb$/, "md"));
  const plan = titled.map((page) => (page.source === "notebooks/README.md" ? { ...page, children: names } : page));
  const python = join(root, ".venv", "bin", "python");
  const { status, stderr } = spawnSync(python, ["-I", join(root, ".dev", "pages.py"), root, folder], {
    input: JSON.stringify(plan),
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`the docs' pages cannot be made: ${stderr.trim()}`);
  return listed;
}

/**
 * @param {string} root
 * @param {string} source a page or a notebook
 * @returns {string} what the menu calls it: its first heading, unless that would say too little
 */
function pageTitle(root, source) {
  if (source.endsWith(".ipynb")) return titleOf(root, basename(source, ".ipynb"));
  return TITLES.get(source) ?? /^# (.+)$/m.exec(readFileSync(join(root, source), "utf8"))?.[1] ?? source;
}

/**
 * Exports stand by the room that they come from instead of by their kind.
 * @param {Application} app
 */
function sortByRooms(app) {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const module of project.getChildrenByKind(ReflectionKind.Module)) {
      module.name = "API";
      for (const reflection of module.children ?? []) {
        const room = project.getSymbolIdFromReflection(reflection)?.packagePath.split("/")[1].replace(/\.ts$/, "");
        if (room === undefined) continue;
        reflection.comment ??= new Comment();
        reflection.comment.blockTags.push(new CommentTag("@category", [{ kind: "text", text: room }]));
      }
    }
  });
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(join(ROOT, "docs", "results.md"), resultsPage(ROOT));
  const out = join(ROOT, "docs", "site");
  try {
    await buildSite(ROOT, out);
    console.log(`${relative(process.cwd(), join(out, "index.html"))} is the first page.`);
  } catch (error) {
    console.error(/** @type {Error} */ (error).message);
    process.exitCode = 1;
  }
}
