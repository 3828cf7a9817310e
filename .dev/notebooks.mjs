// npm run notebooks: set-up, then all notebooks from the first cell to the last, their outputs saved. With --try nothing is saved, and nothing
// done if the same notebooks ran on the same studies before.
import "./require-node.mjs";

import("./install.mjs").then(({ setUpAndExecute }) => setUpAndExecute(process.argv.includes("--try")));
