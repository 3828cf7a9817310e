// npm run bench [-- --only NAME[,NAME] --quick --profile --no-peers]: set-up, the other programs in an environment of their own, then the
// measurements of bench/.
import "./require-node.mjs";

import("./peers.mjs").then(({ runBench }) => runBench(process.argv.slice(2)));
