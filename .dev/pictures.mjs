// npm run pictures: set-up, then what JupyterLab shows of the notebooks, light and dark, into docs/. It needs Chromium.
import "./require-node.mjs";

import("./install.mjs").then(({ setUpAndRun }) =>
  setUpAndRun(["--experimental-strip-types", "--disable-warning=ExperimentalWarning", "test/lab/pictures.ts"]),
);
