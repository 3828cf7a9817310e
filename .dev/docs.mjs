// npm run docs: set-up, then the site of the docs into docs/site/: open docs/site/index.html.
import "./require-node.mjs";

import("./install.mjs").then(({ setUpAndRun }) => setUpAndRun([".dev/site.mjs"]));
