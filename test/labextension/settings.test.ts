/** Settings: what the schema offers is what the views take, and nothing else gets through. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { CHOICES, liveSettings, RANGES, settingsFrom } from "../../labextension/src/settings.ts";

interface Property {
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly default: unknown;
}
const file = new URL("../../labextension/schema/plugin.json", import.meta.url);
const { properties } = JSON.parse(readFileSync(file, "utf8")) as { properties: Record<string, Property> };

test("the schema has the choices, ranges and defaults of the views", () => {
  const defaults = Object.fromEntries(Object.entries(properties).map(([name, p]) => [name, p.default]));
  assert.deepEqual(settingsFrom({}), defaults);
  for (const [name, values] of Object.entries(CHOICES)) assert.deepEqual(properties[name].enum, values, name);
  for (const [name, [least, , most]] of Object.entries(RANGES))
    assert.deepEqual([properties[name].minimum, properties[name].maximum], [least, most], name);
});

test("a value that is none counts as not written, a number is kept within its bounds", () => {
  const usual = settingsFrom({});
  assert.deepEqual(
    settingsFrom({ palette: "<b>", colouring: 3, exportTheme: null, stageHeight: "340", framesPerSecond: Number.NaN }),
    usual,
  );
  const { stageHeight, updatesPerSecond } = settingsFrom({ stageHeight: 1e9, updatesPerSecond: -1 });
  assert.deepEqual([stageHeight, updatesPerSecond], [1200, 1]);
});

test("who watches is told of changes until it has enough", () => {
  const settings = liveSettings();
  let told = 0;
  const end = settings.watch(() => {
    told += 1;
  });
  settings.set(settingsFrom({ palette: "cividis" }));
  end();
  settings.set(settingsFrom({}));
  assert.deepEqual([told, settings.now.palette], [1, "viridis"]);
});
