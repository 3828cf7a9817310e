// npm run check: types, lint and format, arrows between rooms, unused exports. All run, then the status says whether all passed.
import "./require-node.mjs";

import("./checks.mjs").then(({ runChecks }) => runChecks());
