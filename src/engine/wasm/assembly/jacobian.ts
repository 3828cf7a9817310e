/**
 * Derivatives of an image's forces by the weights, row by row. What an atom that moves does to the energy of a centre i bends with the
 * weights as t·∇o does, t = dx_i/dr, so a row of the Jacobian is a sum over the centres that feel it, which `tangents.ts` takes for the
 * three rows of one mover and the centres of one element at a time.
 */
import { matrixAt, preparedSize, width } from "./network";
import { bytes, halves, integer, setInteger } from "./numbers";
import { functionAt, live, liveWidth } from "./slopes";
import { addRowsOfMover, tangentWork } from "./tangents";

/** Numbers that `addForceRows` works in, for centres with so many entries together. */
export function jacobianWork(net: usize, form: usize, rows: i32, entries: i32): i32 {
  const elements = integer(form, 0);
  const matrices = elements * elements * liveWidth(form) * width(net, 1);
  return 2 * halves(rows + 1) + entries + matrices + tangentWork(net, form, rows);
}

/**
 * Adds to the rows of J, [3 per atom][size], what moving atoms do by way of the centres first .. end.
 * @param kinds of each element first row and number of rows
 * @param prepared weights of a model, element by element; `from` its sweep at all rows
 * @param place the atom of each row
 * @param scale of the forces
 * @param size numbers in a row of J; `block` those of an element
 */
export function addForceRows(
  net: usize,
  form: usize,
  kinds: usize,
  prepared: usize,
  from: usize,
  rows: i32,
  first: i32,
  end: i32,
  start: usize,
  atom: usize,
  slopes: usize,
  own: usize,
  place: usize,
  scale: f64,
  j: usize,
  size: i32,
  block: i32,
  work: usize,
): void {
  const elements = integer(form, 0);
  const matrix = liveWidth(form) * width(net, 1);
  const felt = work + bytes(2 * halves(rows + 1));
  const matrices = felt + bytes(integer(start, end * elements) - integer(start, first * elements));
  const rest = matrices + bytes(elements * elements * matrix);
  transpose(rows, first, end, elements, start, atom, work, felt);
  for (let kind = 0; kind < elements; kind++) {
    for (let z = 0; z < elements; z++)
      liveMatrix(net, form, prepared + bytes(kind * preparedSize(net)), z, matrices + bytes((kind * elements + z) * matrix));
  }
  for (let z = 0; z < elements; z++) {
    const firstMover = integer(kinds, 2 * z);
    for (let mover = firstMover; mover < firstMover + integer(kinds, 2 * z + 1); mover++) {
      let pair = integer(work, mover);
      const lastPair = integer(work, mover + 1);
      for (let kind = 0; kind < elements; kind++) {
        const beyond = integer(kinds, 2 * kind) + integer(kinds, 2 * kind + 1);
        const begin = pair;
        while (pair < lastPair && integer(felt, 2 * pair) < beyond) pair++;
        const itself = kind === z && mover >= first && mover < end ? mover : -1;
        if (pair === begin && itself < 0) continue;
        const weights = prepared + bytes(kind * preparedSize(net));
        const out = j + bytes(3 * integer(place, mover) * size + kind * block);
        const fromLive = matrices + bytes((kind * elements + z) * matrix);
        addRowsOfMover(
          net,
          form,
          weights,
          fromLive,
          z,
          from,
          rows,
          felt + bytes(begin),
          pair - begin,
          itself,
          slopes,
          own,
          scale,
          out,
          size,
          rest,
        );
      }
    }
  }
}

/**
 * Whom each row moves: `felt` gets pairs of centre and entry, those of a row from `begin` on, centres ascending.
 * `begin` has room for two tables.
 */
function transpose(rows: i32, first: i32, end: i32, elements: i32, start: usize, atom: usize, begin: usize, felt: usize): void {
  const next = begin + bytes(halves(rows + 1));
  memory.fill(begin, 0, bytes(halves(rows + 1)));
  const last = integer(start, end * elements);
  for (let e = integer(start, first * elements); e < last; e++) {
    const to = integer(atom, e) + 1;
    setInteger(begin, to, integer(begin, to) + 1);
  }
  for (let r = 0; r < rows; r++) setInteger(begin, r + 1, integer(begin, r) + integer(begin, r + 1));
  memory.copy(next, begin, bytes(halves(rows + 1)));
  for (let i = first; i < end; i++) {
    for (let e = integer(start, i * elements); e < integer(start, (i + 1) * elements); e++) {
      const mover = integer(atom, e);
      const to = integer(next, mover);
      setInteger(felt, 2 * to, i);
      setInteger(felt, 2 * to + 1, e);
      setInteger(next, mover, to + 1);
    }
  }
}

/** The rows of a network's first matrix that movers of element z reach. */
function liveMatrix(net: usize, form: usize, prepared: usize, z: i32, out: usize): void {
  const row = bytes(width(net, 1));
  const matrix = prepared + bytes(matrixAt(net, 1));
  for (let l = 0; l < live(form); l++) memory.copy(out + row * l, matrix + row * functionAt(form, z, l), row);
}
