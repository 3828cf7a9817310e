/** All kernels of the engine. */
export * from "./dense";
export { tabulate } from "./elementary";
