/** All kernels of the engine. */
export * from "./dense";
export { tabulate } from "./elementary";
export { countMovers, describeCentres } from "./fingerprints";
export { aroundSize, atomsSize, layAround, layAtoms, mostNeighbours } from "./neighbours";
export { describingSize, layPlan, planSize } from "./symmetryFunctions";
