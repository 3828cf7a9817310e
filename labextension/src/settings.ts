/** The reader's settings: what JupyterLab's settings editor holds of `schema/plugin.json`, checked, and always the latest. */

/** By what atoms are coloured. */
export type Colouring = "element" | "role" | "force" | "force error" | "uncertainty";

/** Colours of numbers on atoms; both are legible to the colour-blind and in grey. */
export type Palette = "viridis" | "cividis";

/** Colours of exported figures: those of the page, or always those of one theme. */
export type ExportTheme = "page" | "light" | "dark";

/** Settings of the views. */
export interface Settings {
  /** By what atoms are coloured at first. */
  readonly colouring: Colouring;
  readonly palette: Palette;
  /** Of the stage that atoms stand on, pixels. */
  readonly stageHeight: number;
  /** Of a relaxation that is played. */
  readonly framesPerSecond: number;
  /** Drawings a second of a study that runs. */
  readonly updatesPerSecond: number;
  readonly exportTheme: ExportTheme;
}

/** Values of each setting that is a choice; the first is the default. */
export const CHOICES: { readonly [K in "colouring" | "palette" | "exportTheme"]: readonly Settings[K][] } = {
  colouring: ["element", "role", "force", "force error", "uncertainty"],
  palette: ["viridis", "cividis"],
  exportTheme: ["page", "light", "dark"],
};

/** Least, default and largest value of each setting that is a number. */
export const RANGES: { readonly [K in "stageHeight" | "framesPerSecond" | "updatesPerSecond"]: readonly [number, number, number] } = {
  stageHeight: [160, 340, 1200],
  framesPerSecond: [1, 10, 60],
  updatesPerSecond: [1, 10, 10],
};

/** What somebody wrote into the settings; a value that is none counts as not written. */
export function settingsFrom(written: Readonly<Record<string, unknown>>): Settings {
  const choices = Object.entries(CHOICES).map(([name, values]) => [name, values.find((v) => v === written[name]) ?? values[0]]);
  const numbers = Object.entries(RANGES).map(([name, [least, usual, most]]) => {
    const value = written[name];
    return [name, typeof value === "number" && Number.isFinite(value) ? Math.min(most, Math.max(least, value)) : usual];
  });
  return Object.fromEntries([...choices, ...numbers]) as Settings;
}

/** Settings that can change, and those who want to know. */
export interface LiveSettings {
  readonly now: Settings;
  set(settings: Settings): void;
  /** @returns ends the watching */
  watch(changed: () => void): () => void;
}

/** Settings as they are when nobody wrote any, until they are set. */
export function liveSettings(): LiveSettings {
  let now = settingsFrom({});
  const watchers = new Set<() => void>();
  return {
    get now() {
      return now;
    },
    set: (settings) => {
      now = settings;
      for (const changed of watchers) changed();
    },
    watch: (changed) => {
      watchers.add(changed);
      return () => watchers.delete(changed);
    },
  };
}
