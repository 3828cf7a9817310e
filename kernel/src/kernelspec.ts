/**
 * What Jupyter knows of the kernel before it starts it: the content of kernel.json, without the command line,
 * which only the installation knows. Format: Jupyter client documentation, "Kernel specs".
 */

/** Content of a kernel.json but `argv`. */
export interface KernelSpec {
  readonly display_name: string;
  readonly language: string;
  /** `message`: the client interrupts by an interrupt_request on the control channel, not by a signal. */
  readonly interrupt_mode: "signal" | "message";
}

/** Folder name of the spec, and the name notebooks store. */
export const KERNEL_NAME = "qmml";

/** The spec; interrupts come as messages, because a signal would end a Node process. */
export const KERNEL_SPEC: KernelSpec = {
  display_name: "TypeScript (qmml)",
  language: "typescript",
  interrupt_mode: "message",
};
