// Imported first by every script in this folder. Debian and Ubuntu still carry Node 12 and 18, so this file and the ones that npm calls
// are written in what Node 12 can parse, and load the rest only after this check.
const major = Number(process.versions.node.split(".")[0]);
if (major < 20) {
  console.error(
    `qmml needs Node 20 or newer and found ${process.versions.node}: install a current one from https://nodejs.org, then try again.`,
  );
  process.exit(1);
}
