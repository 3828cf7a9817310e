/**
 * What many models say of a structure, block after block of centres, a few centres at a time: fingerprints, the networks' sweeps, and
 *   p_jc = S_jc · g (pushes),  F_j -= p_j,  F_centre += p_j,  virial_bc += x_jb p_jc   for each neighbour j at x_j, g = do/dG,
 * all with models as lanes. A block's forces stand by the atoms that it reaches, so that memory does not grow with blocks and their sums can
 * be taken in one order whoever calculates them. A block's centres are neighbours in space (bins follow one another) and stand by element.
 */
// biome-ignore lint/style/useImportType: AssemblyScript knows no imports of types alone.
import { Atoms } from "./bins";
import { describeCentres } from "./fingerprints";
import { inputsAt, layers, nodesAt, preparedSize, sweep, sweepSize, width } from "./network";
import { bytes, halves, integer, number, setInteger, setNumber } from "./numbers";
import { product } from "./product";
import { functionAt, gather, live } from "./slopes";

/** Where one thread predicts. */
@unmanaged
class Bench {
  plan: usize;
  atoms: usize;
  around: usize;
  scratch: usize;
  net: usize;
  form: usize;
  prepared: usize;
  elements: i32;
  models: i32;
  /** Models, padded. */
  lanes: i32;
  /** Length of a padded fingerprint. */
  inputs: i32;
  live: i32;
  /** Centres at a time, and entries for which there is room. */
  rows: i32;
  room: i32;
  /** Of the block: its centres, how many of them are done, and the atoms that they reached. */
  centres: i32;
  done: i32;
  reached: i32;
  /** Its centres, u32, and where those of each element begin, i32 [elements + 1]. */
  centre: usize;
  kind: usize;
  /** [centres][lanes]. */
  energies: usize;
  /** How far the furthest fingerprint lies outside the range, [lanes]; then the virial, [3][3][lanes] and as much room. */
  totals: usize;
  /** The atoms that it reached, u32, and the forces on them, [reached][3][lanes]. */
  atom: usize;
  forces: usize;
  /** One more than the place of each atom among these, or 0, u32 [N]. */
  place: usize;
  /** Of a few centres: fingerprints [rows][inputs], and entries as `describeCentres` has them. */
  values: usize;
  start: usize;
  mover: usize;
  vectors: usize;
  slopes: usize;
  /** [models] sweeps of all rows. */
  sweeps: usize;
  /** Of one centre: g [inputs][lanes], the live part of it, and pushes [neighbours of one element][3][lanes]. */
  g: usize;
  liveG: usize;
  pushes: usize;
}

/** Numbers that a bench takes, for `rows` centres at a time with up to `most` neighbours each, of n atoms. */
export function predictionSize(net: usize, form: usize, models: i32, n: i32, rows: i32, most: i32): i32 {
  const elements = integer(form, 0);
  const lanes = (models + 1) & ~1;
  const inputs = width(net, 0);
  const room = rows * most;
  const header = <i32>(offsetof<Bench>() >> 3) + 2 + halves(elements + 1) + halves(n);
  // One entry more, because products of matrices read a row ahead.
  const entries = halves(room) + 3 * (room + 1) + 3 * live(form) * (room + 1);
  const centre = (inputs + live(form)) * lanes + 3 * lanes * most;
  return header + rows * inputs + halves(rows * elements + 1) + entries + models * sweepSize(net, rows) + centre;
}

/**
 * Lays a bench; its memory is zero.
 * @param prepared weights of all models and elements, [models][elements]; the others as they are named in `Bench`
 */
