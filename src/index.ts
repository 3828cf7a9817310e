/** qmml: QM/ML hybrid calculations. What a notebook or a program needs, by rooms, in the order in which a calculation passes through them. */

// units
export { BOHR, GPA_PER_EV_A3 } from "./units.ts";

// linalg
export { type RankCorrelation, type RankOptions, rankCorrelation } from "./linalg/rankCorrelation.ts";

// structure
export { type AdsorbateOptions, addAdsorbate } from "./structure/adsorbate.ts";
export { bonds, molecules } from "./structure/bonds.ts";
export { type BulkOptions, bulk } from "./structure/bulk.ts";
export { type FattyAcidOptions, fattyAcid } from "./structure/fattyAcid.ts";
export { fcc100, fcc110, fcc111, type SurfaceOptions } from "./structure/fcc-surfaces.ts";
export { rattle } from "./structure/rattle.ts";
export { atoms, type Bonded, bonded, type Region, select, type Within, within } from "./structure/regions.ts";
export { repeat } from "./structure/repeat.ts";
export { strain } from "./structure/strain.ts";
export {
  formula,
  joined,
  type Pbc,
  type Structure,
  type StructureInput,
  size,
  structure,
  subset,
  symbols,
  withPositions,
} from "./structure/structure.ts";
export { superposedRmsd } from "./structure/superpose.ts";
export { turned } from "./structure/turned.ts";

// io
export { formatExtxyz, parseExtxyz } from "./io/extxyz.ts";
export { readFrames, writeFrames } from "./io/files.ts";
export type { Frame } from "./io/frame.ts";

// calculators
export type { Calculator, EngineSpec, Property, Result } from "./calculators/calculator.ts";
export { type CheckOptions, type CheckReport, checkCalculator } from "./calculators/check.ts";
export { committee } from "./calculators/committee.ts";
export { type EmtOptions, emt } from "./calculators/emt.ts";
export { rescaled } from "./calculators/rescaled.ts";

// descriptors
export { type AtomPoints, atomPoints, furthestAtom } from "./descriptors/distance.ts";
export type { Fingerprints, FingerprintValues } from "./descriptors/fingerprints.ts";
export { rangeOf, type Scaling } from "./descriptors/scaling.ts";
export { type DescriptorSettings, defaultDescriptors } from "./descriptors/settings.ts";
export { descriptorsFrom } from "./descriptors/settingsFile.ts";

// engine
export { fingerprints } from "./engine/wasm/fingerprints.ts";

// ensemble
export type { Tolerance, TrainingImage } from "./ensemble/loss.ts";
export { type Architecture, drawModel, type Model } from "./ensemble/model.ts";
export { formatModel, type ModelFile, parseModel } from "./ensemble/modelFile.ts";
export { enginePredict as predict } from "./ensemble/enginePredict.ts";
export type { Prediction } from "./ensemble/predict.ts";
export { type Training, type TrainingOptions, train, trainAll } from "./ensemble/train.ts";
export type { Trainer } from "./ensemble/trainer.ts";

// hybrid
export { type CarveOptions, type Cluster, carve, cut, imageGap, roles } from "./hybrid/carve.ts";
export type { LinkAtom } from "./hybrid/links.ts";
export { subtractive } from "./hybrid/subtractive.ts";

// optimize
export { type BfgsOptions, type BfgsState, bfgsInit, bfgsStep } from "./optimize/bfgs.ts";
export { type EquationOfState, equationOfState, type LatticePoint } from "./optimize/equationOfState.ts";
export { type Lattice, type LatticeOptions, lattice } from "./optimize/lattice.ts";
export { fmax, type RelaxOptions, type RelaxStep, relax } from "./optimize/relax.ts";

// qm
export { aseCalculator } from "./qm/aseEngine.ts";
export { type Abilities, type EngineDescription, type EngineOptions, type QmEngine, type Retry, Unconverged } from "./qm/engine.ts";
export { checkedSpec, ENGINES, withState } from "./qm/engines.ts";
export { type GpawOptions, gpaw } from "./qm/gpaw.ts";
export { type QmImage, type QmService, settingsOf } from "./qm/image.ts";
export { type IpiOptions, ipi } from "./qm/ipi/engine.ts";
export { type PyscfOptions, pyscf } from "./qm/pyscf.ts";
export { gfn1Xtb, gfn2Xtb, type XtbOptions } from "./qm/xtb.ts";

// study
export {
  type BufferCall,
  type BufferRow,
  type BufferSearch,
  type BufferSearchOptions,
  type BufferSize,
  bufferName,
  bufferSearch,
  growingBuffers,
} from "./study/bufferSearch.ts";
export type { EventKind, Happening, Payloads, Scheme, StudyEvent } from "./study/events.ts";
export { makeFolder, openStudy, readStudy, studyOf } from "./study/folder.ts";
export { launch } from "./study/launch.ts";
export type { LearningScheme, LearntImage } from "./study/learnt.ts";
export { plan } from "./study/plan.ts";
export type { Resources } from "./study/run.ts";
export { parseStudy, type Study, type StudyFile, type StudyInput } from "./study/studyFile.ts";

// history
export { arrowTables, type History, history } from "./history/history.ts";
export type { PathImageInput, PathInput, PathMethod } from "./history/path.ts";
export { mean, median } from "./history/spread.ts";
export { type Summary, summarize } from "./history/summary.ts";
export { type Verdict, verdictOf } from "./history/verdict.ts";

// display
export type { Axis, Chart, Hue, Mark, Panel } from "./display/chart.ts";
export { costBundle } from "./display/cost.ts";
export { band, bars, dots, type FigureInput, levels, line, type PanelInput, panel, rule } from "./display/figure.ts";
export type { Datum } from "./display/figureTable.ts";
export { allAtLeast, allAtMost, atLeast, atMost, type Finding } from "./display/findings.ts";
export { report } from "./display/report.ts";
export { studyBundle, studyTable } from "./display/study.ts";
export { trainingBundle } from "./display/training.ts";
export { trajectoryBundle } from "./display/trajectory.ts";

// notebook
export { type ComparedRow, type Comparison, type ComparisonLook, comparison } from "./notebook/comparison.ts";
export { controlStudy } from "./notebook/control.ts";
export { type FeedAnswer, type FeedOptions, type FeedReader, studyFeed } from "./notebook/feed.ts";
export { type Figure, type Findings, figure, findings } from "./notebook/figure.ts";
export {
  calculator,
  committeeCalculator,
  emtCalculator,
  modelCalculator,
  openEngine,
  qmService,
  runStudy,
  trainer,
  watch,
} from "./notebook/inCell.ts";
export { pathBundle } from "./notebook/path.ts";
export type { Prose } from "./notebook/prose.ts";
export { type StudyHandle, type StudyOptions, type StudyStatus, type StudyView, study } from "./notebook/study.ts";
