// node .dev/setup.mjs, npm run build: set-up alone, which ends with the build.
import "./require-node.mjs";

import("./install.mjs").then(({ setUpOrExit }) => setUpOrExit("program"));
