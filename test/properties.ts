/**
 * fast-check for all tests: the same examples in every run, others with QMML_SEED=2, 3, … in the environment. A failure names what to repeat.
 */
import fc from "fast-check";

fc.configureGlobal({ seed: Number(process.env.QMML_SEED ?? 1) });

export { fc };
