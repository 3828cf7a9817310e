/** Where the tests' TensorFlow is: set-up installs it before them. */
import { fileURLToPath } from "node:url";

export const ENGINES: string = process.env.QMML_ENGINES || fileURLToPath(new URL("../../.cache/engines", import.meta.url));
