import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, globSync, readFileSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { resultsPage } from "../../.dev/results.mjs";
import { recordRun } from "../../.dev/runs.mjs";
import { buildSite } from "../../.dev/site.mjs";
import { atLeast, atMost } from "../../src/display/findings.ts";
import { findings } from "../../src/notebook/figure.ts";
import { folder, write } from "./project.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** What an attribute of a page says, entities decoded. */
function decoded(text: string): string {
  const named: Readonly<Record<string, string>> = { amp: "&", quot: '"', lt: "<", gt: ">" };
  return text.replace(/&(#x?[0-9a-f]+|\w+);/gi, (whole, name: string) =>
    name.startsWith("#") ? String.fromCodePoint(Number(name.slice(1).replace(/^x/i, "0x"))) : (named[name] ?? whole),
  );
}

/** Targets of a page's links and pictures, as [attribute, target]. */
function targets(html: string): [string, string][] {
  const found = Array.from(html.matchAll(/<(\w+)[^>]*?\s(href|src|srcset)="([^"]*)"/g), ([, tag, , target]) => [tag, decoded(target)]);
  return found as [string, string][];
}

/** The site, built once for the tests below. */
const site = folder();
const built = buildSite(ROOT.replace(/\/$/, ""), site);

test("each link of the site leads to a file that is there, and to a place in it", async () => {
  await built;
  const ids = new Map<string, ReadonlySet<string>>();
  const idsOf = (path: string): ReadonlySet<string> => {
    const known = ids.get(path) ?? new Set(Array.from(readFileSync(path, "utf8").matchAll(/\sid="([^"]+)"/g), (m) => decoded(m[1])));
    ids.set(path, known);
    return known;
  };
  const dead: string[] = [];
  for (const page of globSync("**/*.html", { cwd: site })) {
    const path = join(site, page);
    for (const [, target] of targets(readFileSync(path, "utf8"))) {
      if (/^(https?|mailto|data):/.test(target)) continue;
      const [file, anchor] = target.split("#").map(decodeURIComponent);
      const to = file === "" ? path : resolve(dirname(path), file);
      if (!existsSync(to) || statSync(to).isDirectory()) dead.push(`${page}: ${target}`);
      else if (anchor && to.endsWith(".html") && !idsOf(to).has(anchor)) dead.push(`${page}: ${target} has no such place`);
    }
  }
  assert.deepEqual(dead, []);
});

test("the site loads nothing from elsewhere", async () => {
  await built;
  const loaded = globSync("**/*.html", { cwd: site }).flatMap((page) =>
    targets(readFileSync(join(site, page), "utf8"))
      .filter(([tag, target]) => tag !== "a" && /^(https?:)?\/\//.test(target))
      .map(([tag, target]) => `${page}: ${tag} ${target}`),
  );
  assert.deepEqual(loaded, []);
  for (const style of globSync("**/*.css", { cwd: site }))
    assert.doesNotMatch(readFileSync(join(site, style), "utf8"), /url\(["']?(https?:)?\/\//);
});

test("the site holds the method with its formulas, each notebook with its figures, and the API by rooms", async () => {
  await built;
  const text = (pattern: string): string =>
    globSync(pattern, { cwd: site })
      .map((page) => readFileSync(join(site, page), "utf8"))
      .join("");
  const method = text("documents/The_method.html");
  assert.match(method, /<svg class="formula" role="img" aria-label="E\(S\) = /);
  assert.doesNotMatch(method.replace(/aria-label="[^"]*"/g, ""), /\\mathrm|\$\$/);
  const pages = globSync("documents/Notebooks.*.html", { cwd: site });
  assert.equal(pages.length, globSync("notebooks/*.ipynb", { cwd: ROOT }).length);
  assert.match(text("documents/Notebooks.*.html"), /<img [^>]*src="[^"]*\.svg"/);
  const rooms = Array.from(text("modules/API.html").matchAll(/<h2 class="tsd-anchor-link" id="[^"]*">([a-z]+)</g), (m) => m[1]);
  assert.ok(rooms.indexOf("structure") >= 0 && rooms.indexOf("structure") < rooms.indexOf("hybrid"), rooms.join(" "));
});

/** Runs pages.py on one page of Markdown, with another to link to. */
function page(markdown: string): { status: number | null; stderr: string; text: string; out: string } {
  const [root, out] = [folder(), folder()];
  write(root, { "a.md": markdown, "docs/b.md": "# B\n", "docs/picture.svg": "<svg/>" });
  const plan = ["a.md", "docs/b.md"].map((source) => ({ source, title: source }));
  const { status, stderr } = spawnSync(join(ROOT, ".venv/bin/python"), ["-I", join(ROOT, ".dev/pages.py"), root, out], {
    input: JSON.stringify(plan),
    encoding: "utf8",
  });
  return { status, stderr, text: status === 0 ? readFileSync(join(out, "a.md"), "utf8") : "", out };
}

test("formulas become outlines, code stays as it is, and linked files come along", () => {
  const { text, out } = page(
    "Of $x_1 < 2$, `$y$` and [B](docs/b.md) with ![p](docs/picture.svg).\n\n$$\n\\frac{1}{2}\n$$\n\n```sh\necho $HOME $z$\n```\n",
  );
  assert.match(text, /aria-label="x_1 &lt; 2"[^>]*><path fill="currentColor" d="M[^"]+Z"\/>/);
  assert.match(text, /<p class="formula"><svg/);
  assert.match(text, /`\$y\$` and \[B\]\(docs\/b\.md\)/);
  assert.match(text, /echo \$HOME \$z\$/);
  assert.ok(existsSync(join(out, "docs", "picture.svg")));
});

test("a link to what is not there ends it with one line", () => {
  const { status, stderr } = page("See [C](docs/c.md).\n");
  assert.equal(status, 1);
  assert.equal(stderr.trim(), "a.md: there is no docs/c.md");
});

test("the page of results says of each bar whether it is met, when and on what", () => {
  const root = folder();
  const cells = [{ cell_type: "markdown", source: ["# Two claims\n", "\n", "Text."] }];
  const bench =
    "# Bench\n\n2026-01-02 03:04 UTC, commit abc.\n\n## Sums (`sums`)\n\n| task | by | threads | median | bar |\n|---|---|---|---|---|\n| ten | qmml | 1 | 2 ms (1 to 3) | 1 ms missed |\n";
  write(root, { "notebooks/03-two.ipynb": { cells }, "bench/results/latest.md": bench });
  findings("03-two", [
    atMost("error", 12.3456, 15, "meV"),
    atMost("other | error", 20, 15, "meV"),
    atLeast("gain", null, 10, "times"),
  ]).save(join(root, "docs", "figures", "03-findings"));
  assert.match(resultsPage(root), /was not recorded/);
  const node = join(root, "node");
  write(root, { node: "#!/bin/sh\necho v99.1.2\n" });
  chmodSync(node, 0o755);
  recordRun(root, "03-two", node);
  const text = resultsPage(root);
  assert.match(text, /1 of 3 bars are met\*\*, 1 not measured/);
  assert.match(text, /## \[Two claims\]\(\.\.\/notebooks\/03-two\.ipynb\)\n\n\d{4}-\d\d-\d\d \d\d:\d\d UTC, commit .*Node 99\.1\.2\.\n/);
  assert.match(text, /\| error \| 12\.3 meV \| ≤ 15 meV \| yes \|/);
  assert.match(text, /\| other \\\| error \| 20 meV \| ≤ 15 meV \| \*\*no\*\* \|/);
  assert.match(text, /\| gain \| +\| ≥ 10 times \| not measured \|/);
  assert.match(text, /\| Sums \| ten \| qmml \| 1 \| 2 ms \| 1 ms \| \*\*no\*\* \|/);
});
