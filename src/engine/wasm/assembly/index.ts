/** All kernels of the engine. */

export { atomsSize, layAtoms } from "./bins";
export * from "./dense";
export { tabulate } from "./elementary";
export { takeErrors } from "./errors";
export { countMovers, describeCentres } from "./fingerprints";
export { addForceRows, jacobianWork } from "./jacobian";
export { aroundSize, layAround, mostNeighbours } from "./neighbours";
export { addNetworkGradient, addUnpadded, gradientSize, networkWork, prepare, preparedSize, sweep, sweepSize } from "./network";
export { layPlan, planSize } from "./plan";
export { atomsReached, layPrediction, openBlock, predictionSize, predictSome } from "./prediction";
export { addForces, pullForces, slopesWork, sumSlopes } from "./slopes";
export { addForcesOfOne, pullForcesOfOne } from "./slopesOfOne";
export { addSteepest, steepestWork } from "./steepest";
export { describingSize } from "./symmetryFunctions";