export function layPrediction(
  at: usize,
  plan: usize,
  atoms: usize,
  around: usize,
  scratch: usize,
  net: usize,
  form: usize,
  models: i32,
  prepared: usize,
  rows: i32,
  most: i32,
  centre: usize,
  energies: usize,
  totals: usize,
  atom: usize,
  forces: usize,
): void {
  const p = changetype<Bench>(at);
  p.plan = plan;
  p.atoms = atoms;
  p.around = around;
  p.scratch = scratch;
  p.net = net;
  p.form = form;
  p.prepared = prepared;
  p.elements = integer(form, 0);
  p.models = models;
  p.lanes = (models + 1) & ~1;
  p.inputs = width(net, 0);
  p.live = live(form);
  p.rows = rows;
  p.room = rows * most;
  p.centre = centre;
  p.energies = energies;
  p.totals = totals;
  p.atom = atom;
  p.forces = forces;
  p.values = at + ((offsetof<Bench>() + 15) & ~15);
  p.sweeps = p.values + bytes(rows * p.inputs);
  p.g = p.sweeps + bytes(models * sweepSize(net, rows));
  p.liveG = p.g + bytes(p.inputs * p.lanes);
  p.pushes = p.liveG + bytes(p.live * p.lanes);
  p.slopes = p.pushes + bytes(3 * p.lanes * most);
  p.vectors = p.slopes + bytes(3 * p.live * (p.room + 1));
  p.mover = p.vectors + bytes(3 * (p.room + 1));
  p.start = p.mover + bytes(halves(p.room));
  p.kind = p.start + bytes(halves(rows * p.elements + 1));
  p.place = p.kind + bytes(halves(p.elements + 1));
}

/** Begins with the block of the centres in places from .. end of the bins. */
export function openBlock(at: usize, from: i32, end: i32): void {
  const p = changetype<Bench>(at);
  const a = changetype<Atoms>(p.atoms);
  for (let k = 0; k < p.reached; k++) setInteger(p.place, integer(p.atom, k), 0);
  p.reached = 0;
  p.done = 0;
  p.centres = end - from;
  memory.fill(p.totals, 0, bytes(10 * p.lanes));
  let next = 0;
  for (let kind = 0; kind < p.elements; kind++) {
    setInteger(p.kind, kind, next);
    const first = integer(a.kind, kind);
    const last = integer(a.kind, kind + 1);
    for (let place = from; place < end; place++) {
      const rank = integer(a.rank, place);
      if (rank >= first && rank < last) setInteger(p.centre, next++, integer(a.atom, rank));
    }
  }
  setInteger(p.kind, p.elements, next);
}

/** Takes the next few centres of the block; returns how many are left then, or -1 if two atoms are in one place. */
export function predictSome(at: usize): i32 {
  const p = changetype<Bench>(at);
  const count = min(p.rows, p.centres - p.done);
  const step = (<usize>p.elements) << 2;
  for (let r = 0; r < count; r++) {
    const i = integer(p.centre, p.done + r);
    const entries = integer(p.start, r * p.elements);
    const next = describeCentres(
      p.plan,
      p.atoms,
      p.around,
      p.scratch,
      false,
      i,
      i + 1,
      p.room - entries,
      p.values + bytes(r * p.inputs),
      p.start + step * r,
      p.mover + ((<usize>entries) << 2),
      p.vectors + bytes(3 * entries),
      p.slopes + bytes(3 * p.live * entries),
    );
    if (next < 0) return -1;
  }
  for (let kind = 0; kind < p.elements; kind++) {
    const first = max(0, integer(p.kind, kind) - p.done);
    const end = min(count, integer(p.kind, kind + 1) - p.done);
    if (first >= end) continue;
    for (let m = 0; m < p.models; m++) sweepModel(p, m, kind, first, end - first);
    for (let r = first; r < end; r++) addForces(p, kind, r);
  }
  p.done += count;
  return p.centres - p.done;
}

/** How many atoms the block has reached. */
export function atomsReached(at: usize): i32 {
  return changetype<Bench>(at).reached;
}

