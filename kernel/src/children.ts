/** The end of what cells have started. */

/**
 * Asks every process of this one's group to end, if the group is this process's own, as it is where Jupyter started it. Studies have groups
 * of their own and go on. This process is asked as well.
 */
export function endChildren(): void {
  try {
    process.kill(-process.pid, "SIGTERM");
  } catch {
    // The group is another's.
  }
}
