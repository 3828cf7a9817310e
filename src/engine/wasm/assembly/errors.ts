/** What forces miss: the step between the way to them and the way back. */
import { bytes } from "./numbers";

/**
 * Forces of each lane become their errors times `weight`, and `squares`, [lanes], the sums of the errors squared.
 * @param forces [count][lanes], lanes even or 1; `target` [count]
 */
export function takeErrors(lanes: i32, count: i32, forces: usize, target: usize, weight: f64, squares: usize): void {
  const end = target + bytes(count);
  const step = bytes(lanes);
  if (lanes === 1) {
    let sum: f64 = 0;
    for (let to = target; to < end; to += 8, forces += 8) {
      const error = load<f64>(forces) - load<f64>(to);
      sum += error * error;
      store<f64>(forces, weight * error);
    }
    store<f64>(squares, sum);
    return;
  }
  const weights = f64x2.splat(weight);
  for (let lane: usize = 0; lane < step; lane += 16) {
    let sum = f64x2.splat(0);
    let at = forces + lane;
    for (let to = target; to < end; to += 8, at += step) {
      const error = f64x2.sub(v128.load(at), v128.load_splat<f64>(to));
      sum = f64x2.add(sum, f64x2.mul(error, error));
      v128.store(at, f64x2.mul(weights, error));
    }
    v128.store(squares + lane, sum);
  }
}
