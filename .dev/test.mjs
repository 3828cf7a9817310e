// npm test [-- PATH … --OPTION …]: set-up, then the tests whose path starts with one of PATH; options go to node's test runner.
// npm run test:slow: those of test/physics, which take minutes.
import "./require-node.mjs";

import("./tests.mjs").then(({ runTests }) => runTests(process.argv.slice(2)));
