// npm start: set-up, then study A.
import "./require-node.mjs";

import("./install.mjs").then(({ setUpAndRun }) => setUpAndRun(["dist/cli/start.js", ...process.argv.slice(2)]));
