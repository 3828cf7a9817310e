// npm run figures [-- NAME …]: set-up, then the notebooks whose name begins with a NAME (default: all but the long ones), saved with what they show;
// npm run figures:long, or --long: the long ones. Those that nothing has changed for since are skipped. With --try nothing is saved.
import "./require-node.mjs";

import("./notebooks.mjs").then(({ runNotebooks }) => runNotebooks(process.argv.slice(2)));
