/** What the extension's plugins share. */
import type { IThemeManager } from "@jupyterlab/apputils";
import { Token } from "@lumino/coreutils";
import type { LiveSettings } from "./settings.ts";

/** What every view is given, wherever it is drawn. */
export interface IDrawing {
  readonly settings: LiveSettings;
  readonly themes: IThemeManager | null;
}

/** Asked for by the plugins that draw. */
export const IDrawing: Token<IDrawing> = new Token<IDrawing>("jupyterlab-qmml:IDrawing", "Settings and themes of qmml's views.");
