/** All kernels of the engine. */
export * from "./dense";
