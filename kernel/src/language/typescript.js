/** The compiler by `require`: `import` of CommonJS reads its nine megabytes twice, once for the names alone, and keeps both. */
import { createRequire } from "node:module";

export default createRequire(import.meta.url)("typescript");