/** The sweep of one model for rows of one element. */
function sweepModel(p: Bench, m: i32, kind: i32, first: i32, count: i32): void {
  const net = p.net;
  const rows = p.rows;
  const prepared = preparedAt(p, m, kind);
  const to = p.sweeps + bytes(m * sweepSize(net, rows));
  sweep(net, prepared, p.values, to, rows, first, count);
  const q = width(net, layers(net));
  const outputs = to + bytes(nodesAt(net, rows, layers(net)));
  let furthest = number(p.totals, m);
  for (let r = first; r < first + count; r++) {
    setNumber(p.energies, (p.done + r) * p.lanes + m, number(outputs, r * q));
    furthest = max(furthest, novelty(p.values + bytes(r * p.inputs), prepared, p.inputs));
  }
  setNumber(p.totals, m, furthest);
}

/** How far the furthest function lies outside the range, in half-ranges; in its own units where there is no range. */
function novelty(values: usize, factors: usize, inputs: i32): f64 {
  const middles = bytes(inputs);
  const zero = f64x2.splat(0);
  let furthest = zero;
  for (const end = values + bytes(inputs); values < end; values += 16, factors += 16) {
    const factor = v128.load(factors);
    const away = f64x2.abs(f64x2.sub(v128.load(values), v128.load(factors + middles)));
    const outside = f64x2.sub(f64x2.mul(away, factor), f64x2.splat(1));
    furthest = f64x2.max(furthest, v128.bitselect(outside, away, f64x2.gt(factor, zero)));
  }
  return max(f64x2.extract_lane(furthest, 0), f64x2.extract_lane(furthest, 1));
}

/** Adds what the centre of a row does to the forces and the virial. */
function addForces(p: Bench, kind: i32, r: i32): void {
  const net = p.net;
  const lanes = p.lanes;
  const row = bytes(lanes);
  const stepG = bytes(sweepSize(net, p.rows));
  const byInputs = p.sweeps + bytes(inputsAt(net, p.rows) + r * p.inputs);
  const stepFactors = bytes(p.elements * preparedSize(net));
  gather(p.models, byInputs, stepG, preparedAt(p, 0, kind), stepFactors, p.inputs, p.g);
  const mine = forcesOn(p, integer(p.centre, p.done + r));
  const virial = p.totals + row;
  for (let z = 0; z < p.elements; z++) {
    const begin = integer(p.start, r * p.elements + z);
    const end = integer(p.start, r * p.elements + z + 1);
    if (begin === end) continue;
    for (let l = 0; l < p.live; l++) memory.copy(p.liveG + row * l, p.g + row * functionAt(p.form, z, l), row);
    const slopes = p.slopes + bytes(3 * p.live * begin);
    product(3 * (end - begin), lanes, p.live, slopes, bytes(p.live), 8, p.liveG, row, 0, 0, p.pushes, row);
    product(3, 3 * lanes, end - begin, p.vectors + bytes(3 * begin), 8, 24, p.pushes, 3 * row, virial, 3 * row, virial, 3 * row);
    let push = p.pushes;
    for (let e = begin; e < end; e++) {
      let to = forcesOn(p, integer(p.mover, e));
      let own = mine;
      for (const last = push + 3 * row; push < last; push += 16, to += 16, own += 16) {
        const x = v128.load(push);
        v128.store(to, f64x2.sub(v128.load(to), x));
        v128.store(own, f64x2.add(v128.load(own), x));
      }
    }
  }
}

/** Where the forces on an atom stand; zeros if it was not reached before. */
function forcesOn(p: Bench, atom: i32): usize {
  const row = bytes(3 * p.lanes);
  let place = integer(p.place, atom);
  if (place === 0) {
    setInteger(p.atom, p.reached, atom);
    memory.fill(p.forces + row * p.reached, 0, row);
    place = ++p.reached;
    setInteger(p.place, atom, place);
  }
  return p.forces + row * (place - 1);
}

function preparedAt(p: Bench, m: i32, kind: i32): usize {
  return p.prepared + bytes((m * p.elements + kind) * preparedSize(p.net));
}
