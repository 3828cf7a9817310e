// npm run lab [-- ARGUMENTS OF JUPYTERLAB]: set-up, then JupyterLab in notebooks/; without a browser it prints the address to open.
import "./require-node.mjs";

import("./install.mjs").then(({ setUpAndOpenLab }) => setUpAndOpenLab(process.argv.slice(2)));
