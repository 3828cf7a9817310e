import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { drawing, JUPYTER_DISPLAY } from "../../src/notebook/jupyter.ts";
import { prose } from "../../src/notebook/prose.ts";

test("a value with a picture of its own is printed as the picture's text", () => {
  let rows = 0;
  const table = {
    get rows() {
      rows += 1;
      return rows;
    },
  };
  const drawn = drawing(table, () => ({ "text/html": "<b>a</b>", "text/plain": "a\nb" }));
  assert.equal(inspect(drawn), "a\nb");
  assert.equal(inspect([drawn]), "[\n  a\n  b\n]");
  assert.deepEqual(drawn[JUPYTER_DISPLAY](), { "text/html": "<b>a</b>", "text/plain": "a\nb" });
  // Read when it is asked for, not when the picture was added.
  assert.deepEqual([rows, drawn.rows], [0, 1]);
});

test("prose is a string that is printed without quotes", () => {
  const text = prose("one\ntwo", "**one**");
  assert.equal(inspect(text), "one\ntwo");
  assert.equal(text.toUpperCase(), "ONE\nTWO");
  assert.deepEqual(text[JUPYTER_DISPLAY](), { "text/markdown": "**one**", "text/plain": "one\ntwo" });
});
