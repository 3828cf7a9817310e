/** The package's version. */
export { packageVersion } from "../io/package.ts";
