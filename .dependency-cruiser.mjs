/**
 * The arrows between the rooms of src, as in the design: a room imports what stands before it, never what stands after.
 * Run by `npm run check`.
 */

/** Room -> the rooms just before it; theirs are allowed as well. `units.ts` is open to all. */
const BEFORE = {
  linalg: [],
  structure: ["linalg"],
  calculators: ["structure"],
  io: ["structure"],
  qm: ["calculators", "io"],
  descriptors: ["calculators"],
  engine: ["descriptors"],
  ensemble: ["engine"],
  hybrid: ["ensemble"],
  optimize: ["structure"],
  paths: ["optimize"],
  study: ["hybrid", "paths", "qm"],
  history: ["study"],
  display: ["history"],
  notebook: ["display"],
};

/**
 * Rooms that know calculators by their contract alone: no optimizer can tell on which surface it walks,
 * and a frame of a file carries what a calculator answered.
 */
const BY_CONTRACT = ["io", "optimize", "paths"];

/** Everything else runs in a browser. */
const WITH_NODE = [
  "^src/(io|qm|study|notebook|cli)/",
  "^src/engine/[^/]*(thread|worker|pool)[^/]*\\.ts$",
  "^src/engine/wasm/machine\\.ts$",
  "^src/engine/tensorflow/(install|load|places|process|wheel)\\.ts$",
];

const ROOMS = Object.keys(BEFORE);

const reachable = (room) => [...new Set(BEFORE[room].flatMap((before) => [before, ...reachable(before)]))];

const arrows = ROOMS.map((room) => {
  const rooms = [room, ...reachable(room)].map((allowed) => `^src/${allowed}/`);
  const contract = BY_CONTRACT.includes(room) ? ["^src/calculators/calculator\\.ts$"] : [];
  return {
    name: `arrow-${room}`,
    comment: `src/${room} imports units.ts, its own files and what stands before it: ${reachable(room).join(", ") || "nothing"}.`,
    severity: "error",
    from: { path: `^src/${room}/` },
    to: { path: "^(src|kernel|labextension)/", pathNot: ["^src/units\\.ts$", ...rooms, ...contract] },
  };
});

export default {
  forbidden: [
    ...arrows,
    {
      name: "rooms",
      comment: "Every source file stands in a room that the design names.",
      severity: "error",
      from: { path: "^src/", pathNot: [`^src/(${ROOMS.join("|")}|cli)/`, "^src/(index|units)\\.ts$"] },
      to: {},
    },
    {
      name: "units-first",
      comment: "units.ts holds constants and imports nothing.",
      severity: "error",
      from: { path: "^src/units\\.ts$" },
      to: {},
    },
    {
      name: "cli-last",
      comment: "Nothing imports the command line, and the table of contents is read by the command line alone.",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/cli/" },
      to: { path: "^src/(cli/|index\\.ts$)" },
    },
    {
      name: "kernel-last",
      comment: "src knows neither the kernel nor the extension nor tslab.",
      severity: "error",
      from: { path: "^src/" },
      to: { path: "^(kernel|labextension)/|node_modules/(tslab|qmml-kernel|jupyterlab-qmml)/" },
    },
    {
      name: "extension-sees-display",
      comment:
        "The extension draws: of src it knows the tables and the charts made of them, and files of frames; no computation and nothing of Node's.",
      severity: "error",
      from: { path: "^labextension/" },
      to: { path: "^(src|kernel)/", pathNot: "^src/(display|history|structure)/|^src/io/(extxyz|frame)[.]ts$|^src/study/events[.]ts$" },
    },
    {
      name: "browser",
      comment:
        "Node's own modules belong in io, qm, engine's threads, the files that load its kernels and TensorFlow, study, notebook and cli: the rest runs in a browser.",
      severity: "error",
      from: { path: "^src/", pathNot: WITH_NODE },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "threads",
      comment: "piscina needs Node's worker threads.",
      severity: "error",
      from: { path: "^src/", pathNot: WITH_NODE },
      to: { path: "node_modules/piscina/" },
    },
    {
      name: "no-cycles",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "resolvable",
      comment: "Every import leads somewhere.",
      severity: "error",
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: "shipped",
      comment: "What is published does not need development packages.",
      severity: "error",
      from: { path: "^src/" },
      to: { dependencyTypes: ["npm-dev", "npm-no-pkg"], dependencyTypesNot: ["type-only"] },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules|/dist/" },
    tsPreCompilationDeps: true,
    combinedDependencies: false,
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "node", "default", "types"] },
  },
};
