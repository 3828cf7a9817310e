/** A task for the pool's tests. */
import { threadTask } from "../../src/engine/threadTask.ts";

export default threadTask(
  (task: { count: number; forever?: boolean; fail?: string; array?: Float64Array }, report: (k: number) => void) => {
    for (let k = 0; k < task.count; k++) report(k);
    if (task.fail !== undefined) throw new RangeError(task.fail);
    if (task.array) task.array[0] = 7;
    while (task.forever);
    return task.count;
  },
);
