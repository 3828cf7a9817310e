/**
 * The plugins: qmml's MIME types get a renderer, in every notebook one that knows the notebook's kernel and so can follow a running study,
 * elsewhere one that draws the snapshot; commands; documents. Views and their libraries are loaded when the first is drawn.
 */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application";
import { type ISessionContext, IThemeManager } from "@jupyterlab/apputils";
import type { DocumentRegistry } from "@jupyterlab/docregistry";
import { IRenderMimeRegistry } from "@jupyterlab/rendermime";
import type { IRenderMime } from "@jupyterlab/rendermime-interfaces";
import { ISettingRegistry } from "@jupyterlab/settingregistry";
import { ITranslator } from "@jupyterlab/translation";
import type { Widget } from "@lumino/widgets";
import { commands } from "./commands.ts";
import { documents } from "./documents.ts";
import { mimeTypeOf, VIEWS } from "./mimeTypes.ts";
import { ViewRenderer } from "./renderer.ts";
import { liveSettings, settingsFrom } from "./settings.ts";
import { IDrawing } from "./tokens.ts";
import { speak } from "./words.ts";

/** Also the name of `schema/plugin.json`. */
const ID = "jupyterlab-qmml:plugin";

/** Before JupyterLab's own renderers: a bundle also has an SVG and a plotly figure, for those who know no better. */
const RANK = 0;

/** What is drawn from data alone needs no trust. */
const SAFE = true;

const plugin: JupyterFrontEndPlugin<IDrawing> = {
  id: ID,
  description: "Draws qmml's studies, live.",
  autoStart: true,
  provides: IDrawing,
  requires: [IRenderMimeRegistry],
  optional: [IThemeManager, ISettingRegistry, ITranslator],
  activate(
    app: JupyterFrontEnd,
    rendermime: IRenderMimeRegistry,
    themes: IThemeManager | null,
    registry: ISettingRegistry | null,
    translator: ITranslator | null,
  ): IDrawing {
    speak(translator);
    const drawing: IDrawing = { settings: liveSettings(), themes };
    register(rendermime, drawing, null);
    app.docRegistry.addWidgetExtension("Notebook", {
      createNew(panel: Widget, context: DocumentRegistry.Context): void {
        const own = (panel as Partial<NotebookPanel>).content?.rendermime;
        if (own) register(own, drawing, context.sessionContext);
      },
    });
    registry?.load(ID).then(
      (written) => {
        const take = (): void => drawing.settings.set(settingsFrom(written.composite));
        written.changed.connect(take);
        take();
      },
      // Views are drawn without: the settings are then those that nobody changed.
      (error: unknown) => console.warn(`the settings of ${ID} cannot be read: ${String(error)}`),
    );
    return drawing;
  },
};

const plugins: readonly JupyterFrontEndPlugin<unknown>[] = [plugin, commands, documents];

export default plugins;

/** What is needed of @jupyterlab/notebook's panel. */
interface NotebookPanel {
  readonly content: { readonly rendermime: IRenderMimeRegistry };
}

/** @param session the kernel of the notebook whose outputs these are; null: there is none to ask */
function register(rendermime: IRenderMimeRegistry, drawing: IDrawing, session: ISessionContext | null): void {
  for (const view of VIEWS) {
    const factory: IRenderMime.IRendererFactory = {
      safe: SAFE,
      mimeTypes: [mimeTypeOf(view)],
      createRenderer: () => new ViewRenderer(view, drawing, session),
    };
    rendermime.addFactory(factory, RANK);
  }
}
