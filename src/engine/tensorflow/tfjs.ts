/** What qmml uses of TensorFlow.js, under its own names: a package that is installed later has no types here. */

/** An array on the device. Operations that are not eager in name (`dataSync`) return new tensors. */
export interface Tensor {
  readonly shape: readonly number[];
  add(b: Tensor): Tensor;
  sub(b: Tensor): Tensor;
  mul(b: Tensor): Tensor;
  square(): Tensor;
  tanh(): Tensor;
  /** Batched over the leading dimensions, which broadcast. */
  matMul(b: Tensor, transposeA?: boolean, transposeB?: boolean): Tensor;
  sum(axis: number, keepDims?: boolean): Tensor;
  reshape(shape: readonly number[]): Tensor;
  transpose(order: readonly number[]): Tensor;
  slice(begin: readonly number[], size: readonly number[]): Tensor;
  gather(indices: Tensor, axis?: number): Tensor;
  unsortedSegmentSum(segments: Tensor, many: number): Tensor;
  /** Waits for the device. */
  dataSync(): Float32Array;
  dispose(): void;
}

/** The module `@tensorflow/tfjs-node` or `@tensorflow/tfjs-node-gpu`. */
export interface TensorFlow {
  readonly version: Readonly<Record<string, string>>;
  tensor(values: Float32Array | Int32Array, shape: readonly number[], type?: "float32" | "int32"): Tensor;
  scalar(value: number): Tensor;
  ones(shape: readonly number[]): Tensor;
  concat(tensors: readonly Tensor[], axis: number): Tensor;
  /** Runs `work` and disposes of every tensor made in it but those returned. */
  tidy<T>(work: () => T): T;
  memory(): { readonly numTensors: number };
  /** The backend in use; Node's knows its device and its library. */
  backend(): { readonly isUsingGpuDevice: boolean; readonly binding: { readonly TF_Version: string } };
}
