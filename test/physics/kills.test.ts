/** As `test/faults/kill.test.ts`, a thousand times, at instants that are others every time; about a quarter of an hour. */
import { test } from "node:test";
import { surviveKills } from "../faults/kills.ts";

test("a thousand SIGKILLs at random instants", async (t) => {
  await surviveKills(1000, Date.now(), (line) => t.diagnostic(line));
});
