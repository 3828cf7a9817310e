/** Loss on energies and forces and its gradient, ten members on cu20: the work that training consists of. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ARCHITECTURE, drawnModels, plain, TOLERANCE, trainingImages } from "./harness/cu20.ts";
import { boundLoss, hasTensorflow } from "./harness/engine.ts";
import { type Figure, OURS } from "./harness/figures.ts";
import { type Contender, compete, fastest } from "./harness/measure.ts";
import { shares } from "./harness/shares.ts";
import type { Workload } from "./harness/workload.ts";

const TASK = "loss gradient, ten members, 20 images";
/** s on one and two threads, issue 6. */
const BARS = [0.0035, 0.0019];
/** What sums of 4e4 products in another order may differ by, relative to the largest. */
const ROUNDING = 1e-10;

interface Facts {
  readonly energies: number[][];
  readonly forces: number[][];
  readonly answers: Record<string, { readonly loss: number[]; readonly gradient: number[][] }>;
}

export const workload: Workload = {
  name: "cu20-gradient",
  title: "Loss gradient of ten members on cu20",
  peers: ["PyTorch f64", "PyTorch f32"],
  async run(bench) {
    const images = trainingImages();
    const models = drawnModels(images);
    const loss = boundLoss(ARCHITECTURE, images, TOLERANCE);
    const gradients = models.map(() => new Float64Array(loss.size));
    const evaluate = (): number[] => {
      for (const g of gradients) g.fill(0);
      return loss.evaluateAll(models, gradients).map((error) => error.loss);
    };
    const path = join(bench.scratch, "models.json");
    writeFileSync(path, JSON.stringify({ models: plain(models), tolerance: TOLERANCE }));
    const torch = await bench.peer("cu20_gradient.py", [path]);
    const checks: string[] = [];
    const others: Contender[] = [];
    if (torch) {
      const { energies, forces, answers } = torch.facts as unknown as Facts;
      const losses = evaluate();
      const found = models.map((model) => images.map((image, k) => ({ image, residuals: loss.residuals(model, k) })));
      const ours = found.map((member) =>
        member.map(({ image, residuals }) => residuals[0] * image.fingerprints.kinds.length * TOLERANCE.energy + image.energy),
      );
      const pushes = found.map((member) =>
        member.flatMap(({ image, residuals }) => {
          const scale = TOLERANCE.force * Math.sqrt(image.forces.length);
          return Array.from(image.forces, (f, c) => f + scale * residuals[1 + c]);
        }),
      );
      const { loss: theirs, gradient } = answers["f64 by hand 1"];
      for (const [name, mine, other] of [
        ["energies", ours.flat(), energies.flat()],
        ["forces", pushes.flat(), forces.flat()],
        ["losses", losses, theirs],
        ["gradients", gradients.flatMap((g) => [...g]), gradient.flat()],
      ] as const) {
        const largest = Math.max(...other.map(Math.abs));
        const off = Math.max(...other.map((x, k) => Math.abs(x - mine[k]))) / largest;
        if (!(off < ROUNDING)) throw new Error(`${name} of PyTorch and ours differ by ${off} of the largest: not the same task`);
        checks.push(`${name} agree with PyTorch's to ${off.toExponential(0)} of the largest`);
      }
      for (const precision of ["f64", "f32"]) {
        for (const threads of [1, 2]) {
          const ways = ["by hand", "by autograd"].map((way) =>
            torch.contender(`${precision} ${way} ${threads}`, threads, `PyTorch ${precision}, ${way}`),
          );
          others.push(await fastest(ways));
        }
      }
    }
    if (hasTensorflow()) {
      const own = boundLoss(ARCHITECTURE, images, TOLERANCE, "tensorflow");
      others.push(bench.ours("qmml, TensorFlow engine, f32", bench.cores, () => own.evaluateAll(models, gradients)));
    }
    const effort = { rounds: bench.quick ? 3 : 25, slice: 0.05 };
    const threads = shares(2);
    const ours = [bench.ours(OURS, 1, evaluate), threads.contender("gradient")];
    const figures: Figure[] = await compete(TASK, [...ours, ...others], effort).finally(() => threads.close());
    return { figures: figures.map((f) => (f.who === OURS ? { ...f, bar: BARS[(f.threads ?? 1) - 1] } : f)), checks };
  },
};
