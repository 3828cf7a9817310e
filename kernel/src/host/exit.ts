/** `process.exit` in a cell ends the cell: a script's habit must not cost the notebook its variables. */

/** Thrown by `process.exit`, as Python's `sys.exit` throws it. */
class SystemExit extends Error {
  override readonly name = "SystemExit";

  constructor(status: unknown) {
    super(
      `process.exit(${status === undefined ? "" : String(status)}) ends this cell; to end the kernel, shut it down from Jupyter's menu`,
    );
  }
}

/** From now on cells cannot end the process. @returns what can */
export function keepAlive(): (status: number) => never {
  const exit = process.exit.bind(process);
  process.exit = (status) => {
    throw new SystemExit(status);
  };
  return exit;
}
