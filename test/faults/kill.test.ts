/** DESIGN.md, idea 1: killing the process loses nothing; resuming goes on bit for bit as if nothing had happened. */
import { test } from "node:test";
import { surviveKills } from "./kills.ts";

test("twenty SIGKILLs at random instants: the undisturbed study's bits, no image calculated twice, no event lost", async (t) => {
  await surviveKills(20, 20261122, (line) => t.diagnostic(line));
});
